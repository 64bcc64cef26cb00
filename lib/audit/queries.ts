import { and, asc, desc, eq, gte, lt, lte, sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { auditEvents, auditHeads } from '../../db/schema/audit.ts';
import { atOneMoment } from '../../db/snapshot.ts';
import { isUuid } from '../base/ids.ts';
import { GENESIS, linkHash } from '../shell/audit-chain.ts';
import type { AuditRow, AuditVerdict } from './schema.ts';

export type AuditFilter = {
  modelId?: string;
  subject?: string;
  actor?: string;
  /** A command's name, or all of a noun: `approvals.*`. */
  action?: string;
  from?: Date;
  to?: Date;
  before?: number;
  limit: number;
};

const actionIs = (action: string) =>
  action.endsWith('.*')
    ? sql`starts_with(${auditEvents.action}, ${action.slice(0, -1)})`
    : eq(auditEvents.action, action);

/** Newest first; `before` pages on. */
export async function listAudit(db: Db, filter: AuditFilter): Promise<AuditRow[]> {
  const rows = await db
    .select()
    .from(auditEvents)
    .where(
      and(
        filter.modelId ? eq(auditEvents.modelId, filter.modelId) : undefined,
        filter.subject ? eq(auditEvents.subjectId, filter.subject) : undefined,
        filter.actor ? eq(auditEvents.actorId, filter.actor) : undefined,
        filter.action ? actionIs(filter.action) : undefined,
        filter.from ? gte(auditEvents.at, filter.from) : undefined,
        filter.to ? lte(auditEvents.at, filter.to) : undefined,
        filter.before ? lt(auditEvents.id, filter.before) : undefined,
      ),
    )
    .orderBy(desc(auditEvents.id))
    .limit(filter.limit);
  return rows.map((row) => {
    const body = JSON.parse(row.body) as Pick<AuditRow, 'reason' | 'before' | 'after'>;
    return {
      id: row.id,
      at: row.at.toISOString(),
      action: row.action,
      actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
      subject: { type: row.subjectType, id: row.subjectId },
      reason: body.reason,
      before: body.before,
      after: body.after,
      hash: row.hash,
    };
  });
}

const PAGE = 2000;

/**
 * Walks every chain from its genesis: each hash must cover the stored text and the hash before it, positions must have
 * no gap, the columns must say what the text says, and the last link must be the head that is kept beside the chain. All of
 * it as it was at one moment: an entry written meanwhile would be a head without its link.
 */
export const verifyAudit = inTurn((db: Db): Promise<AuditVerdict> => atOneMoment(db, verifyChains));

/** One walk at a time, however many ask: whoever comes meanwhile shares the next one, which begins after they asked. */
function inTurn<A>(walk: (db: Db) => Promise<A>): (db: Db) => Promise<A> {
  const walks = new WeakMap<Db, { now: Promise<A>; next?: Promise<A> }>();
  const begin = (db: Db): Promise<A> => {
    const mine: { now: Promise<A>; next?: Promise<A> } = { now: walk(db) };
    walks.set(db, mine);
    const end = () => void (!mine.next && walks.delete(db));
    mine.now.then(end, end);
    return mine.now;
  };
  return (db) => {
    const held = walks.get(db);
    if (!held) return begin(db);
    held.next ??= held.now.then(
      () => begin(db),
      () => begin(db),
    );
    return held.next;
  };
}

type Link = { position: number; hash: string };

async function verifyChains(db: Db): Promise<AuditVerdict> {
  const chains = new Map<string, Link>();
  let rows = 0;
  for (let after = { stream: '', position: 0 }; ; ) {
    const page = await db
      .select()
      .from(auditEvents)
      .orderBy(asc(auditEvents.stream), asc(auditEvents.position))
      .where(sql`(${auditEvents.stream}, ${auditEvents.position}) > (${after.stream}, ${after.position})`)
      .limit(PAGE);
    for (const row of page) {
      rows += 1;
      const held = chains.get(row.stream) ?? { position: 0, hash: GENESIS };
      const sound =
        row.position === held.position + 1 &&
        row.prevHash === held.hash &&
        row.hash === linkHash(row.prevHash, row.body) &&
        saysWhatItsTextSays(row);
      if (!sound) return { ok: false, rows, firstBad: { id: row.id, stream: row.stream, position: row.position } };
      chains.set(row.stream, { position: row.position, hash: row.hash });
      after = row;
    }
    if (page.length < PAGE) break;
  }
  const loose = looseEnd(chains, await db.select().from(auditHeads));
  return { ok: !loose, rows, firstBad: loose ? { id: null, ...loose } : null };
}

/** Where a chain and the head that is kept of it part: what should come next there. */
function looseEnd(
  chains: ReadonlyMap<string, Link>,
  heads: readonly (Link & { stream: string })[],
): { stream: string; position: number } | undefined {
  const known = new Set(heads.map(({ stream }) => stream));
  for (const [stream, { position }] of chains) if (!known.has(stream)) return { stream, position: position + 1 };
  for (const { stream, position, hash } of heads) {
    const held = chains.get(stream) ?? { position: 0, hash: GENESIS };
    if (held.position !== position || held.hash !== hash) return { stream, position: held.position + 1 };
  }
  return undefined;
}

/** The columns exist to search by; what was hashed is the text. A model's stream bears the model's id. */
function saysWhatItsTextSays(row: typeof auditEvents.$inferSelect): boolean {
  const text = JSON.parse(row.body) as {
    position: number;
    at: string;
    action: string;
    actor: { kind: string; id: string; name: string };
    subject: { type: string; id: string };
  };
  return (
    text.position === row.position &&
    text.at === row.at.toISOString() &&
    text.action === row.action &&
    text.actor.kind === row.actorKind &&
    text.actor.id === row.actorId &&
    text.actor.name === row.actorName &&
    text.subject.type === row.subjectType &&
    text.subject.id === row.subjectId &&
    row.modelId === (isUuid(row.stream) ? row.stream : null)
  );
}
