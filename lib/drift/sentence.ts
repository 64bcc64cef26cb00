import { grouped, significant } from '../base/figures.ts';
import type { Contribution, DriftResult, DriftState } from './schema.ts';

/** Bins named in a sentence: the ones with the largest terms, enough to see where the rows went. */
const BINS_NAMED = 2;
const NEW_VALUES_NAMED = 3;

/**
 * A result in the words of somebody who owns the product: how much, what is typical now, where, and what is missing or new. Every
 * number in it is a rounded one of the record; nothing is computed beyond rounding.
 */
export function driftSentence(result: DriftResult): string {
  return [headline(result), ...details(result), ...missingWords(result), ...freshWords(result)].join(' ');
}

function headline(result: DriftResult): string {
  const { column, n } = result;
  const moved = `${percent(result.tvd)} of 100 rows now fall in another ${result.kind === 'numeric' ? 'range' : 'group'} than usual.`;
  const words = {
    stable: `${column} is as usual: within normal variation for ${whole(n)} rows.`,
    slight: `${column} changed slightly: ${moved}`,
    changed: `${column} changed: ${moved}`,
    changed_a_lot: `${column} changed a lot: ${moved}`,
    too_few: `${column} cannot be judged: ${whole(n)} rows are too few.`,
  } satisfies Record<DriftState, string>;
  return words[result.state];
}

function details(result: DriftResult): string[] {
  if (result.state === 'stable' || result.state === 'too_few') return [];
  const largest = [...result.contributions].sort((a, b) => b.term - a.term).slice(0, BINS_NAMED);
  const { typical } = result;
  const middle = typical ? [`Typical value ${amount(typical.reference)} → ${amount(typical.current)}.`] : [];
  return [...middle, ...largest.filter((part) => share(part.reference) !== share(part.current)).map(binWords)];
}

function binWords(part: Contribution): string {
  const direction = part.current > part.reference ? 'More' : 'Fewer';
  return `${direction} rows ${place(part.bin)} (${share(part.reference)}% → ${share(part.current)}%).`;
}

function place(bin: Contribution['bin']): string {
  if ('category' in bin) return `with "${bin.category}"`;
  if ('other' in bin) return 'with other values';
  if (bin.above === null && bin.upTo === null) return 'of any value';
  if (bin.above === null) return `up to ${amount(bin.upTo!)}`;
  return bin.upTo === null ? `above ${amount(bin.above)}` : `between ${amount(bin.above)} and ${amount(bin.upTo)}`;
}

function missingWords({ missing }: DriftResult): string[] {
  if (missing.state === 'fine') return [];
  return [`Missing values rose from ${share(missing.reference)}% to ${share(missing.current)}%.`];
}

function freshWords({ fresh }: DriftResult): string[] {
  if (fresh.state === 'fine') return [];
  const named = fresh.values.slice(0, NEW_VALUES_NAMED).map(({ value }) => `"${value}"`);
  const names = named.length > 0 ? `: ${named.join(', ')}` : '';
  return [`${share(fresh.current)}% of rows have values never seen before${names}.`];
}

function percent(part: number): string {
  return String(Math.round(part * 100));
}

/** Percent without its sign; one decimal below ten, where whole points would hide a change. */
function share(part: number): string {
  const points = part * 100;
  return points < 9.95 && points > 0 ? String(Number(points.toFixed(1))) : String(Math.round(points));
}

/** Three significant digits, thousands grouped: enough to recognise a value, few enough to read. */
function amount(value: number): string {
  return grouped(significant(value, 3));
}

function whole(value: number): string {
  return grouped(String(value));
}
