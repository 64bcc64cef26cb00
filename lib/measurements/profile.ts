import type { ColumnRole } from '../contracts/schema.ts';
import { associationCounter } from './association.ts';
import { attributionUnit } from './attributions.ts';
import { binCount, categoricalBins, numericBinsOf, scoringBinOf } from './bins.ts';
import { eachChunk } from './chunks.ts';
import { packCounts } from './counts.ts';
import { type Connection, name, row, rows } from './duckdb.ts';
import { DataFault } from './fault.ts';
import { keptRows } from './kept.ts';
import { type CountedColumn, numberOf, planScan, type Scanned, scanned } from './plan.ts';
import { MAX_CLASSES, taskOf } from './rules.ts';
import { type Held, type Onlooker, scan, slice, windowLimit } from './scan.ts';
import type { ColumnBins, MeasuredColumn, ReferenceProfile, ReferenceWindow } from './schema.ts';
import { endOfRun } from './tally.ts';

/** Categories fetched: the ones with a bin, the rare ones kept by name, and one more to see that there are others. */
const CATEGORIES_FETCHED = 2_031;
/** Classes of a label told apart; the rest is one class. */
const CLASSES_FETCHED = MAX_CLASSES + 10;
/** Values of numeric columns in memory at once, 8 bytes each: 128 MB, a column at least. */
const VALUES_HELD = 16_000_000;
/** A year and a month: every season once, in a few hundred kilobytes. */
const DAYS_KEPT = 400;

/** Bins, counts and performance of a converted reference. Compared columns: features, segments, the score and the prediction. */
export async function profile(
  connection: Connection,
  parquet: string,
  columns: readonly MeasuredColumn[],
  onRows: (rows: number) => void,
  timezone = 'UTC',
): Promise<ReferenceProfile> {
  const compared = columns.filter(isCompared);
  const binned: { column: MeasuredColumn; bins: ColumnBins; median: number | null }[] = [];
  const file = keptRows(parquet, columns);
  const { n } = await row(connection, `SELECT count(*) AS n FROM ${file}`);
  const rowsOf = await scanned(connection, parquet, columns, []);
  const numeric = compared.filter((column) => column.kind === 'numeric');
  const numbers = await numericBinsByName(connection, rowsOf, numeric, Number(n));
  for (const column of compared) {
    const found = numbers.bins.get(column.name) ?? (await categorical(connection, file, column));
    binned.push({ column, ...found });
  }
  const task = taskOf(columns, await classes(connection, file, columns));
  const counted = binned.map(({ column, bins }) => ({ name: column.name, bins }));
  const score = columns.find((column) => column.role === 'score')?.name;
  const unit = await attributionUnit(connection, rowsOf.relation, columns);
  const plan = await planScan(connection, rowsOf, columns, counted, task, unit);
  const days = columns.some((column) => column.role === 'timestamp') ? dayCounter(counted, timezone) : undefined;
  const associated = await associationCounter(connection, plan, counted, columns, task);
  const onlookers = [days, associated].filter((onlooker) => onlooker !== undefined);
  const [all] = await scan(connection, plan, counted, task, 'all', 'UTC', score, onRows, onlookers, numbers.held);
  return {
    method: 'reference-bins/1',
    rows: Number(n),
    columns: binned.map(({ column: { name, role, kind }, bins, median }) => ({
      name,
      role,
      kind,
      bins,
      median,
      counts: all!.columns[name]!,
    })),
    task,
    performance: columns.some((column) => column.role === 'label') ? all!.performance : null,
    ...(days ? { windows: days.read() } : {}),
    association: associated?.read() ?? null,
    ...(unit !== null && all!.attributions ? { attributions: { unit, sums: all!.attributions } } : {}),
  };
}

/** Counts the days of a reference beside its whole, on the scoring bins only: a day on fine bins would be a hundred times as much to keep. */
function dayCounter(columns: readonly CountedColumn[], timezone: string): Onlooker & { read(): ReferenceWindow[] } {
  const coarse = columns.map(({ name, bins }) => {
    const scoring = scoringOnly(bins);
    const size = binCount(scoring);
    // Rows without a bin are counted apart, in a place of their own after the last.
    return { name, bins: scoring, size, place: scoringBinOf(bins).map((at) => (at < 0 ? size : at)) };
  });
  const slicer = slice('day', timezone, windowLimit(coarse));
  const counts = coarse.map((): Int32Array[] => []);
  let days = new Int32Array(0);
  let rows = 0;
  let given = true;
  return {
    times(ms, count) {
      rows = count;
      if (days.length < count) days = new Int32Array(count);
      try {
        if (given) slicer.place(ms, count, days);
      } catch (error) {
        // Days without number are no fault of a reference; it is then one whole and nothing more.
        if (!(error instanceof DataFault)) throw error;
        given = false;
      }
    },
    bins(column, fine) {
      if (!given) return;
      const { size, place } = coarse[column]!;
      const byDay = counts[column]!;
      for (let from = 0; from < rows; ) {
        const to = endOfRun(days, from, rows);
        byDay[days[from]!] ??= new Int32Array(size + 1);
        countPlaces(byDay[days[from]!]!, place, fine, from, to);
        from = to;
      }
    },
    read() {
      if (!given) return [];
      const ascending = slicer.windows.map((day, at) => ({ ...day, at })).sort((a, b) => a.start - b.start);
      return ascending.slice(-DAYS_KEPT).map(({ start, n, at }) => ({
        start: new Date(start).toISOString(),
        n,
        columns: Object.fromEntries(
          coarse.map(({ name, size }, column) => [name, packCounts(counts[column]![at]!.subarray(0, size))]),
        ),
      }));
    },
  };
}

