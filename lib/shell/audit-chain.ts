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
 * Appends one entry to its stream's chain, and its news to the outbox, inside the caller's transaction: one statement
 * that locks the head, links the event to it and moves it on, because every round trip is time under the locks of the
 * model and the stream. A missing head row is made before it is locked: `FOR UPDATE` cannot lock a row that does not
 * exist yet, and two first writers would fork the chain.
 */
export async function appendAudit(tx: Db, entry: AuditEntry, news: News): Promise<void> {
  const { stream, actor, subject } = entry;
  const values = [
    stream,
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
  ];
  // A thing that is made has no chain yet, most of the time.
  const begins = subject.id === stream && entry.before === null && (await begin(tx, values)).length > 0;
  if (begins || (await append(tx, values)).length > 0) return;
  if ((await begin(tx, values)).length === 0 && (await append(tx, values)).length === 0)
    throw new Error('the audit stream has no head');
}

/** From `head` (position, prev_hash, hash, body) on: the event and its news. */
const RECORD = `event as (
    insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id,
      model_id, body, prev_hash, hash)
    select $1::text, position, $4::timestamptz, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::uuid,
      body, prev_hash, hash from head),
  told as (
    insert into outbox (at, key, subject_type, subject_id, model, payload)
    select $4::timestamptz, $5::text, $9::text, $10::text, $12::text, $13::text from head)`;

const HASH = "encode(sha256(convert_to(prev_hash || E'\\n' || body, 'UTF8')), 'hex')";

const append = statement<{ position: string }>(`
  with held as materialized (select position + 1 as position, hash as prev_hash from audit_heads where stream = $1::text for update),
  linked as (select position, prev_hash, $2::text || position || $3::text as body from held),
  head as materialized (select position, prev_hash, body, ${HASH} as hash from linked),
  ${RECORD}
  update audit_heads set position = head.position, hash = head.hash from head where audit_heads.stream = $1::text
    returning audit_heads.position`);

/** The first link of a chain; no row where one exists, be it that of a transaction that was waited for. */
const begin = statement<{ position: string }>(`
  with linked as (select '${GENESIS}'::text as prev_hash, $2::text || 1 || $3::text as body),
  made as (insert into audit_heads (stream, position, hash) select $1::text, 1, ${HASH} from linked
    on conflict do nothing returning position, hash),
  head as materialized (select made.position, prev_hash, body, made.hash from made, linked),
  ${RECORD}
  select position from head`);

/** The canonical text of an entry on both sides of its position, which only the locked head knows. */
function bodyAround(entry: AuditEntry): [before: string, after: string] {
  const { action, actor, subject, reason = null, requestId } = entry;
  const at = entry.at.toISOString();
  const first = canonicalJson({ action, actor, after: entry.after ?? null, at, before: entry.before ?? null });
  const last = canonicalJson({ reason, requestId, subject });
  return [`${first.slice(0, -1)},"position":`, `,${last.slice(1)}`];
}
