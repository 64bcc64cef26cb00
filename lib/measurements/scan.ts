import { attributionTally } from './attributions.ts';
import { binCount } from './bins.ts';
import { FIRST_MS, LAST_MS } from './checks.ts';
import { type Chunk, eachChunk, type Numbers } from './chunks.ts';
import { NEW_VALUES_KEPT } from './counts.ts';
import { type Connection, name, rows } from './duckdb.ts';
import { DataFault } from './fault.ts';
import { type CountedColumn, knownValues, MISSING_NUMBER, missingTarget, NEW_CODE, type Plan } from './plan.ts';
import type { Task, WindowCounts, WindowUnit } from './schema.ts';
import { columnTally, performanceTally } from './tally.ts';
import { calendar } from './windows.ts';

/** Counters held at once (windows times bins over all columns), 4 bytes each: 240 MB. */
const MAX_COUNTERS = 60_000_000;
/** Rows between two progress lines. */
const PROGRESS_EVERY = 100_000;
/** Longest new value kept by name, in characters. */
const NEW_VALUE_LENGTH = 120;

type Window = { start: number; end: number; n: number };
type Slicer = {
  windows: Window[];
  /** Writes the window of each of the first `rows` times. */
  place(times: ArrayLike<number>, rows: number, into: Int32Array): void;
};

/** Sees every chunk of a scan beside the tallies: the times, and a column's bins as `ColumnTally.add` returns them. */
export type Onlooker = {
  times?(ms: Numbers, rows: number): void;
  /** What the model answered: the predictions and scores of a chunk, as the plan spells them. */
  answers?(prediction: Numbers, score: Numbers, rows: number): void;
  bins(column: number, bins: Int32Array): void;
};

/** Columns that were read before, whole, as the plan spells them and in the order of the rows: they are not read again. */
export type Held = ReadonlyMap<string, Float64Array>;

/**
 * One pass over the rows, counting every column on its bins a window at a time.
 * @param unit `all` makes one window of everything and needs no timestamp
 * @returns windows ascending by start
 */
export async function scan(
  connection: Connection,
  plan: Plan,
  columns: readonly CountedColumn[],
  task: Task | null,
  unit: WindowUnit | 'all',
  timezone: string,
  scoreColumn: string | undefined,
  onRows: (rows: number) => void,
  onlookers: readonly Onlooker[] = [],
  held: Held = new Map(),
): Promise<WindowCounts[]> {
  const slicer = slice(unit, timezone, windowLimit(columns));
  const tallies = columns.map((column) => columnTally(column.bins));
  const scoreBins = columns.find((column) => column.name === scoreColumn)?.bins;
  const performance = performanceTally(task, scoreBins?.kind === 'numeric' ? scoreBins : null);
  const order = typeof unit === 'object' ? 'ORDER BY 1, file_row_number' : '';
  const attributions = attributionTally(plan.attributions.map(({ of }) => of));
  const selected: string[] = [];
  let done = 0;
  /** Where to find a column's values: in the chunk, in what is held, or nowhere. */
  const source = (sql: string | null, missing: number, column?: string): ((chunk: Chunk) => Numbers) => {
    const whole = column === undefined ? undefined : held.get(column);
    if (whole) return ({ rows }) => whole.subarray(done, done + rows);
    if (sql === null) return nothing(missing);
    const at = selected.push(sql) - 1;
    return (chunk) => chunk.column(at);
  };
  const target = missingTarget(task);
  const timesOf = source(plan.time, 0);
  const labelOf = source(plan.label, target);
  const predictionOf = source(plan.prediction, target);
  const scoreOf = source(plan.score, MISSING_NUMBER, scoreColumn);
  const valuesOf = columns.map((column, i) => source(plan.columns[i]!, MISSING_NUMBER, column.name));
  const unitsOf = plan.attributions.map(({ units }) => source(units, -1));

  let windows = new Int32Array(0);
  let reported = 0;
  await eachChunk(connection, `SELECT ${selected.join(', ')} FROM ${plan.relation} ${order}`, (chunk) => {
    const { rows } = chunk;
    if (windows.length < rows) windows = new Int32Array(rows);
    const times = timesOf(chunk);
    slicer.place(times, rows, windows);
    const [label, prediction, score] = [labelOf(chunk), predictionOf(chunk), scoreOf(chunk)];
    performance.add({ label, prediction, score }, windows, rows);
    for (const onlooker of onlookers) {
      onlooker.times?.(times, rows);
      onlooker.answers?.(prediction, score, rows);
    }
    for (const [i, tally] of tallies.entries()) {
      const bins = tally.add(valuesOf[i]!(chunk), windows, rows);
      for (const onlooker of onlookers) onlooker.bins(i, bins);
    }
    for (const [i, units] of unitsOf.entries()) attributions.add(i, units(chunk), windows, rows);
    done += rows;
    if (done - reported >= PROGRESS_EVERY) {
      reported = done;
      onRows(done);
    }
  });

  const order2 = slicer.windows.map((_, i) => i).sort((a, b) => slicer.windows[a]!.start - slicer.windows[b]!.start);
  const counted = order2.map((at): WindowCounts => {
    const window = slicer.windows[at]!;
    return {
      start: new Date(window.start).toISOString(),
      end: new Date(window.end).toISOString(),
      n: window.n,
      columns: Object.fromEntries(columns.map((column, i) => [column.name, tallies[i]!.read(at)])),
      performance: performance.read(at, window.n),
      ...(unitsOf.length > 0 ? { attributions: attributions.read(at) } : {}),
    };
  });
  if (unit !== 'all') await nameNewValues(connection, plan, columns, unit, counted);
  return counted;
}

