import { MINUTE_MS } from '../base/time.ts';
import { AHEAD_MINUTES } from '../contracts/rules/judge.ts';
import type { ContractColumn, DataContract, RowRule } from '../contracts/schema.ts';
import { text } from './duckdb.ts';
import type { InspectJob } from './job.ts';
import type { TimeRange } from './kept.ts';
import type { MeasuredColumn, UploadFault } from './schema.ts';
import { type SourceColumn, sourceOf } from './source.ts';

/** DuckDB's calendar goes on for 290,000 years; JavaScript's and Postgres' do not. */
const FIRST_TIME = `TIMESTAMP '0001-01-01'`;
const LAST_TIME = `TIMESTAMP '9999-12-31'`;
export const FIRST_MS = Date.parse('0001-01-01T00:00:00Z');
export const LAST_MS = Date.parse('9999-12-31T00:00:00Z');

/** A rule that a row breaks where the SQL condition `bad` holds; one that only warns leaves the row where it is. */
export type Check = { column: MeasuredColumn; rule: RowRule; bad: string; onlyWarns: boolean };

type Rules = { rules?: DataContract | undefined; receivedAt?: string | undefined };

/** What a file is checked by: only what is counted in windows has a contract. */
export const rulesOf = ({ purpose, contract, receivedAt }: InspectJob): Rules =>
  purpose === 'observations' ? { rules: contract?.rules, receivedAt } : {};

/**
 * The rules a column's rows must keep, over its value with its pinned type.
 * @param raw the value as it came, where that is still known: only then is a value that could not be read told from one that is missing
 */
export function checksOf(
  column: MeasuredColumn,
  value: string,
  { rules, receivedAt }: Rules,
  raw?: { value: string; from: SourceColumn },
): Check[] {
  const check = (rule: RowRule, bad: string, onlyWarns = false): Check => ({ column, rule, bad, onlyWarns });
  if (column.role === 'timestamp') return timeChecks(check, value, rules, receivedAt, raw?.value);
  const terms = rules?.columns.find((one) => one.name === column.name);
  const agreed = terms?.whenBroken === 'set_aside' ? agreedChecks(check, value, terms) : [];
  if (column.kind !== 'numeric') return agreed;
  const mayBeWords = raw && raw.from.source !== 'number';
  const wrong = mayBeWords ? [check('wrong_type', `${raw.value} IS NOT NULL AND (${value}) IS NULL`)] : [];
  const finite = check('not_finite', `NOT isfinite(${value})`, column.role === 'feature');
  const range = `isfinite(${value}) AND (${value} < 0 OR ${value} > 1)`;
  // Told from the same pass that looks for what is not finite: a pass of its own would cost as much again.
  const told = terms?.type === 'integer' && terms.whenBroken === 'report' && !raw;
  if (told) agreed.push(check('not_whole', fractional(value), true));
  return [...wrong, finite, ...(column.role === 'score' ? [check('score_out_of_range', range)] : []), ...agreed];
}

/** Whether the times of a kept file break no rule, as far as its first and last one tell. */
export function timesHold({ rows, filled, first, last }: TimeRange, { rules, receivedAt }: Rules): boolean {
  if (filled < rows || first === null || last === null) return false;
  // Whole milliseconds are cut: the last time may lie up to one later.
  const latest = receivedAt === undefined ? LAST_MS : Date.parse(receivedAt) + AHEAD_MINUTES * MINUTE_MS;
  const earliest = rules?.earliestAt ? Date.parse(rules.earliestAt) : FIRST_MS;
  return first >= Math.max(earliest, FIRST_MS) && last + 1 <= Math.min(latest, LAST_MS);
}

type Make = (rule: RowRule, bad: string) => Check;

function timeChecks(
  check: Make,
  value: string,
  rules: DataContract | undefined,
  receivedAt: string | undefined,
  raw: string | undefined,
): Check[] {
  const unreadable = `(${value} IS NULL OR ${value} NOT BETWEEN ${FIRST_TIME} AND ${LAST_TIME})`;
  const readable = `${value} BETWEEN ${FIRST_TIME} AND ${LAST_TIME}`;
  const at = (iso: string) => `make_timestamp(${Date.parse(iso)} * 1000)`;
  const checks =
    raw === undefined
      ? [check('timestamp_unreadable', unreadable)]
      : [
          check('timestamp_missing', `${raw} IS NULL`),
          check('timestamp_unreadable', `${raw} IS NOT NULL AND ${unreadable}`),
        ];
  if (receivedAt !== undefined) {
    const ahead = `${at(receivedAt)} + INTERVAL ${AHEAD_MINUTES} MINUTE`;
    checks.push(check('time_in_future', `(${readable} AND ${value} > ${ahead})`));
  }
  const earliest = rules?.earliestAt;
  if (earliest) checks.push(check('time_too_old', `(${readable} AND ${value} < ${at(earliest)})`));
  return checks;
}

