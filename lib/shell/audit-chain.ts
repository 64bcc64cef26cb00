import { type Db, statement } from '../../db/client.ts';
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

/** What subscribers are told of an entry, beside what they learn from it. */
export type News = { model: string | null; payload: string | null };

/**
 * Appends one entry to its stream's chain, and its news to the outbox, inside the caller's transaction: one statement that
 * makes or moves on the head, which locks it, and links the event to what it was. It always writes, or fails and the
 * transaction with it, so that the commit may be sent behind it without waiting. Sent before this function returns.
 */
export async function appendAudit(tx: Db, entry: AuditEntry, news: News): Promise<void> {
  const { actor, subject } = entry;
  await append(tx, [
    entry.stream,
    ...bodyAround(entry),
    entry.at.toISOString(),
    entry.action,
    actor.kind,
    actor.id,
    actor.name,
    subject.type,
    subject.id,
    entry.modelId,
    news.model,
    news.payload,
  ]);
}

const hashOf = (prevHash: string, position: string): string =>
  `encode(sha256(convert_to(${prevHash} || E'\\n' || $2::text || ${position} || $3::text, 'UTF8')), 'hex')`;

const append = statement(`
  with head as (
    insert into audit_heads as held (stream, position, prev_hash, hash)
    values ($1::text, 1, '${GENESIS}', ${hashOf(`'${GENESIS}'`, '1')})
    on conflict (stream) do update set position = held.position + 1, prev_hash = held.hash,
      hash = ${hashOf('held.hash', '(held.position + 1)')}
    returning position, prev_hash, hash),
  event as (
    insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id,
      model_id, body, prev_hash, hash)
    select $1::text, position, $4::timestamptz, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::uuid,
      $2::text || position || $3::text, prev_hash, hash from head)
  insert into outbox (at, key, subject_type, subject_id, model, payload)
    select $4::timestamptz, $5::text, $9::text, $10::text, $12::text, $13::text from head`);

/** The canonical text of an entry on both sides of its position, which only the locked head knows. */
function bodyAround(entry: AuditEntry): [before: string, after: string] {
  const { action, actor, subject, reason = null, requestId } = entry;
  const at = entry.at.toISOString();
  const first = canonicalJson({ action, actor, after: entry.after ?? null, at, before: entry.before ?? null });
  const last = canonicalJson({ reason, requestId, subject });
  return [`${first.slice(0, -1)},"position":`, `,${last.slice(1)}`];
}
