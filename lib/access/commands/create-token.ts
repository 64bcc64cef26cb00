import { tokens } from '../../../db/schema/access.ts';
import { sha256 } from '../../base/hash.ts';
import { newId, newTokenSecret } from '../../base/ids.ts';
import { addMs, DAY_MS } from '../../base/time.ts';
import { defineCommand } from '../../shell/command.ts';
import { forbidden } from '../../shell/errors.ts';
import { createTokenInput } from '../schema.ts';

const DEFAULT_DAYS = 90;

/** Makes a token of the acting person, through a token one of its scopes at most. The secret is in the answer and nowhere else. */
export const createToken = defineCommand('access.create-token', createTokenInput, async ({ tx, actor, now }, input) => {
  const wider = actor.scopes && input.scopes.find((scope) => !actor.scopes?.includes(scope));
  if (wider) throw forbidden('scope_missing', `A token gives no more than it has: it lacks the scope ${wider}.`);
  const secret = newTokenSecret();
  const { expiresInDays = DEFAULT_DAYS } = input;
  const row = {
    id: newId(),
    userId: actor.id,
    name: input.name,
    secretHash: sha256(secret),
    hint: `plb_…${secret.slice(-4)}`,
    scopes: [...new Set(input.scopes)],
    createdAt: now,
    expiresAt: expiresInDays === null ? null : addMs(now, expiresInDays * DAY_MS),
  };
  await tx.insert(tokens).values(row);
  const facts = { name: row.name, scopes: row.scopes, expiresAt: row.expiresAt?.toISOString() ?? null };
  return {
    value: { id: row.id, ...facts, hint: row.hint, token: secret, createdAt: now.toISOString() },
    subject: { type: 'token', id: row.id },
    before: null,
    after: facts,
  };
});
