import { createHmac } from 'node:crypto';
import * as z from 'zod';
import { sameDigest } from '../../base/hash.ts';
import { MINUTE_MS, SECOND_MS } from '../../base/time.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, notFound } from '../../shell/errors.ts';
import { unseal } from '../../shell/seal.ts';
import { FOLLOW_PLACE, lockImport } from '../queries.ts';
import { FOLLOWED, receiveInput } from '../schema.ts';

/** A webhook that took longer is sent again by its server, signed anew. */
const FRESH_MS = 5 * MINUTE_MS;

const message = z.object({
  entity: z.string(),
  action: z.string(),
  data: z.object({ name: z.string().min(1).max(500) }),
});

/** A webhook of the other server: it names a model, which is then read from there. Nothing else of it is believed. */
export const receiveEvent = defineCommand('imports.receive', receiveInput, async ({ tx, now }, input) => {
  const row = await lockImport(tx, input.id);
  const secret = row.followSecret === null ? undefined : unseal(row.followSecret, FOLLOW_PLACE(row.id));
  if (!secret) throw notFound('import', input.id);
  const signed = `${input.deliveryId}.${input.timestamp}.${input.body}`;
  const expected = `v1,${createHmac('sha256', secret).update(signed).digest('base64')}`;
  const isFresh = Math.abs(now.getTime() - Number(input.timestamp) * SECOND_MS) <= FRESH_MS;
  if (!isFresh || !input.signature.split(' ').some((one) => sameDigest(one, expected)))
    throw new AppError('unauthenticated', 'bad_signature', 'The signature is not valid, or too old.');
  const told = message.safeParse(parsed(input.body));
  const event = told.success ? `${told.data.entity}.${told.data.action}` : '';
  if (!told.success || !FOLLOWED.some((one) => one === event))
    return { value: { accepted: false as boolean }, unchanged: true };
  const { name } = told.data.data;
  return {
    value: { accepted: true as boolean },
    subject: { type: 'import', id: row.id },
    before: null,
    after: { event, model: name, delivery: input.deliveryId },
    jobs: [{ name: 'import-model', data: { importId: row.id, model: name } }],
  };
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