/** As many missing values as a chunk has rows. */
function nothing(missing: number): (chunk: Chunk) => Numbers {
  let values = new Float64Array(0);
  return ({ rows }) => {
    if (values.length < rows) values = new Float64Array(rows).fill(missing);
    return values;
  };
}

/** How many windows of these columns may be counted at once. */
export function windowLimit(columns: readonly CountedColumn[]): number {
  const size = columns.reduce((total, column) => total + binCount(column.bins), 0);
  return Math.floor(MAX_COUNTERS / Math.max(1, size));
}

/**
 * Finds the window of each row, opening those that are not there yet.
 * @param limit a DataFault says when there are more
 */
export function slice(unit: WindowUnit | 'all', timezone: string, limit: number): Slicer {
  const windows: Window[] = [];
  const add = (start: number, end: number) => {
    if (windows.length >= limit) {
      const message = `The file spans more than ${limit} windows for this many columns; send it in shorter periods.`;
      throw new DataFault([{ code: 'too_many_windows', message }]);
    }
    return windows.push({ start, end, n: 0 }) - 1;
  };
  if (unit === 'all') {
    return {
      windows,
      place(times, rows, into) {
        const { least, most } = rangeOf(times, rows);
        if (windows.length === 0) add(least, most);
        const whole = windows[0]!;
        whole.n += rows;
        whole.start = Math.min(whole.start, least);
        whole.end = Math.max(whole.end, most);
        into.fill(0, 0, rows);
      },
    };
  }
  if (typeof unit === 'object') {
    return {
      windows,
      place(times, rows, into) {
        for (let i = 0; i < rows; i++) {
          const ms = times[i]!;
          let at = windows.length - 1;
          if (at < 0 || windows[at]!.n >= unit.rows) at = add(ms, ms);
          const window = windows[at]!;
          window.n++;
          window.start = Math.min(window.start, ms);
          window.end = Math.max(window.end, ms);
          into[i] = at;
        }
      },
    };
  }
  const { at: windowAt } = calendar(unit, timezone);
  const known = new Map<number, number>();
  let last = -1;
  return {
    windows,
    place(times, rows, into) {
      const { least, most } = rangeOf(times, rows);
      // The file's statistics said otherwise when they were asked, and anybody can write them.
      if (!(least >= FIRST_MS && most <= LAST_MS)) throw outOfCalendar();
      const recent = windows[last];
      if (recent && least >= recent.start && most < recent.end) {
        recent.n += rows;
        into.fill(last, 0, rows);
        return;
      }
      for (let i = 0; i < rows; i++) {
        const ms = times[i]!;
        const window = windows[last];
        if (!window || ms < window.start || ms >= window.end) {
          // Zone rules cost microseconds a call, so ask once a quarter hour: no zone changes within one.
          const quarter = Math.floor(ms / 900_000);
          last = known.get(quarter) ?? -1;
          if (last < 0) {
            const { start, end } = windowAt(ms);
            last = windows.findIndex((one) => one.start === start);
            if (last < 0) last = add(start, end);
            known.set(quarter, last);
          }
        }
        windows[last]!.n++;
        into[i] = last;
      }
    },
  };
}

const outOfCalendar = () =>
  new DataFault([{ code: 'timestamp_unreadable', message: 'A time lies outside the years 1 to 9999.' }]);

function rangeOf(values: ArrayLike<number>, rows: number): { least: number; most: number } {
  let least = values[0]!;
  let most = least;
  for (let i = 1; i < rows; i++) {
    const value = values[i]!;
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}

/** Second pass, only over columns that met new values: the most frequent ones of each window by name. */
async function nameNewValues(
  connection: Connection,
  plan: Plan,
  columns: readonly CountedColumn[],
  unit: WindowUnit,
  windows: WindowCounts[],
): Promise<void> {
  if (windows.length === 0) return;
  const starts = windows.map((window, i) => `(${Date.parse(window.start)}::DOUBLE, ${i})`).join(', ');
  for (const [i, column] of columns.entries()) {
    if (column.bins.kind !== 'categorical' || knownValues(column.bins).length === 0) continue;
    if (!windows.some((window) => window.columns[column.name]!.newCount > 0)) continue;
    const place =
      typeof unit === 'object'
        ? `SELECT *, (row_number() OVER (ORDER BY ${plan.time}, file_row_number) - 1) // ${unit.rows} AS place FROM ${plan.relation}`
        : `SELECT r.*, w.place FROM (SELECT *, ${plan.time} AS plumbline_ms FROM ${plan.relation}) r
           ASOF JOIN (VALUES ${starts}) w(start, place) ON r.plumbline_ms >= w.start`;
    const found = await rows(
      connection,
      `SELECT place, left(${name(column.name)}, ${NEW_VALUE_LENGTH}) AS value, count(*) AS n FROM (${place})
       WHERE (${plan.columns[i]}) = ${NEW_CODE} GROUP BY 1, 2
       QUALIFY row_number() OVER (PARTITION BY place ORDER BY n DESC, value) <= ${NEW_VALUES_KEPT} ORDER BY place, n DESC, value`,
    );
    for (const entry of found) {
      const target = windows[Number(entry.place)]!.columns[column.name]!;
      target.newValues.push({ value: String(entry.value), count: Number(entry.n) });
    }
  }
}