/** What people decided to set rows aside for. */
function agreedChecks(check: Make, value: string, terms: ContractColumn): Check[] {
  const checks: Check[] = [];
  if (!terms.nullable) checks.push(check('missing_value', `${value} IS NULL`));
  const outside = terms.range && outsideOf(value, terms.range);
  if (outside) checks.push(check('out_of_range', outside));
  if (terms.type === 'integer') checks.push(check('not_whole', fractional(value)));
  const strange = terms.closed && terms.categories ? strangerOf(value, terms.categories) : undefined;
  if (strange) checks.push(check('unknown_category', strange));
  return checks;
}

/** SQL: a finite value that lies outside the range; undefined where the range is open on both sides. */
export function outsideOf(value: string, { min, max }: { min: number | null; max: number | null }): string | undefined {
  const sides = [
    ...(min === null ? [] : [`${value} < ${min}::DOUBLE`]),
    ...(max === null ? [] : [`${value} > ${max}::DOUBLE`]),
  ];
  return sides.length > 0 ? `(isfinite(${value}) AND (${sides.join(' OR ')}))` : undefined;
}

/** SQL: a finite value with a fraction. NaN and the infinities are their own floor (DuckDB: NaN equals NaN). */
const fractional = (value: string): string => `(${value} <> floor(${value}))`;

/** SQL: a value that is not among the categories. */
export const strangerOf = (value: string, categories: readonly string[]): string =>
  `(${value} IS NOT NULL AND ${value} NOT IN (${categories.map(text).join(', ')}))`;

/** What is wrong with the first row that breaks a rule, in words. */
export function faultOf(rule: RowRule, column: string, row: number, value: string | null): UploadFault {
  const says = value === null ? `row ${row} says nothing` : `row ${row} says "${value}"`;
  const messages = {
    wrong_type: `The column "${column}" holds numbers; ${says}.`,
    timestamp_missing: `Row ${row} has no time in "${column}".`,
    timestamp_unreadable: `The column "${column}" holds times such as 2026-03-01T18:00:00Z; ${says}.`,
    time_in_future: `The times in "${column}" may be at most ${AHEAD_MINUTES} minutes ahead; ${says}.`,
    time_too_old: `The times in "${column}" lie before the earliest one of the data contract; ${says}.`,
    not_finite: `The column "${column}" must hold finite numbers; ${says}.`,
    score_out_of_range: `The score "${column}" must lie between 0 and 1; ${says}.`,
    missing_value: `The column "${column}" must not be empty; row ${row} is.`,
    out_of_range: `The column "${column}" has a range in the data contract; ${says}.`,
    not_whole: `The column "${column}" holds whole numbers; ${says}.`,
    unknown_category: `The column "${column}" has a fixed list of categories; ${says}.`,
  } as const satisfies Record<RowRule, string>;
  const expected = rule === 'wrong_type' ? { expected: 'number' } : {};
  return { code: rule, column, row, ...expected, message: messages[rule] };
}

/** Columns of a typed file whose type is not the contract's, though their values can be read. */
export function retypedColumns(source: readonly SourceColumn[], rules: DataContract | undefined) {
  return source.flatMap(({ name, type }) => {
    const terms = rules?.columns.find((column) => column.name === name);
    if (!terms) return [];
    const found = sourceOf(type);
    const fits = {
      number: found === 'number',
      integer: found === 'number',
      boolean: found === 'boolean' || terms.form !== 'boolean',
      text: found === 'text' || (terms.form === 'number' && found === 'number'),
      time: found === 'timestamp' || terms.role === 'timestamp',
      identifier: true,
    } as const satisfies Record<ContractColumn['type'], boolean>;
    return fits[terms.type] ? [] : [{ column: name, found: found === 'timestamp' ? 'time' : found }];
  });
}
