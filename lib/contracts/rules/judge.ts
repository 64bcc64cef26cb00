import { ownValue } from '../../base/own-value.ts';
import { HOUR_MS } from '../../base/time.ts';
import type { AsideCount, ContractColumn, DataContract, Examination, RowRule, Violation } from '../schema.ts';
import { rangeWords } from './change.ts';

/** A clock that runs ahead this far is a clock; further ahead it is a wrong time (reliability.md 3.2). */
export const AHEAD_MINUTES = 10;
/** A share of rows that cannot be counted beyond this is no slip of a few records. */
export const SET_ASIDE_SHARE = 0.05;
/** Departures kept of one file: more say the same of it. */
const VIOLATIONS_MAX = 100;
/** Values named as examples. */
const NAMED = 5;

/** All that was seen of a file. `absent` and `unknown` are columns; `previousAt` is the last time that came before it. */
export type FileFacts = {
  unknown: readonly string[];
  absent: readonly string[];
  retyped: readonly { column: string; found: string }[];
  aside: readonly AsideCount[];
  /** Rows of the file that do not count; one may break several rules. */
  asideRows: number;
  /** Rows with a fraction, by columns of whole numbers that have some. */
  fractions: Readonly<Record<string, number>>;
  examination: Examination;
  previousAt: Date | null;
};

/** Where a file departs from its contract, each with what was expected and what was found. */
export function violationsOf(contract: DataContract, facts: FileFacts): Violation[] {
  const { rows } = facts.examination;
  const byName = new Map(contract.columns.map((column) => [column.name, column]));
  const whole = { rows, share: 1, setAside: false };
  const found: Violation[] = [
    ...facts.aside.map((count): Violation => {
      const examples = count.value === null ? 'no value' : `"${count.value}"`;
      return {
        rule: count.rule,
        column: count.column,
        expected: expectedWords(count.rule, byName.get(count.column), contract),
        found: `${examples} in row ${count.row}${count.rows > 1 ? ` and ${count.rows - 1} more` : ''}`,
        rows: count.rows,
        share: count.rows / (rows + facts.asideRows),
        setAside: true,
      };
    }),
    ...facts.absent.map((column): Violation => {
      const expected = `a column of type ${byName.get(column)?.type ?? 'text'}`;
      return { rule: 'missing_column', column, expected, found: 'no such column', ...whole };
    }),
    ...facts.unknown.map(
      (column): Violation => ({
        rule: 'new_column',
        column,
        expected: 'no such column',
        found: 'a column, which is left out',
        ...whole,
      }),
    ),
    ...facts.retyped.map(
      ({ column, found: type }): Violation => ({
        rule: 'type_changed',
        column,
        expected: byName.get(column)?.type ?? 'text',
        found: type,
        ...whole,
      }),
    ),
    ...contract.columns.flatMap((column) => columnViolations(column, facts)),
    ...late(contract, facts, rows),
  ];
  return found.slice(0, VIOLATIONS_MAX);
}

function columnViolations(column: ContractColumn, facts: FileFacts): Violation[] {
  const { rows } = facts.examination;
  const seen = ownValue(facts.examination.columns, column.name);
  if (!seen || rows === 0 || facts.absent.includes(column.name)) return [];
  const departure = (rule: RowRule, count: number, found: string): Violation => ({
    rule,
    column: column.name,
    expected: expectedWords(rule, column),
    found,
    rows: count,
    share: count / rows,
    setAside: false,
  });
  const found: Violation[] = [];
  const accepted = column.nullable ? column.maxMissingShare : 0;
  if (exceeds(seen.missing, rows, accepted))
    found.push(departure('missing_value', seen.missing, `missing in ${percent(seen.missing / rows)} of the rows`));
  if (seen.outside > 0 && exceeds(seen.outside, rows, column.maxOutsideShare)) {
    const extremes = seen.min === null ? '' : `${seen.min} to ${seen.max}, `;
    const words = `${extremes}${percent(seen.outside / rows)} of the rows outside`;
    found.push(departure('out_of_range', seen.outside, words));
  }
  const fractions = ownValue(facts.fractions, column.name) ?? 0;
  if (fractions > 0)
    found.push(departure('not_whole', fractions, `fractions in ${percent(fractions / rows)} of the rows`));
  if (seen.strangers > 0) {
    const named = seen.strangerNames.slice(0, NAMED).map((value) => `"${value}"`);
    const words = `${named.join(', ')} in ${percent(seen.strangers / rows)} of the rows`;
    found.push(departure('unknown_category', seen.strangers, words));
  }
  return found;
}

/**
 * Whether a share is above the accepted one by more than chance explains: three deviations of a count with that share. With an
 * accepted share of zero any row is.
 */
export function exceeds(count: number, rows: number, accepted: number): boolean {
  if (accepted >= 1) return false;
  return count > rows * accepted + 3 * Math.sqrt(rows * accepted * (1 - accepted));
}

/** Judged on the data's own time, so that what is sent long after it happened is not late for that. */
function late(contract: DataContract, { examination, previousAt }: FileFacts, rows: number): Violation[] {
  const { firstAt } = examination;
  if (contract.freshnessHours === null || previousAt === null || firstAt === null) return [];
  const hours = (Date.parse(firstAt) - previousAt.getTime()) / HOUR_MS;
  if (hours <= contract.freshnessHours) return [];
  const expected = `rows within ${contract.freshnessHours} hours after ${previousAt.toISOString()}`;
  const found = `the first at ${firstAt}, ${Math.floor(hours)} hours after`;
  return [{ rule: 'stale', column: null, expected, found, rows, share: 1, setAside: false }];
}

/** What a rule asks of a column, in words. */
export function expectedWords(rule: RowRule, column: ContractColumn | undefined, contract?: DataContract): string {
  switch (rule) {
    case 'wrong_type':
      return 'a number';
    case 'timestamp_missing':
    case 'timestamp_unreadable':
      return 'a time such as 2026-03-01T18:00:00Z';
    case 'time_in_future':
      return `a time at most ${AHEAD_MINUTES} minutes ahead`;
    case 'time_too_old':
      return `a time from ${contract?.earliestAt ?? 'the contract'} on`;
    case 'not_finite':
      return 'a finite number';
    case 'score_out_of_range':
      return 'a score from 0 to 1';
    case 'missing_value':
      return column?.nullable
        ? `missing in at most ${percent(column.maxMissingShare)} of the rows`
        : 'no value missing';
    case 'out_of_range': {
      const range = rangeWords(column?.range ?? { min: null, max: null });
      const share = column?.whenBroken === 'report' ? (column.maxOutsideShare ?? 0) : 0;
      return share > 0 ? `${range}, at most ${percent(share)} of the rows outside` : range;
    }
    case 'not_whole':
      return 'whole numbers';
    case 'unknown_category':
      return `one of ${(column?.categories ?? []).join(', ').slice(0, 300)}`;
  }
}

const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;
