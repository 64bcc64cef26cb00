import { getDb } from '../../db/client.ts';
import { actorFromCookies } from '../shell/session.ts';
import { type BoardQuery, getBoard } from './queries.ts';
import type { BoardView } from './schema.ts';

export type LoadedBoard = { signedIn: false } | { signedIn: true; board: BoardView; selection: BoardQuery };

/** The first paint's board for a page request; values that make no sense fall back to the defaults. */
export async function loadBoard(
  searchParams: Record<string, string | string[] | undefined>,
  cookieHeader: string,
): Promise<LoadedBoard> {
  const db = getDb();
  const now = new Date();
  const actor = await actorFromCookies(db, cookieHeader, now);
  if (!actor) return { signedIn: false };
  const selection = readSelection((name) => {
    const value = searchParams[name];
    return Array.isArray(value) ? value[0] : value;
  });
  return { signedIn: true, board: await getBoard(db, actor, selection, now), selection };
}

/** The selection of an address: absent and senseless values are left out. */
export function readSelection(read: (name: string) => string | null | undefined): BoardQuery {
  const text = (name: string) => read(name)?.slice(0, 300) || undefined;
  const version = /^\d{1,9}$/.test(read('v') ?? '') ? Number(read('v')) : undefined;
  const [m, w, f, metric] = [text('m'), text('w'), text('f'), text('metric')];
  return {
    ...(m ? { m } : {}),
    ...(version ? { v: version } : {}),
    ...(w ? { w } : {}),
    ...(f ? { f } : {}),
    ...(metric ? { metric } : {}),
  };
}
