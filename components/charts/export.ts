import type { useBoard } from '../board/context.tsx';
import { date, day, moment } from '../board/format.ts';
import type { TableRow } from './sorting.ts';

/** A cell that begins like a formula would be run by a spreadsheet; a leading quote keeps it text. */
const cell = (value: string | number | null): string => {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};

function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function csvOf(columns: string[], rows: TableRow[]): Blob {
  const text = [columns, ...rows].map((row) => row.map(cell).join(',')).join('\n');
  return new Blob([`${text}\n`], { type: 'text/csv' });
}

/** The numbers of a chart as a file. */
export const keepCsv = (id: string, columns: string[], rows: TableRow[]): void =>
  download(`${id}.csv`, csvOf(columns, rows));

type Board = ReturnType<typeof useBoard> | null;

/** What a picture must say once it is away from the screen: of what, from when to when, by which clock, made when. */
function sourceOf(context: Board): string {
  if (!context?.panel) return 'Plumbline';
  const { panel, board, selection } = context;
  const zone = selection.tz ?? board.workspace.timezone;
  const of = panel.version === null ? panel.model.name : `${panel.model.name} v${panel.version}`;
  const period = `${day(panel.from, zone)} to ${date(new Date(Date.parse(panel.to) - 1), zone)}`;
  return `${of} · ${period} · times in ${zone} · Plumbline, ${moment(board.now, zone)}`;
}

/** The chart as a picture, over a line that says where it comes from. */
export const keepPng = async (id: string, figure: HTMLElement, context: Board): Promise<void> =>
  download(`${id}.png`, await chartPng(figure, sourceOf(context)));

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
async function chartPng(figure: HTMLElement, source: string): Promise<Blob> {
  const { width, height } = figure.getBoundingClientRect();
  const copy = figure.cloneNode(true) as HTMLElement;
  copyLooks(figure, copy);
  for (const control of copy.querySelectorAll('button:not([data-cell]), select, fieldset')) {
    // What a control holds has been given its looks one by one, and would stay without it.
    for (const part of [control, ...control.querySelectorAll('*')]) (part as HTMLElement).style.visibility = 'hidden';
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
