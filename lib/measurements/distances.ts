import { told } from './counts.ts';
import { type Connection, name, row } from './duckdb.ts';
import type { ExactDistances, ExactJob } from './job.ts';
import { keptRows } from './kept.ts';

/** From here on values are divided by the largest of them: their squares pass what a double holds, which SQL takes for an error. */
const HUGE = 1e100;

/**
 * Kolmogorov-Smirnov statistic and Wasserstein distance of one numeric column, from every finite row of a stored reference and of the
 * observations in [from, to): both distribution functions at each distinct value, by one sort in SQL.
 * @returns null when either side has no finite row
 */
export async function exactDistancesOf(connection: Connection, job: ExactJob): Promise<ExactDistances | null> {
  const value = `CAST(${name(job.column)} AS DOUBLE)`;
  const finite = `${value} IS NOT NULL AND isfinite(${value})`;
  const range = (time: string) =>
    `epoch_ms(${time}) >= ${Date.parse(job.from)} AND epoch_ms(${time}) < ${Date.parse(job.to)}`;
  const observed = job.observations.map(
    ({ parquet, columns, timestamp }) => `UNION ALL
       SELECT ${value}, 0, 1 FROM ${keptRows(parquet, columns)} WHERE ${finite} AND ${range(name(timestamp))}`,
  );
  const found = await row(
    connection,
    `WITH both_sides AS (
       SELECT ${value} AS x, 1 AS a, 0 AS b FROM ${keptRows(job.reference.parquet, job.reference.columns)} WHERE ${finite}
       ${observed.join(' ')}
     ), units AS (
       SELECT CASE WHEN max(abs(x)) > ${HUGE} THEN max(abs(x)) ELSE 1 END AS unit FROM both_sides
     ), scaled AS (
       SELECT x / unit AS x, a, b FROM both_sides, units
     ), totals AS (
       SELECT sum(a)::DOUBLE AS n, sum(b)::DOUBLE AS m, sqrt(var_pop(x) FILTER (a = 1)) AS deviation FROM scaled
     ), distinct_values AS (
       SELECT x, sum(a) AS a, sum(b) AS b FROM scaled GROUP BY x
     ), gaps AS (
       SELECT abs(sum(a) OVER upto / n - sum(b) OVER upto / m) AS gap, lead(x) OVER (ORDER BY x) - x AS width
       FROM distinct_values, totals WINDOW upto AS (ORDER BY x)
     )
     SELECT (SELECT n FROM totals) AS n, (SELECT m FROM totals) AS m, (SELECT deviation FROM totals) AS deviation,
       (SELECT unit FROM units) AS unit,
       max(gap) AS statistic, sum(gap * coalesce(width, 0)) AS distance FROM gaps`,
  );
  const [referenceN, n] = [Number(found.n ?? 0), Number(found.m ?? 0)];
  if (referenceN === 0 || n === 0) return null;
  const unit = Number(found.unit);
  return {
    n,
    referenceN,
    statistic: Number(found.statistic),
    distance: told(Number(found.distance) * unit),
    deviation: told(Number(found.deviation) * unit),
  };
}
