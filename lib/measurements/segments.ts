import { binCount, fineBin, segmentsOf } from './bins.ts';
import { eachChunk } from './chunks.ts';
import { type Connection, name, text } from './duckdb.ts';
import {
  binOfCode,
  type CountedColumn,
  FIRST_CODE,
  MISSING_CODE,
  MISSING_NUMBER,
  missingTarget,
  NEW_CODE,
  type Plan,
} from './plan.ts';
import { spellings } from './rules.ts';
import type { ColumnBins, Segment, SegmentCounts, Task } from './schema.ts';
import { columnTally, performanceTally } from './tally.ts';

/**
 * One pass over the rows of a time range in one or more files, counting every column and the performance a segment at a time: a segment is a scoring bin
 * of `by`, or the rows that lack it.
 * @param range epoch milliseconds, from inclusive, to exclusive; null takes all rows
 * @returns segments with rows, in the order of the bins, missing last
 */
export async function scanSegments(
  connection: Connection,
  plans: readonly Plan[],
  columns: readonly CountedColumn[],
  task: Task | null,
  by: string,
  scoreColumn: string | undefined,
  range: { from: number; to: number } | null,
): Promise<SegmentCounts[]> {
  const at = columns.findIndex((column) => column.name === by);
  const bins = columns[at]!.bins;
  const names = segmentsOf(bins);
  const segmentOf = segmentFinder(bins, names.length - 1);
  const tallies = columns.map((column) => columnTally(column.bins));
  const scoreBins = columns.find((column) => column.name === scoreColumn)?.bins;
  const performance = performanceTally(task, scoreBins?.kind === 'numeric' ? scoreBins : null);
  const target = missingTarget(task);
  const spelled = (sql: string | null, missing: number) => sql ?? `CAST('${missing}' AS DOUBLE)`;
  const rowsOf = new Array<number>(names.length).fill(0);
  for (const plan of plans) {
    const answers = [
      spelled(plan.label, target),
      spelled(plan.prediction, target),
      spelled(plan.score, MISSING_NUMBER),
    ];
    const within = range ? `WHERE ${plan.time} >= ${range.from} AND ${plan.time} < ${range.to}` : '';
    const sql = `SELECT ${[...answers, ...plan.columns].join(', ')} FROM ${plan.relation} ${within}`;
    await eachChunk(connection, sql, ({ rows, column }) => {
      const values = column(3 + at);
      const segments = new Int32Array(rows);
      for (let i = 0; i < rows; i++) {
        segments[i] = segmentOf(values[i]!);
        rowsOf[segments[i]!]!++;
      }
      performance.add({ label: column(0), prediction: column(1), score: column(2) }, segments, rows);
      for (const [i, tally] of tallies.entries()) tally.add(column(3 + i), segments, rows);
    });
  }
  return names.flatMap((segment, i): SegmentCounts[] => {
    const n = rowsOf[i]!;
    if (n === 0) return [];
    const counted = Object.fromEntries(columns.map((column, c) => [column.name, tallies[c]!.read(i)]));
    return [{ segment, n, columns: counted, performance: performance.read(i, n) }];
  });
}

/** An SQL condition that holds for the rows of one segment of a column. */
export function segmentCondition(column: CountedColumn, segment: Segment): string {
  const value = name(column.name);
  if (column.bins.kind === 'numeric') {
    const finite = `(${value} IS NOT NULL AND isfinite(CAST(${value} AS DOUBLE)))`;
    if (!('above' in segment)) return `NOT ${finite}`;
    const lower = segment.above === null ? '' : ` AND ${value} > ${segment.above}`;
    const upper = segment.upTo === null ? '' : ` AND ${value} <= ${segment.upTo}`;
    return `(${finite}${lower}${upper})`;
  }
  if ('missing' in segment) return `${value} IS NULL`;
  const listed = (categories: readonly string[]) => categories.flatMap(spellings).map(text).join(', ');
  if ('category' in segment) return `${value} IN (${listed([segment.category])})`;
  const { categories } = column.bins;
  return `(${value} IS NOT NULL${categories.length ? ` AND ${value} NOT IN (${listed(categories)})` : ''})`;
}

/** NaN and infinities have no place among ordered bins: they count as missing. */
function segmentFinder(bins: ColumnBins, missing: number): (value: number) => number {
  if (bins.kind === 'numeric') {
    const edges = bins.scoring.slice(1).map((from) => bins.edges[from - 1]!);
    return (value) => (Number.isFinite(value) ? fineBin(edges, value) : missing);
  }
  const binOf = binOfCode(bins);
  const other = binCount(bins) - 1;
  return (code) => (code === MISSING_CODE ? missing : code === NEW_CODE ? other : binOf[code - FIRST_CODE]!);
}
