import { type Db, statement } from '../../db/client.ts';
import { numbered, type Piece, piece } from '../../db/sql-pieces.ts';
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
 * What is written together with an entry. `writes` are CTEs: each takes its rows `from head`, or asks whether there is one.
 * `guard` is a piece with a row, or none where nothing may be written; it takes the model's lock before the head's, as all
 * do. With a `revision` nothing is written either where the stream has moved on since.
 */
export type Together = { guard?: Piece; revision?: number; writes?: readonly Piece[] };

const UNGUARDED = piece('select 1');

/**
 * Appends one entry to its stream's chain, its news to the outbox, and what it tells of to the tables: one statement that
 * makes or moves on the head, which locks it, and links the event to what it was. Without a guard or a revision it always
 * writes, or fails and the transaction with it, so that the commit may be sent behind it without waiting. Sent before this
 * function returns.
 * @returns false when the guard or the revision kept it from writing anything
 */
export async function appendAudit(db: Db, entry: AuditEntry, news: News, together: Together = {}): Promise<boolean> {
  const { actor, subject } = entry;
  const { guard = UNGUARDED, revision, writes = [] } = together;
  const done = await statement(textOf(guard, writes, revision !== undefined))(db, [
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
    ...guard.values,
    ...writes.flatMap(({ values }) => values),
    ...(revision === undefined ? [] : [revision]),
  ]);
  return done.length > 0;
}

const hashOf = (prevHash: string, position: string): string =>
  `encode(sha256(convert_to(${prevHash} || E'\\n' || $2::text || ${position} || $3::text, 'UTF8')), 'hex')`;
const OWN_VALUES = 13;

const texts = new Map<string, string>();

/** Commands write few kinds of things together, so that each text is built and prepared once. */
function textOf(guard: Piece, writes: readonly Piece[], isRevised: boolean): string {
  const pieces = [guard, ...writes].map(({ text }) => text);
  const key = `${isRevised}\n${pieces.join('\n')}`;
  const known = texts.get(key);
  if (known) return known;
  const named = ['guard', ...writes.map((_, i) => `write_${i + 1}`)].map((name, i) => {
    const before = OWN_VALUES + [guard, ...writes].slice(0, i).reduce((sum, { values }) => sum + values.length, 0);
    return `${name} as (${numbered(pieces[i]!, before)})`;
  });
  const last = OWN_VALUES + [guard, ...writes].reduce((sum, { values }) => sum + values.length, 1);
  const text = `
  with ${named[0]},
  head as (
    insert into audit_heads as held (stream, position, prev_hash, hash)
    select $1::text, 1, '${GENESIS}', ${hashOf(`'${GENESIS}'`, '1')} from guard
    on conflict (stream) do update set position = held.position + 1, prev_hash = held.hash,
      hash = ${hashOf('held.hash', '(held.position + 1)')} ${isRevised ? `where held.position = $${last}::bigint` : ''}
    returning position, prev_hash, hash),
  event as (
    insert into audit_events (stream, position, at, action, actor_kind, actor_id, actor_name, subject_type, subject_id,
      model_id, body, prev_hash, hash)
    select $1::text, position, $4::timestamptz, $5::text, $6::text, $7::text, $8::text, $9::text, $10::text, $11::uuid,
      $2::text || position || $3::text, prev_hash, hash from head),
  ${named
    .slice(1)
    .map((write) => `${write},`)
    .join('\n  ')}
  news as (insert into outbox (at, key, subject_type, subject_id, model, payload)
    select $4::timestamptz, $5::text, $9::text, $10::text, $12::text, $13::text from head)
  select 1 from head`;
  texts.set(key, text);
  return text;
}

/** The canonical text of an entry on both sides of its position, which only the locked head knows. */
function bodyAround(entry: AuditEntry): [before: string, after: string] {
  const { action, actor, subject, reason = null, requestId } = entry;
  const at = entry.at.toISOString();
  const first = canonicalJson({ action, actor, after: entry.after ?? null, at, before: entry.before ?? null });
  const last = canonicalJson({ reason, requestId, subject });
  return [`${first.slice(0, -1)},"position":`, `,${last.slice(1)}`];
}
