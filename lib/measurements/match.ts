import { type Connection, name, row, rows, run, text } from './duckdb.ts';
import type { LabelMatch, MatchJob } from './job.ts';
import { keptRows } from './kept.ts';

/**
 * Looks for the ids of labels in files of observations, file by file. Of each file the column of ids is read and nothing else, a
 * fraction of what counting it anew takes.
 */
export async function matched(connection: Connection, { labels, observations }: MatchJob): Promise<LabelMatch> {
  const count = async (table: string) => Number((await row(connection, `SELECT count(*) AS n FROM ${table}`)).n);
  await run(
    connection,
    `CREATE TEMP TABLE labelled AS
      SELECT DISTINCT id FROM read_parquet(${text(labels)}) WHERE id IS NOT NULL AND label IS NOT NULL`,
  );
  await run(connection, 'CREATE TEMP TABLE unmatched AS FROM labelled');
  const ids = await count('labelled');
  let unmatched = ids;
  const files: boolean[] = [];
  for (const { parquet, columns } of observations) {
    const id = columns.find((column) => column.role === 'id');
    const held = id && `(SELECT ${name(id.name)} FROM ${keptRows(parquet, [id])} WHERE ${name(id.name)} IS NOT NULL)`;
    const isMet = held !== undefined && (await hasRow(connection, `FROM labelled WHERE id IN ${held} LIMIT 1`));
    files.push(isMet);
    if (!isMet || unmatched === 0) continue;
    await run(connection, `CREATE OR REPLACE TEMP TABLE unmatched AS FROM unmatched WHERE id NOT IN ${held}`);
    unmatched = await count('unmatched');
  }
  return { ids, unmatched, files };
}

const hasRow = async (connection: Connection, sql: string): Promise<boolean> =>
  (await rows(connection, sql)).length > 0;
