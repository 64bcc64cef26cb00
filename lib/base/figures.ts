/** Between groups of digits, and a figure and its sign: narrow, and never the end of a line. */
export const NARROW = '\u202f';

/** A number that is written out, its whole part in groups of three digits. */
export function grouped(text: string): string {
  const [whole = '', rest] = text.split('.');
  const spaced = whole.replace(/\B(?=(\d{3})+(?!\d))/g, NARROW);
  return rest === undefined ? spaced : `${spaced}.${rest}`;
}

/** Significant digits that tell any two doubles apart. */
const ALL_DIGITS = 17;
/** Numbers from 10^21 on, and below 10^-20, are written by their power of ten. */
const WRITTEN_OUT = { from: -20, to: 20 };

/**
 * A number rounded to significant digits and written out in decimals, without trailing zeros; zero has no sign.
 * @param digits 1 to 17
 * @param shift powers of ten it is multiplied by, on its digits: 2 for per cent. A product of doubles would be rounded once more.
 */
export function significant(value: number, digits: number, shift = 0): string {
  if (value === 0) return '0';
  const read = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential(digits - 1));
  if (!read) return String(value);
  const [, sign = '', first = '', more = '', power = ''] = read;
  const all = `${first}${more}`.replace(/0+$/, '');
  const exponent = Number(power) + shift;
  if (exponent < WRITTEN_OUT.from || exponent > WRITTEN_OUT.to)
    return `${sign}${all[0]}${all.length > 1 ? `.${all.slice(1)}` : ''}e${exponent < 0 ? '' : '+'}${exponent}`;
  if (exponent < 0) return `${sign}0.${'0'.repeat(-exponent - 1)}${all}`;
  const whole = all.slice(0, exponent + 1).padEnd(exponent + 1, '0');
  return `${sign}${whole}${all.length > exponent + 1 ? `.${all.slice(exponent + 1)}` : ''}`;
}

const digitsOf = (text: string): number => text.replace(/\D/g, '').replace(/^0+/, '').length;

/** Whether different figures have different texts. Those that are not numbers are not told apart. */
function areApart(figures: readonly number[], texts: readonly string[]): boolean {
  const said = new Map<string, number>();
  return figures.every((figure, i) => {
    const other = said.get(texts[i]!) ?? figure;
    said.set(texts[i]!, figure);
    return other === figure || !Number.isFinite(figure) || !Number.isFinite(other);
  });
}

/**
 * Figures that are read against each other, such as a value beside its limits: as they are usually written, and with the fewest
 * more digits that are needed where two that differ would read alike. Else "90 %, over its limit of 90 %" is what people get to see.
 * @param write a figure as usual, or with this many significant digits (by `significant`)
 */
export function apart(figures: readonly number[], write: (figure: number, digits?: number) => string): string[] {
  const usual = figures.map((figure) => write(figure));
  if (areApart(figures, usual)) return usual;
  for (let digits = Math.max(...usual.map(digitsOf)) + 1; digits < ALL_DIGITS; digits += 1) {
    const texts = figures.map((figure) => write(figure, digits));
    if (areApart(figures, texts)) return texts;
  }
  return figures.map((figure) => write(figure, ALL_DIGITS));
}
