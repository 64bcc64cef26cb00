import { DAY_MS } from '../../base/time.ts';
import {
  CATEGORIES_MAX,
  CATEGORY_LENGTH,
  type ColumnFacts,
  type ColumnType,
  type ContractColumn,
  type DataContract,
  type ReferenceFacts,
} from '../schema.ts';
import { SET_ASIDE_SHARE } from './judge.ts';

/** Rows older than this before the reference's first day are a unit or a century misread (reliability.md 3.2). */
const PAST_DAYS = 400;
/** Fewer rows say little about what never happens. */
const ENOUGH_ROWS = 100;
/** Accepted beyond the reference's own share of missing values, or twice that share. */
const MISSING_SLACK = 0.05;
/** Accepted outside the reference's range: the extremes of a sample are passed now and then. */
const OUTSIDE_SHARE = 0.01;
const OUTSIDE_ROWS = 20;
const OUTSIDE_MAX = 0.2;
/** A list of values is taken for the whole list up to this many; longer ones grow. */
const CLOSED_MAX = 30;

/**
 * The contract that a reference itself keeps, with slack, so that more of the same data is no departure from it. The past bound is
 * taken from the reference and not from the clock: a fixed age would refuse every data set of a few years ago.
 * @param before the contract held until now: what people decided about the handling of departures goes on
 */
export function inferContract(reference: ReferenceFacts, before?: DataContract): DataContract {
  const first = reference.days[0];
  return {
    freshnessHours: freshness(reference.days),
    earliestAt: first === undefined ? null : new Date(Date.parse(first) - PAST_DAYS * DAY_MS).toISOString(),
    maxSetAsideShare: before?.maxSetAsideShare ?? SET_ASIDE_SHARE,
    columns: reference.columns.map((column) => {
      const held = before?.columns.find((candidate) => candidate.name === column.name);
      const inferred = inferColumn(column, reference.rows);
      return held ? { ...inferred, required: held.required, whenBroken: held.whenBroken } : inferred;
    }),
  };
}

/** The longest wait between two rows that the reference's days allow: a day each beyond their starts' distance. */
function freshness(days: readonly string[]): number | null {
  if (days.length < 3) return null;
  const starts = days.map((day) => Date.parse(day));
  const gaps = starts.slice(1).map((start, i) => Math.round((start - starts[i]!) / DAY_MS));
  return Math.min(24 * 366, 24 * (Math.max(...gaps) + 1));
}

function inferColumn(column: ColumnFacts, rows: number): ContractColumn {
  const { name, role } = column;
  const values = column.values?.filter((value) => value.length <= CATEGORY_LENGTH) ?? null;
  const complete = column.complete && values?.length === column.values?.length;
  const type = typeOf(column);
  const inWords = column.kind === 'categorical';
  const missingShare = (column.missing ?? 0) / Math.max(1, rows);
  // Outcomes come late and ids are optional, so that nothing is promised about either; the time has rules of its own.
  const promised = role !== 'label' && role !== 'id' && role !== 'timestamp' && column.missing !== null;
  const never = promised && column.missing === 0 && rows >= ENOUGH_ROWS;
  const closed = type === 'boolean' || (values !== null && complete && values.length <= CLOSED_MAX);
  return {
    name,
    role,
    type,
    form: inWords ? formOf(values) : 'as_is',
    required: role === 'feature' || role === 'segment' || role === 'timestamp',
    nullable: role !== 'timestamp' && !never,
    maxMissingShare: promised ? upTo(Math.max(2 * missingShare, missingShare + MISSING_SLACK)) : 1,
    range: role === 'score' ? { min: 0, max: 1 } : column.min === null ? null : { min: column.min, max: column.max },
    // A score outside its range cannot be counted at all.
    maxOutsideShare:
      role === 'score' ? 0 : upTo(Math.max(OUTSIDE_SHARE, Math.min(OUTSIDE_MAX, OUTSIDE_ROWS / Math.max(1, rows)))),
    categories: inWords && values !== null ? values.slice(0, CATEGORIES_MAX) : null,
    closed: inWords && closed && rows >= ENOUGH_ROWS,
    whenBroken: 'report',
  };
}

function typeOf({ kind, whole, values }: ColumnFacts): ColumnType {
  if (kind === 'timestamp') return 'time';
  if (kind === 'identifier') return 'identifier';
  if (kind === 'numeric') return whole ? 'integer' : 'number';
  return formOf(values) === 'boolean' ? 'boolean' : 'text';
}

function formOf(values: readonly string[] | null): ContractColumn['form'] {
  if (values === null || values.length === 0) return 'as_is';
  if (values.every((value) => value === 'true' || value === 'false')) return 'boolean';
  return values.every((value) => /^-?\d+$/.test(value)) ? 'number' : 'as_is';
}

const upTo = (share: number): number => Math.min(1, Math.ceil(share * 1000) / 1000);
