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
  if (await append(tx, entry)) return;
  await tx.insert(auditHeads).values({ stream: entry.stream, position: 0, hash: GENESIS }).onConflictDoNothing();
  if (!(await append(tx, entry))) throw new Error('the audit stream has no head');
}

/**
 * One statement that locks the head, links the event to it and moves it on: every round trip is time under the locks of
 * the model and the stream. False when there is no head.
 */
async function append(tx: Db, entry: AuditEntry): Promise<boolean> {
  const { stream, actor, subject } = entry;
  const [before, after] = bodyAround(entry);
  const linked = await tx.execute(sql`
    with head as materialized (select position + 1 as position, hash from audit_heads where stream = ${stream} for update),
    body as (select position, hash as prev_hash, ${before}::text || position || ${after}::text as body from head),
    event as (
      insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id,
        model_id, body, prev_hash, hash)
      select ${stream}::text, position, ${entry.at.toISOString()}::timestamptz, ${entry.action}::text, ${actor.kind}::text,
        ${actor.id}::text, ${actor.name}::text, ${subject.type}::text, ${subject.id}::text, ${entry.modelId}::uuid,
        body, prev_hash, encode(sha256(convert_to(prev_hash || E'\\n' || body, 'UTF8')), 'hex') from body
      returning stream, position, hash)
    update audit_heads set position = event.position, hash = event.hash from event
      where audit_heads.stream = event.stream returning audit_heads.position`);
  return linked.length > 0;
}

/** The canonical text of an entry on both sides of its position, which only the locked head knows. */
function bodyAround(entry: AuditEntry): [before: string, after: string] {
  const { action, actor, subject, reason = null, requestId } = entry;
  const at = entry.at.toISOString();
  const first = canonicalJson({ action, actor, after: entry.after ?? null, at, before: entry.before ?? null });
  const last = canonicalJson({ reason, requestId, subject });
  return [`${first.slice(0, -1)},"position":`, `,${last.slice(1)}`];
}
