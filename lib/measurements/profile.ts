import type { DuckDBConnection } from '@duckdb/node-api';
import { categoricalBins, numericBins, quantile } from './bins.ts';
import { name, row, rows, text } from './duckdb.ts';
import { DataFault } from './fault.ts';
import { type CountedColumn, type Plan, planScan, scanned } from './plan.ts';
import { MAX_CLASSES, taskOf } from './rules.ts';
import { scan } from './scan.ts';
import type { ColumnBins, MeasuredColumn, ReferenceProfile, ReferenceWindow } from './schema.ts';

/** Categories fetched: the ones with a bin, the rare ones kept by name, and one more to see that there are others. */
const CATEGORIES_FETCHED = 2_031;
/** Classes of a label told apart; the rest is one class. */
const CLASSES_FETCHED = MAX_CLASSES + 10;
/** A year and a month: every season once, in a few hundred kilobytes. */
const DAYS_KEPT = 400;

/** Bins, counts and performance of a converted reference. Compared columns: features, segments, the score and the prediction. */
export async function profile(
  connection: DuckDBConnection,
  parquet: string,
  columns: readonly MeasuredColumn[],
  onRows: (rows: number) => void,
  timezone = 'UTC',
): Promise<ReferenceProfile> {
  const compared = columns.filter(isCompared);
  const binned: { column: MeasuredColumn; bins: ColumnBins; median: number | null }[] = [];
  const file = `read_parquet(${text(parquet)})`;
  const { n } = await row(connection, `SELECT count(*) AS n FROM ${file}`);
  for (const column of compared) {
    const found =
      column.kind === 'numeric'
        ? await numeric(connection, file, column, Number(n))
        : await categorical(connection, file, column);
    binned.push({ column, ...found });
  }
  const task = taskOf(columns, await classes(connection, file, columns));
  const { relation } = await scanned(connection, parquet, columns, []);
  const counted = binned.map(({ column, bins }) => ({ name: column.name, bins }));
  const score = columns.find((column) => column.role === 'score')?.name;
  const plan = await planScan(connection, relation, columns, counted, task);
  const [all] = await scan(connection, plan, counted, task, 'all', 'UTC', score, onRows);
  return {
    method: 'reference-bins/1',
    rows: Number(n),
    columns: binned.map(({ column, bins, median }) => ({
      ...column,
      bins,
      median,
      counts: all!.columns[column.name]!,
    })),
    task,
    performance: columns.some((column) => column.role === 'label') ? all!.performance : null,
    ...(columns.some((column) => column.role === 'timestamp')
      ? { windows: await daysOf(connection, plan, counted, timezone) }
      : {}),
  };
}

/** The reference day by day on its scoring bins, from a second pass: a day on fine bins would be a hundred times as much to keep. */
async function daysOf(
  connection: DuckDBConnection,
  plan: Plan,
  columns: readonly CountedColumn[],
  timezone: string,
): Promise<ReferenceWindow[]> {
  const coarse = columns.map(({ name, bins }) => ({ name, bins: scoringOnly(bins) }));
  try {
    const days = await scan(connection, plan, coarse, null, 'day', timezone, undefined, () => undefined);
    return days.slice(-DAYS_KEPT).map((day) => ({
      start: day.start,
      n: day.n,
      columns: Object.fromEntries(Object.entries(day.columns).map(([column, { counts }]) => [column, counts])),
    }));
  } catch (error) {
    // Days without number are no fault of a reference; it is then one whole and nothing more.
    if (error instanceof DataFault) return [];
    throw error;
  }
}

/** Numeric bins without the fine edges inside them. */
function scoringOnly(bins: ColumnBins): ColumnBins {
  if (bins.kind === 'categorical') return bins;
  const edges = bins.scoring.slice(1).map((from) => bins.edges[from - 1]!);
  return { kind: 'numeric', edges, scoring: [0, ...edges.map((_, i) => i + 1)] };
}

/** Whether a column is compared with the reference; times and identifiers are not, and a label has its metrics. */
export function isCompared(column: MeasuredColumn): boolean {
  const measured = column.kind === 'numeric' || column.kind === 'categorical';
  return measured && column.role !== 'label' && column.role !== 'id' && column.role !== 'timestamp';
}

async function numeric(
  connection: DuckDBConnection,
  file: string,
  column: MeasuredColumn,
  n: number,
): Promise<{ bins: ColumnBins; median: number | null }> {
  // Sorted here rather than by SQL quantiles, so that edges come from the one function that the golden vectors test.
  const values = new Float64Array(n);
  let filled = 0;
  const value = name(column.name);
  const result = await connection.stream(
    `SELECT ${value} FROM ${file} WHERE ${value} IS NOT NULL AND isfinite(${value})`,
  );
  for (let chunk = await result.fetchChunk(); chunk && chunk.rowCount > 0; chunk = await result.fetchChunk()) {
    const items = (chunk.getColumnVector(0) as unknown as { items: Float64Array }).items;
    values.set(items.subarray(0, chunk.rowCount), filled);
    filled += chunk.rowCount;
  }
  const sorted = values.subarray(0, filled).sort();
  return { bins: numericBins(sorted), median: filled > 0 ? quantile(sorted, 0.5) : null };
}

async function categorical(
  connection: DuckDBConnection,
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

async function classes(
  connection: DuckDBConnection,
  file: string,
  columns: readonly MeasuredColumn[],
): Promise<string[]> {
  const targets = columns.filter((column) => column.role === 'label' || column.role === 'prediction');
  if (targets.length === 0 || targets.some((column) => column.kind !== 'categorical')) return [];
  const all = targets.map((column) => `SELECT ${name(column.name)} AS value FROM ${file}`).join(' UNION ALL ');
  const found = await rows(
    connection,
    `SELECT value, count(*) AS n FROM (${all}) WHERE value IS NOT NULL GROUP BY 1 ORDER BY n DESC, value LIMIT ${CLASSES_FETCHED}`,
  );
  return found.map((entry) => String(entry.value));
}
