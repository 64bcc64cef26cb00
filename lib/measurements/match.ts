import { type Connection, name, row, rows, run, text } from './duckdb.ts';
import type { LabelMatch, MatchJob } from './job.ts';
import { keptRows } from './kept.ts';

/**
 * Looks for the ids of labels in files of observations, file by file. Of each file the column of ids is read and nothing else, a
 * fraction of what counting it anew takes.
 */
export async function matched(connection: Connection, { labels, observations }: MatchJob): Promise<LabelMatch> {
  await run(
    connection,
    `CREATE TEMP TABLE labelled AS SELECT DISTINCT id FROM read_parquet(${text(labels)}) WHERE id IS NOT NULL AND label IS NOT NULL`,
  );
  await run(connection, 'CREATE TEMP TABLE met (file INTEGER, id VARCHAR)');
  for (const [file, { parquet, columns }] of observations.entries()) {
    const id = columns.find((column) => column.role === 'id');
    if (!id) continue;
    const held = `SELECT ${name(id.name)} FROM ${keptRows(parquet, [id])}`;
    await run(connection, `INSERT INTO met SELECT ${file}, id FROM labelled WHERE id IN (${held})`);
  }
  const found = await row(
    connection,
    `SELECT count(*) AS ids, count(*) FILTER (id NOT IN (SELECT id FROM met)) AS unmatched FROM labelled`,
  );
  const files = new Set((await rows(connection, 'SELECT DISTINCT file FROM met')).map(({ file }) => Number(file)));
  return {
    ids: Number(found.ids),
    unmatched: Number(found.unmatched),
    files: observations.map((_, file) => files.has(file)),
  };
}
