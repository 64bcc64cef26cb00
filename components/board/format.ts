import { apart, grouped, NARROW, significant } from '../../lib/base/figures.ts';
import { DAY_MS, HOUR_MS } from '../../lib/base/time.ts';
import type { Lens } from '../../lib/board/glossary.ts';
import { isShare } from '../../lib/kpis/rules/units.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** A number with at most `digits` significant ones, never NaN, -0 or 0.30000000000000004. */
export function number(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return 'no value';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (Number.isInteger(value)) return `${value < 0 ? '−' : ''}${grouped(String(size))}`;
  if (size < 0.001) return value < 0 ? '> −0.001' : '< 0.001';
  const places = Math.max(0, Math.min(6, digits - 1 - Math.floor(Math.log10(size))));
  // A limit of 0.25 is written as it was set, not as 0.250.
  return `${value < 0 ? '−' : ''}${grouped(plain(size.toFixed(places)))}`;
}

const plain = (text: string): string => (text.includes('.') ? text.replace(/\.?0+$/, '') : text);

/** A difference: its sign is always said. */
export const signed = (value: number, digits = 3): string => `${value > 0 ? '+' : ''}${number(value, digits)}`;

export const count = (value: number): string => grouped(String(Math.round(value)));
const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'] as const;
/** How much a file weighs, in powers of a thousand. */
export function bytes(size: number): string {
  const rounded = Number(size.toPrecision(3));
  const power = rounded < 1000 ? 0 : Math.min(SIZES.length - 1, Math.floor(Math.log10(rounded) / 3));
  return `${number(rounded / 1000 ** power)}${NARROW}${SIZES[power]}`;
}

/** What is rounded to nothing has no sign. */
export function percent(share: number, places = 1): string {
  const text = plain(Math.abs(share * 100).toFixed(places));
  return `${share < 0 && text !== '0' ? '−' : ''}${text}${NARROW}%`;
}

const BARE = new Set(['score', 'psi', 'index', 'none', '1', 'number', 'value']);
const DIGITS = { product: 3, data: 3, ops: 4 } as const satisfies Record<Lens, number>;

/** A number with just so many significant digits, however small; `shift` as in `significant`. */
const precise = (value: number, digits: number, shift = 0): string =>
  grouped(significant(value, digits, shift)).replace('-', '−');

/** One fact in the number style of the lens; the fact itself is the same in all three. */
export function amount(value: number | null, unit: string, lens: Lens): string {
  return value === null ? NO_VALUE : amountOf(value, unit, lens);
}

/** The other three letters that a figure is given, such as AUC or MAE, come after it like every unit. */
const CURRENCIES = new Set([...Intl.supportedValuesOf('currency'), '€', '$', '£', '¥']);
const isCurrency = (unit: string): boolean => CURRENCIES.has(unit);

const NO_VALUE = 'No value';

/** @param exactly significant digits in place of the lens's own */
function amountOf(value: number, unit: string, lens: Lens, exactly?: number): string {
  const sign = unit.trim();
  if (isShare(unit) && lens !== 'data')
    return exactly ? `${precise(value, exactly, 2)}${NARROW}%` : percent(value, lens === 'ops' ? 2 : 1);
  const usual = isShare(unit) ? undefined : DIGITS[lens];
  const text = exactly ? precise(value, exactly) : number(value, usual);
  if (isShare(unit) || BARE.has(sign.toLowerCase()) || sign === '') return text;
  if (isCurrency(sign)) return `${sign}${NARROW}${text}`;
  return `${text}${NARROW}${sign}`;
}

/** Of figures that stand side by side, some of them unknown, the texts in their order. */
function besides(
  figures: readonly (number | null)[],
  write: (figure: number, digits?: number) => string,
  unknown: string,
): string[] {
  const texts = apart(
    figures.filter((figure) => figure !== null),
    write,
  );
  let next = 0;
  return figures.map((figure) => (figure === null ? unknown : texts[next++]!));
}

/** A value beside its limits, all of one unit: as `amount` writes each, with more digits where two that differ would read alike. */
export const amounts = (figures: readonly (number | null)[], unit: string, lens: Lens): string[] =>
  besides(figures, (figure, digits) => amountOf(figure, unit, lens, digits), NO_VALUE);

/** The same of bare numbers. */
export const numbers = (figures: readonly (number | null)[], usual = 3): string[] =>
  besides(figures, (figure, digits) => (digits ? precise(figure, digits) : number(figure, usual)), 'no value');

type Parts = { year: string; month: number; day: number; hour: string; minute: string };
const formats = new Map<string, Intl.DateTimeFormat>();
/** A strip names the same days in every row, and Intl takes its time over each. */
const KNOWN_MAX = 5_000;
const known = new Map<string, Parts>();

function parts(at: string | Date, zone: string): Parts {
  const key = `${zone} ${typeof at === 'string' ? at : at.toISOString()}`;
  const held = known.get(key);
  if (held) return held;
  if (known.size >= KNOWN_MAX) known.clear();
  const read = zone === 'UTC' ? utcParts(at) : readParts(at, zone);
  known.set(key, read);
  return read;
}

