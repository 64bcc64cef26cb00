import { eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { auditEvents, auditHeads } from '../../db/schema/audit.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { sha256 } from '../base/hash.ts';

export const GENESIS = '0'.repeat(64);

/** The link of the chain: each hash covers the one before it and the exact stored text. */
export const linkHash = (prevHash: string, body: string): string => sha256(`${prevHash}\n${body}`);

export type AuditEntry = {
  stream: string;
  at: Date;
  action: string;
  actor: { kind: string; id: string; name: string; roles: string[] };
  subject: { type: string; id: string };
  modelId: string | null;
  reason?: string;
  before: unknown;
  after: unknown;
  requestId: string | null;
};

/**
 * Appends one entry to its stream's chain inside the caller's transaction. A missing head row is made before it is
 * locked: `FOR UPDATE` cannot lock a row that does not exist yet, and two first writers would fork the chain.
 */
export async function appendAudit(tx: Db, entry: AuditEntry): Promise<void> {
  const head = (await lockHead(tx, entry.stream)) ?? (await makeHead(tx, entry.stream));
  if (!head) throw new Error('the audit stream has no head');
  const position = head.position + 1;
  const body = canonicalJson({
    position,
    at: entry.at.toISOString(),
    action: entry.action,
    actor: entry.actor,
    subject: entry.subject,
    reason: entry.reason ?? null,
    before: entry.before ?? null,
    after: entry.after ?? null,
    requestId: entry.requestId,
  });
  const hash = linkHash(head.hash, body);
  await tx.insert(auditEvents).values({
    stream: entry.stream,
    position,
    at: entry.at,
    action: entry.action,
    actorKind: entry.actor.kind,
    actorId: entry.actor.id,
    actorName: entry.actor.name,
    subjectType: entry.subject.type,
    subjectId: entry.subject.id,
    modelId: entry.modelId,
    body,
    prevHash: head.hash,
    hash,
  });
  await tx.update(auditHeads).set({ position, hash }).where(eq(auditHeads.stream, entry.stream));
}

type Head = typeof auditHeads.$inferSelect;

async function lockHead(tx: Db, stream: string): Promise<Head | undefined> {
  const [head] = await tx.select().from(auditHeads).where(eq(auditHeads.stream, stream)).for('update');
  return head;
}

async function makeHead(tx: Db, stream: string): Promise<Head | undefined> {
  await tx.insert(auditHeads).values({ stream, position: 0, hash: GENESIS }).onConflictDoNothing();
  return lockHead(tx, stream);
}
