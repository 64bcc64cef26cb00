import { ownValue } from '../base/own-value.ts';
import { exceeds } from '../contracts/rules/judge.ts';
import type { ContractColumn, DataContract, Examination, ExaminedColumn } from '../contracts/schema.ts';
import { fineBin } from './bins.ts';
import { outsideOf, strangerOf } from './checks.ts';
import { unpackCounts } from './counts.ts';
import { type Connection, name, row, rows } from './duckdb.ts';
import { keptRows, timesByStatistics } from './kept.ts';
import type { MeasuredColumn, ReferenceProfile, WindowCounts } from './schema.ts';

/** Values named that are not in the contract, and the longest of them in characters. */
const STRANGERS_NAMED = 10;
const STRANGER_LENGTH = 120;

/**
 * What the contract is held against. Missing values, extremes and values new to the reference are in the windows already; only a column
 * in which they point to a departure is read again.
 */
export async function examine(
  connection: Connection,
  parquet: string,
  columns: readonly MeasuredColumn[],
  rules: DataContract,
  profile: ReferenceProfile,
  windows: readonly WindowCounts[],
): Promise<Examination> {
  const file = keptRows(parquet, columns);
  const examined = new Map<string, ExaminedColumn>();
  const questions: { column: string; field: Field; sql: string }[] = [];
  for (const column of columns) {
    const terms = rules.columns.find((one) => one.name === column.name);
    // The time is checked row by row before it is counted.
    if (!terms || column.role === 'timestamp') continue;
    const counted = overWindows(column.name, windows);
    const seen = counted ?? unseen();
    examined.set(column.name, seen);
    const value = name(column.name);
    const ask = (field: Field, sql: string | undefined) => sql && questions.push({ column: column.name, field, sql });
    const promised = !terms.nullable || terms.maxMissingShare < 1;
    if (!counted && promised) ask('missing', `${value} IS NULL`);
    if (counted ? mayBeOutside(terms, seen, profile, windows) : terms.range && column.kind === 'numeric')
      ask('outside', outsideOf(value, terms.range!));
    if (mayHaveStrangers(terms, column.name, profile, windows)) ask('strangers', strangerOf(value, terms.categories!));
  }
  const time = columns.find((column) => column.role === 'timestamp');
  const at = (end: 'min' | 'max') => (time ? `epoch_ms(${end}(${name(time.name)}))` : 'NULL');
  const told = time && (await timesByStatistics(connection, parquet, time));
  const found = told
    ? { n: told.rows, ...told }
    : await row(connection, `SELECT count(*) AS n, ${at('min')} AS first, ${at('max')} AS last FROM ${file}`);
  const counts = questions.map(({ sql }, i) => `count_if(${sql}) AS count${i}`);
  const counted = counts.length > 0 ? await row(connection, `SELECT ${counts.join(', ')} FROM ${file}`) : {};
  for (const [i, { column, field, sql }] of questions.entries()) {
    const seen = examined.get(column)!;
    seen[field] = Number(counted[`count${i}`] ?? 0);
    if (field !== 'strangers' || seen.strangers === 0) continue;
    const named = `SELECT left(${name(column)}, ${STRANGER_LENGTH}) AS value, count(*) AS n FROM ${file}
      WHERE ${sql} GROUP BY 1 ORDER BY n DESC, value LIMIT ${STRANGERS_NAMED}`;
    seen.strangerNames = (await rows(connection, named)).map((entry) => String(entry.value));
  }
  const instant = (ms: unknown) => (ms === null ? null : new Date(Number(ms)).toISOString());
  return {
    rows: Number(found.n),
    firstAt: instant(found.first),
    lastAt: instant(found.last),
    columns: Object.fromEntries(examined),
  };
}

type Field = 'missing' | 'outside' | 'strangers';

/** Of a column that is in no window, such as an id or an outcome, only what the contract asks is looked up. */
const unseen = (): ExaminedColumn => ({
  missing: 0,
  min: null,
  max: null,
  outside: 0,
  strangers: 0,
  strangerNames: [],
});

/** A column summed over the windows; undefined where it is not counted there. */
function overWindows(column: string, windows: readonly WindowCounts[]): ExaminedColumn | undefined {
  const held = windows.flatMap((window) => ownValue(window.columns, column) ?? []);
  if (held.length === 0) return undefined;
  const moments = held.flatMap((counts) => counts.moments ?? []);
  return {
    ...unseen(),
    missing: held.reduce((sum, counts) => sum + counts.missing, 0),
    min: moments.length > 0 ? Math.min(...moments.map((one) => one.min)) : null,
    max: moments.length > 0 ? Math.max(...moments.map((one) => one.max)) : null,
  };
}

/**
 * Whether more rows may lie outside than the contract accepts. The fine bins bound them: a row outside lies in the bin of the range's end
 * or beyond it. New extremes alone are met in every other file.
 */
function mayBeOutside(
  { name: column, range, maxOutsideShare }: ContractColumn,
  { min, max }: ExaminedColumn,
  profile: ReferenceProfile,
  windows: readonly WindowCounts[],
): boolean {
  if (!range || min === null || max === null) return false;
  const [below, above] = [range.min !== null && min < range.min, range.max !== null && max > range.max];
  if (!below && !above) return false;
  const bins = profile.columns.find((one) => one.name === column)?.bins;
  if (bins?.kind !== 'numeric') return true;
  const first = below ? fineBin(bins.edges, range.min!) : -1;
  const last = above ? fineBin(bins.edges, range.max!) : Infinity;
  let most = 0;
  let rows = 0;
  for (const window of windows) {
    rows += window.n;
    const counts = unpackCounts(window.columns[column]!.counts);
    for (let bin = 0; bin <= first && bin < counts.length; bin++) most += counts[bin]!;
    for (let bin = Math.max(last, first + 1); bin < counts.length; bin++) most += counts[bin]!;
  }
  return exceeds(most, rows, maxOutsideShare);
}

/** Values new to the reference are counted; one that it knew and the contract no longer does is only found by reading. */
function mayHaveStrangers(
  terms: ContractColumn,
  column: string,
  profile: ReferenceProfile,
  windows: readonly WindowCounts[],
): boolean {
  if (!terms.closed || !terms.categories?.length) return false;
  if (windows.some((window) => (ownValue(window.columns, column)?.newCount ?? 0) > 0)) return true;
  const bins = profile.columns.find((one) => one.name === column)?.bins;
  if (bins?.kind !== 'categorical') return true;
  const accepted = new Set(terms.categories);
  return !bins.rareComplete || [...bins.categories, ...bins.rare].some((value) => !accepted.has(value));
}
