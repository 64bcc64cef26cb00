import { randomBytes } from 'node:crypto';
import { eq } from 'drizzle-orm';
import { imports } from '../../../db/schema/imports.ts';
import { defineCommand } from '../../shell/command.ts';
import { seal } from '../../shell/seal.ts';
import { FOLLOW_PLACE, lockImport } from '../queries.ts';
import { FOLLOWED, type FollowView, importInput } from '../schema.ts';

/** Lets the other server tell of its changes: makes the secret that signs its webhooks; an earlier one is void. */
export const followImport = defineCommand('imports.follow', importInput, async ({ tx, now }, { id }) => {
  const held = await lockImport(tx, id);
  const secret = randomBytes(32).toString('base64url');
  await tx
    .update(imports)
    .set({ followSecret: seal(secret, FOLLOW_PLACE(id)), updatedAt: now })
    .where(eq(imports.id, id));
  const value: FollowView = { path: `/api/v1/imports/${id}/events`, secret, events: [...FOLLOWED] };
  return {
    value,
    subject: { type: 'import', id },
    before: { following: held.followSecret !== null },
    after: { following: true },
  };
});
