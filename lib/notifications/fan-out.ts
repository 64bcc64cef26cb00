import type { TransactionSql } from 'postgres';
import { newId } from '../base/ids.ts';
import { bodyOf, ownData } from './rules.ts';
import type { Protocol } from './schema.ts';

/** A committed outbox row that tells of something, as the pump reads it. */
export type News = {
  id: string;
  /** As the database writes it: the query builder turns the driver's own parsing of moments off. */
  at: string;
  key: string;
  subject_type: string;
  subject_id: string;
  model: string | null;
  payload: string | null;
};

type Hook = { id: string; protocol: Protocol; events: string[]; created_at: string };
/** Postgres takes at most 65,535 parameters a statement; a delivery has nine. */
const ROWS_PER_INSERT = 2_000;

/** Writes one delivery for each webhook that asked for an event, in the pump's own transaction. */
export async function fanOut(tx: TransactionSql, news: readonly News[]): Promise<void> {
  if (news.length === 0) return;
  const hooks = await tx<Hook[]>`select id, protocol, events, created_at from webhooks where status = 'ACTIVE'`;
  const rows = hooks.length === 0 ? [] : news.flatMap((row) => hooks.flatMap((hook) => deliveriesOf(row, hook)));
  for (let from = 0; from < rows.length; from += ROWS_PER_INSERT)
    await tx`insert into webhook_deliveries ${tx(rows.slice(from, from + ROWS_PER_INSERT))} on conflict do nothing`;
}

function deliveriesOf(row: News, hook: Hook) {
  const at = new Date(row.at);
  if (at < new Date(hook.created_at)) return [];
  const own = { name: row.key, data: ownData({ type: row.subject_type, id: row.subject_id }, row.model) };
  const told = JSON.parse(row.payload ?? '[]') as { name: string; data: Record<string, unknown> }[];
  return [own, ...told]
    .filter(({ name }) => hook.events.includes(name))
    .map(({ name, data }) => ({
      // No dot: the id is one of the dotted parts that are signed.
      id: `msg_${newId().replaceAll('-', '')}`,
      webhook_id: hook.id,
      outbox_id: row.id,
      event: name,
      body: bodyOf(hook.protocol, { name, at, data }),
      state: 'pending',
      next_attempt_at: row.at,
      created_at: row.at,
    }));
}
