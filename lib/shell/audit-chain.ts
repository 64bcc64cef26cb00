import { sql } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { auditHeads } from '../../db/schema/audit.ts';
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
  // One statement for the event and the head: every round trip is time under the locks of the model and the stream.
  await tx.execute(sql`
    with event as (
      insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id,
        model_id, body, prev_hash, hash)
      values (${entry.stream}, ${position}, ${entry.at.toISOString()}, ${entry.action}, ${entry.actor.kind}, ${entry.actor.id},
        ${entry.actor.name}, ${entry.subject.type}, ${entry.subject.id}, ${entry.modelId}, ${body}, ${head.hash}, ${hash}))
    update audit_heads set position = ${position}, hash = ${hash} where stream = ${entry.stream}`);
}

type Head = { position: number; hash: string };

async function lockHead(tx: Db, stream: string): Promise<Head | undefined> {
  const [head] = await tx.execute<{ position: string; hash: string }>(
    sql`select position, hash from audit_heads where stream = ${stream} for update`,
  );
  return head && { position: Number(head.position), hash: head.hash };
}

async function makeHead(tx: Db, stream: string): Promise<Head | undefined> {
  await tx.insert(auditHeads).values({ stream, position: 0, hash: GENESIS }).onConflictDoNothing();
  return lockHead(tx, stream);
}
