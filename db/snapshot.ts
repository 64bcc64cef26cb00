import type { Db } from './client.ts';
import { keyedRead } from './keyed-reads.ts';

/**
 * Which transactions a statement sees, as text. Two statements with the same text see the same rows of every table, exactly:
 * the text moves on with each transaction that ends after having changed anything, in whatever database of the server
 * (https://www.postgresql.org/docs/current/functions-info.html#FUNCTIONS-INFO-SNAPSHOT). The start of the server is part
 * of it, as a copy that took over may count its transactions anew.
 */
export const SNAPSHOT = "(extract(epoch from pg_postmaster_start_time()) || ' ' || pg_current_snapshot())";

/** What a search found, and the snapshot of the database it was found in. */
export type Found = { rows: unknown[]; snapshot: string };

const snapshots = keyedRead<string>(
  `select asked.key, ${SNAPSHOT} as answer from unnest($keys) asked (key)`,
  (snapshot) => snapshot,
);

/** What a statement sees that is sent after this was asked. */
export const readSnapshot = async (db: Db): Promise<string> => (await snapshots(db, 'now')) ?? '';

/** Reads by several statements as by one: all of them see what was committed when the first was sent. */
export const atOneMoment = <T>(db: Db, read: (db: Db) => Promise<T>): Promise<T> =>
  db.transaction((tx) => read(tx as Db), { isolationLevel: 'repeatable read', accessMode: 'read only' });
