import { open } from 'node:fs/promises';
import { cut } from '../base/cut.ts';
import { SET_ASIDE_SHARE } from '../contracts/rules/judge.ts';
import type { AsideCount } from '../contracts/schema.ts';
import { type Check, checksOf, faultOf, rulesOf } from './checks.ts';
import { type Connection, eachRows, name, row, rows, stream } from './duckdb.ts';
import { DataFault } from './fault.ts';
import type { InspectJob } from './job.ts';
import { asidePath } from './job-files.ts';
import { pinned } from './kept.ts';
import type { AsideLine, AsideRows, MeasuredColumn } from './schema.ts';
import type { Source } from './source.ts';

/** Cells kept of the rows that are set aside: one in twenty of a million rows of twenty columns; the counts are exact beyond. */
const CELLS_KEPT = 1_000_000;
/** Longest value kept of one of them, in characters. */
const CELL_LENGTH = 200;
/** Longest excerpt of a bad value in a message, in characters. */
const EXCERPT = 60;

/**
 * Finds the rows of an upload that cannot be counted and keeps them, with their reasons, beside it. Slow path, taken once there are some.
 * @returns the SQL condition of a row that does not count, and what was kept of those; null where every row counts
 * @throws DataFault naming the first row of every broken rule where the rows are too many, or the file is no observations
 */
export async function setAside(
  connection: Connection,
  source: Source,
  columns: readonly MeasuredColumn[],
  job: InspectJob,
): Promise<{ bad: string; aside: AsideRows } | null> {
  const checks = columns.flatMap((column): Check[] => {
    const from = source.columns.find((candidate) => candidate.name === column.name)!;
    const raw = { value: name(column.name), from };
    return checksOf(column, pinned(column, from), rulesOf(job), raw).filter(({ onlyWarns }) => !onlyWarns);
  });
  if (checks.length === 0) return null;
  const flags = checks.map(({ bad }, i) => `coalesce(${bad}, false) AS bad${i}`);
  const cells = columns.map((column, i) => `left(CAST(${name(column.name)} AS VARCHAR), ${CELL_LENGTH}) AS cell${i}`);
  const numbered = `(SELECT *, row_number() OVER () AS plumbline_row FROM ${source.relation})`;
  const any = checks.map((_, i) => `bad${i}`).join(' OR ');
  const flagged = (more: readonly string[]) =>
    `(SELECT plumbline_row AS place, ${[...flags, ...more].join(', ')} FROM ${numbered})`;
  const found = await row(
    connection,
    `SELECT count(*) AS total, count_if(${any}) AS bad,
      ${checks.map((_, i) => `count_if(bad${i}) AS count${i}, min(place) FILTER (WHERE bad${i}) AS first${i}`).join(', ')}
     FROM ${flagged([])}`,
  );
  const bad = Number(found.bad);
  if (bad === 0) return null;
  const limit = Math.max(1, Math.floor(CELLS_KEPT / columns.length));
  const firsts = checks.flatMap((_, i) => (found[`first${i}`] === null ? [] : [Number(found[`first${i}`])]));
  const held = await rows(
    connection,
    `SELECT plumbline_row AS place, ${cells.join(', ')} FROM ${numbered} WHERE plumbline_row IN (${firsts.join(', ')})`,
  );
  const counts = checks.flatMap(({ rule, column }, i): AsideCount[] => {
    const place = found[`first${i}`];
    if (place === null) return [];
    const value = held.find((one) => one.place === place)?.[`cell${columns.indexOf(column)}`];
    const excerpt = typeof value === 'string' ? cut(value, EXCERPT) : null;
    return [{ rule, column: column.name, rows: Number(found[`count${i}`]), row: Number(place), value: excerpt }];
  });
  const accepted = job.contract?.rules?.maxSetAsideShare ?? SET_ASIDE_SHARE;
  if (job.purpose !== 'observations' || bad > accepted * Number(found.total)) {
    throw new DataFault(counts.map(({ rule, column, row: at, value }) => faultOf(rule, column, at, value)));
  }
  const path = asidePath(job.output);
  const wanted = `SELECT * FROM ${flagged(cells)} WHERE ${any} ORDER BY place LIMIT ${limit}`;
  await keep(connection, path, wanted, (held) => asideLine(held, checks, columns));
  const condition = checks.map((check) => `coalesce(${check.bad}, false)`).join(' OR ');
  return { bad: condition, aside: { rows: bad, kept: Math.min(bad, limit), path, counts } };
}

function asideLine(
  held: Record<string, unknown>,
  checks: readonly Check[],
  columns: readonly MeasuredColumn[],
): AsideLine {
  const value = (i: number) => (typeof held[`cell${i}`] === 'string' ? (held[`cell${i}`] as string) : null);
  return {
    row: Number(held.place),
    broken: checks.flatMap(({ rule, column }, i) => (held[`bad${i}`] === true ? [{ rule, column: column.name }] : [])),
    values: Object.fromEntries(columns.map((column, i) => [column.name, value(i)])),
  };
}

/** Durable when it returns: what is said to be kept must be there after a crash. Holds a chunk of rows at a time. */
async function keep(
  connection: Connection,
  path: string,
  sql: string,
  lineOf: (held: Record<string, unknown>) => AsideLine,
): Promise<void> {
  const file = await open(path, 'w');
  try {
    await eachRows(await stream(connection, sql), async (held) => {
      await file.write(held.map((one) => `${JSON.stringify(lineOf(one))}\n`).join(''));
    });
    await file.sync();
  } finally {
    await file.close();
  }
}