/** Where no clock is ever changed its digits need no asking. */
function utcParts(at: string | Date): Parts {
  const [date = '', time = ''] = new Date(at).toISOString().split('T');
  const [year = '', month, day] = date.split('-');
  const [hour = '', minute = ''] = time.split(':');
  return { year, month: Number(month), day: Number(day), hour, minute };
}

/** Digits only are taken from Intl: month names differ between the server's and the browser's language data. */
function readParts(at: string | Date, zone: string): Parts {
  let format = formats.get(zone);
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: '2-digit',
      minute: '2-digit',
    });
    formats.set(zone, format);
  }
  const found = new Map(format.formatToParts(new Date(at)).map((part) => [part.type, part.value]));
  return {
    year: found.get('year') ?? '',
    month: Number(found.get('month')),
    day: Number(found.get('day')),
    hour: found.get('hour') ?? '',
    minute: found.get('minute') ?? '',
  };
}

export function day(at: string | Date, zone: string): string {
  const p = parts(at, zone);
  return `${p.day} ${MONTHS[p.month - 1]}`;
}
export function clock(at: string | Date, zone: string): string {
  const p = parts(at, zone);
  return `${p.hour}:${p.minute}`;
}
export const date = (at: string | Date, zone: string): string => `${day(at, zone)} ${parts(at, zone).year}`;
export const moment = (at: string | Date, zone: string): string => `${date(at, zone)}, ${clock(at, zone)}`;

/** Clocks move by an hour at most where days are counted, in most zones by a whole one. */
const DAY_HOURS = { shortest: 22, usual: 24, longest: 26 };

/** Whether a day begins at this instant; after midnight where the clocks jump over it. */
const beginsDay = (at: string, zone: string): boolean =>
  day(at, zone) !== day(new Date(Date.parse(at) - 1).toISOString(), zone);

/** How long a day was on which the clocks were changed; nothing for all others. */
function oddHours({ start, end }: { start: string; end: string }): string {
  const hours = (Date.parse(end) - Date.parse(start)) / HOUR_MS;
  const { shortest, usual, longest } = DAY_HOURS;
  return hours > shortest && hours < longest && hours !== usual ? ` (${number(hours)}${NARROW}h)` : '';
}

/**
 * A window by its days, the last one included: a day from midnight to midnight is that day alone, and says so when it had not
 * 24 hours. Where no day begins or ends at its bounds, such as in another zone than it was counted in, by its moments.
 */
export function stretch(window: { start: string; end: string }, zone: string, year = false): string {
  const { start, end } = window;
  const after = year ? ` ${parts(end, zone).year}` : '';
  if (!beginsDay(start, zone) || !beginsDay(end, zone))
    return `${day(start, zone)} ${clock(start, zone)} to ${day(end, zone)}${after} ${clock(end, zone)}${oddHours(window)}`;
  const before = new Date(Date.parse(end) - 1).toISOString();
  const [first, last] = [day(start, zone), day(before, zone)];
  const dated = year ? ` ${parts(before, zone).year}` : '';
  return first === last ? `${first}${dated}${oddHours(window)}` : `${first} to ${last}${dated}`;
}

/** A period by its days, the last one included, with its year where that is not the present one. */
export function days({ from, to }: { from: Date; to: Date }, now: string, zone: string): string {
  const last = new Date(to.getTime() - 1);
  const { year } = parts(last, zone);
  const dated = year === parts(now, zone).year ? '' : ` ${year}`;
  return day(from, zone) === day(last, zone)
    ? `${day(last, zone)}${dated}`
    : `${day(from, zone)} to ${day(last, zone)}${dated}`;
}

/** A moment on an axis whose labels lie so far apart: by its day, and by the clock where a day has several. */
export const tick = (at: Date, apart: number, zone: string): string =>
  apart < DAY_MS ? `${day(at, zone)} ${clock(at, zone)}` : day(at, zone);

/** What the clocks of a zone show at an instant, as spreadsheets and people read it alike. */
export function local(at: string, zone: string): string {
  const p = parts(at, zone);
  const two = (value: number) => String(value).padStart(2, '0');
  return `${p.year}-${two(p.month)}-${two(p.day)} ${p.hour}:${p.minute}`;
}

const STEPS = [
  [60, 's'],
  [60, 'min'],
  [24, 'h'],
  [365, 'd'],
] as const;
/** How long between two instants, in its largest unit. Both are given: rendering reads no clock. */
export function span(from: string, to: string): string {
  let size = Math.max(0, (Date.parse(to) - Date.parse(from)) / 1000);
  for (const [limit, word] of STEPS) {
    if (size < limit) return word === 's' ? 'a moment' : `${Math.floor(size)} ${word}`;
    size /= limit;
  }
  return `${Math.floor(size)} y`;
}
