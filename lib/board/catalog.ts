import type { Db } from '../../db/client.ts';
import type { Actor } from '../access/schema.ts';
import { listWaiting } from '../approvals/queries/request.ts';
import { listIncidents } from '../incidents/queries.ts';
import { inboxOf } from './rules.ts';
import type { CatalogRow, InboxItem } from './schema.ts';
import { readStandings, standingsOfAll } from './standings.ts';

const OPEN_REQUESTS = ['in_review', 'changes_requested', 'approved', 'deploying'] as const;

/** Every model, or those with some names, with the state it is in now, and what of it waits for this person. */
export async function listCatalog(
  db: Db,
  actor: Actor,
  now: Date,
  names?: readonly string[],
): Promise<{ catalog: CatalogRow[]; inbox: InboxItem[] }> {
  const [{ rows, incidents }, requests] = await Promise.all([
    names ? readStandings(db, now, names) : standingsOfAll(db, now),
    listWaiting(db, OPEN_REQUESTS, actor, now),
  ]);
  const inbox = inboxOf(actor, requests, incidents);
  const requestsOf = Map.groupBy(requests, (request) => request.model);
  const inboxFor = Map.groupBy(inbox, (item) => item.model);
  const catalog = rows.map(
    (row): CatalogRow => ({
      ...row,
      candidateVersion: requestsOf.get(row.name)?.[0]?.version ?? null,
      needsMe: inboxFor.get(row.name)?.length ?? 0,
    }),
  );
  return { catalog, inbox };
}

/** What waits for this person: signatures, deployments, their own requests sent back, open incidents of theirs. */
export async function listInbox(db: Db, actor: Actor, now: Date): Promise<InboxItem[]> {
  const open = await listWaiting(db, OPEN_REQUESTS, actor, now);
  return inboxOf(actor, open, await listIncidents(db, { open: true }));
}
