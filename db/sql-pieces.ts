import { getTableColumns, getTableName } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

/** As the driver takes it: moments as ISO text, JSON as its text. */
export type Value = string | number | boolean | null | string[] | number[];

/**
 * A piece of SQL with a `?` for each of its values, in their order. What is put together for each request is put together
 * of these: the query builder's own form of the same takes as long as the database takes for a short page.
 */
export type Piece = { text: string; values: Value[] };

export const piece = (text: string, ...values: Value[]): Piece => ({ text, values });

/** The pieces one after the other, with the same words between them. */
export const joined = (pieces: readonly Piece[], between: string): Piece => ({
  text: pieces.map(({ text }) => text).join(between),
  values: pieces.flatMap(({ values }) => values),
});

/** The text as Postgres takes it, its values numbered; `before` is how many numbers are taken already. */
export function numbered(text: string, before = 0): string {
  let n = before;
  return text.replaceAll('?', () => {
    n += 1;
    return `$${n}`;
  });
}

/**
 * One whole row into a table: nothing need be read back, for every column is given.
 * @param tail `from head`, where the row is only to be made when there is such a row, or `on conflict do nothing`
 */
export function rowInto<T extends PgTable>(table: T, tail = ''): (row: T['$inferSelect']) => Piece {
  const columns = Object.entries(getTableColumns(table));
  const names = columns.map(([, { name }]) => `"${name}"`);
  const marks = columns.map(([, column]) => `?::${column.getSQLType()}`);
  const text = `insert into "${getTableName(table)}" (${names}) select ${marks} ${tail}`;
  return (row) => ({
    text,
    values: columns.map(([key, column]) => {
      const value = (row as Record<string, unknown>)[key];
      return value === null ? null : (column.mapToDriverValue(value) as Value);
    }),
  });
}