function countPlaces(counts: Int32Array, place: Int32Array, bins: Int32Array, from: number, to: number): void {
  for (let i = from; i < to; i++) counts[place[bins[i]!]!]!++;
}

/** Numeric bins without the fine edges inside them. */
function scoringOnly(bins: ColumnBins): ColumnBins {
  if (bins.kind === 'categorical') return bins;
  const edges = bins.scoring.slice(1).map((from) => bins.edges[from - 1]!);
  return { kind: 'numeric', edges, scoring: [0, ...edges.map((_, i) => i + 1)] };
}

const NOT_COMPARED: ReadonlySet<string> = new Set<ColumnRole>(['label', 'id', 'timestamp', 'attribution']);

/** Whether a column is compared with the reference; times and identifiers are not, a label has its metrics, an attribution its ranking. */
export function isCompared(column: MeasuredColumn): boolean {
  const measured = column.kind === 'numeric' || column.kind === 'categorical';
  return measured && !NOT_COMPARED.has(column.role);
}

/**
 * Bins of the numeric columns, by name; as many columns are read at once as fit into memory. Where all do, they stay there for the scan
 * that counts them.
 */
async function numericBinsByName(
  connection: Connection,
  { relation, plain }: Pick<Scanned, 'relation' | 'plain'>,
  columns: readonly MeasuredColumn[],
  n: number,
): Promise<{ bins: Map<string, { bins: ColumnBins; median: number | null }>; held: Held }> {
  const bins = new Map<string, { bins: ColumnBins; median: number | null }>();
  const atOnce = Math.max(1, Math.floor(VALUES_HELD / Math.max(1, n)));
  const held = Array.from({ length: Math.min(atOnce, columns.length) }, () => new Float64Array(n));
  for (let from = 0; from < columns.length; from += atOnce) {
    const batch = columns.slice(from, from + atOnce);
    const values = batch.map((column) => numberOf(column.name, plain));
    let done = 0;
    await eachChunk(connection, `SELECT ${values.join(', ')} FROM ${relation}`, ({ rows, column }) => {
      for (let i = 0; i < batch.length; i++) held[i]!.set(column(i), done);
      done += rows;
    });
    // Ranked here rather than by SQL quantiles, so that edges come from the one function that the golden vectors test.
    for (const [i, column] of batch.entries()) bins.set(column.name, numericBinsOf(finiteOf(held[i]!)));
  }
  const fit = columns.length <= atOnce;
  return { bins, held: new Map(fit ? columns.map((column, i) => [column.name, held[i]!]) : []) };
}

/** The finite values: themselves where all are. */
function finiteOf(values: Float64Array): Float64Array {
  let finite = 0;
  for (let i = 0; i < values.length; i++) finite += +(values[i]! - values[i]! === 0);
  return finite === values.length ? values : values.filter((value) => Number.isFinite(value));
}

async function categorical(
  connection: Connection,
  file: string,
  column: MeasuredColumn,
): Promise<{ bins: ColumnBins; median: null }> {
  const value = name(column.name);
  const found = await rows(
    connection,
    `SELECT ${value} AS value, count(*) AS n, sum(count(*)) OVER () AS total FROM ${file} WHERE ${value} IS NOT NULL
     GROUP BY 1 ORDER BY n DESC, value LIMIT ${CATEGORIES_FETCHED}`,
  );
  const counts = new Map(found.map((entry) => [String(entry.value), Number(entry.n)]));
  return { bins: categoricalBins(counts, Number(found[0]?.total ?? 0)), median: null };
}

async function classes(connection: Connection, file: string, columns: readonly MeasuredColumn[]): Promise<string[]> {
  const targets = columns.filter((column) => column.role === 'label' || column.role === 'prediction');
  if (targets.length === 0 || targets.some((column) => column.kind !== 'categorical')) return [];
  const all = targets.map((column) => `SELECT ${name(column.name)} AS value FROM ${file}`).join(' UNION ALL ');
  const found = await rows(
    connection,
    `SELECT value, count(*) AS n FROM (${all}) WHERE value IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT ${CLASSES_FETCHED}`,
  );
  return found.map((entry) => String(entry.value));
}
