import { tokens } from '../../../db/schema/access.ts';
import { sha256 } from '../../base/hash.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { findUserByEmail } from '../queries.ts';
import { keepTokenInput, SCOPES } from '../schema.ts';

/** Takes in an administrator's API token that was chosen outside, for a headless set-up; once, however often it is asked. */
export const keepToken = defineCommand('access.keep-token', keepTokenInput, async ({ tx, now }, input) => {
  const owner = await findUserByEmail(tx, input.email);
  if (!owner) throw new AppError('not_found', 'user_not_found', `Nobody has the address ${input.email}.`);
  const row = {
    id: newId(),
    userId: owner.id,
    name: 'Set-up token',
    secretHash: sha256(input.secret),
    hint: 'set-up',
    scopes: [...SCOPES],
    createdAt: now,
  };
  const made = await tx.insert(tokens).values(row).onConflictDoNothing().returning({ id: tokens.id });
  if (made.length === 0) return { value: undefined, unchanged: true };
  const after = { owner: owner.email, name: row.name, scopes: row.scopes };
  return { value: undefined, subject: { type: 'token', id: row.id }, before: null, after };
});
