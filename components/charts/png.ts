/** Sharp on a dense screen and in a slide. */
const SCALE = 2;
/** The room of the line under the picture. */
const SOURCE_PX = 20;
const SOURCE_INSET_PX = 12;
/** What of a computed style decides how a copied element looks; the rest would only make the picture heavy. */
const LOOKS = [
  'align-items',
  'background-color',
  'border-bottom',
  'border-left',
  'border-radius',
  'border-right',
  'border-top',
  'box-sizing',
  'color',
  'column-gap',
  'display',
  'fill',
  'fill-opacity',
  'flex',
  'flex-direction',
  'flex-wrap',
  'font-family',
  'font-size',
  'font-weight',
  'grid-column',
  'grid-row',
  'grid-template-columns',
  'grid-template-rows',
  'height',
  'inset',
  'justify-content',
  'line-height',
  'margin',
  'min-height',
  'min-width',
  'opacity',
  'overflow',
  'padding',
  'position',
  'row-gap',
  'stroke',
  'stroke-dasharray',
  'stroke-linejoin',
  'stroke-width',
  'text-align',
  'text-anchor',
  'text-overflow',
  'transform',
  'visibility',
  'white-space',
  'width',
] as const;

function copyLooks(from: Element, to: Element): void {
  const [held, style] = [getComputedStyle(from), (to as HTMLElement | SVGElement).style];
  for (const property of LOOKS) style.setProperty(property, held.getPropertyValue(property));
  // A picture does not scroll.
  if (/auto|scroll/.test(held.overflow)) style.setProperty('overflow', 'hidden');
  [...from.children].forEach((child, i) => {
    const copy = to.children[i];
    if (copy) copyLooks(child, copy);
  });
}

/**
 * A picture of a chart with its title and sentence, as it stands on the screen and without its buttons, over a line that says where it comes from: the element is
 * copied with its computed styles into an SVG `foreignObject` and drawn on a canvas. Nothing is fetched.
 */
export async function chartPng(figure: HTMLElement, source: string): Promise<Blob> {
  const { width, height } = figure.getBoundingClientRect();
  const copy = figure.cloneNode(true) as HTMLElement;
  copyLooks(figure, copy);
  for (const button of copy.querySelectorAll('button:not([data-cell]), select')) {
    // What a button holds has been given its looks one by one, and would stay without it.
    for (const part of [button, ...button.querySelectorAll('*')]) (part as HTMLElement).style.visibility = 'hidden';
  }
  copy.setAttribute('xmlns', 'http://www.w3.org/1999/xhtml');
  const markup = new XMLSerializer().serializeToString(copy);
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><foreignObject width="100%" height="100%">${markup}</foreignObject></svg>`;
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  await image.decode();
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [width * SCALE, (height + SOURCE_PX) * SCALE];
  const context = canvas.getContext('2d');
  if (!context) throw new Error('This browser does not draw pictures.');
  context.scale(SCALE, SCALE);
  const { backgroundColor, fontFamily } = getComputedStyle(figure);
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, width, height + SOURCE_PX);
  context.drawImage(image, 0, 0);
  context.fillStyle = getComputedStyle(figure).getPropertyValue('--muted');
  context.font = `11px ${fontFamily}`;
  context.fillText(source, SOURCE_INSET_PX, height + SOURCE_PX - SOURCE_INSET_PX / 2, width - 2 * SOURCE_INSET_PX);
  return new Promise((done, fail) => {
    canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error('The picture could not be made.'))), 'image/png');
  });
}
