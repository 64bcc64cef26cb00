import { and, eq, isNull } from 'drizzle-orm';
import * as z from 'zod';
import { tokens } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';
import { notFound } from '../../shell/errors.ts';

export const revokeToken = defineCommand(
  'access.revoke-token',
  z.strictObject({ id: z.uuid() }),
  async ({ tx, actor, now }, input) => {
    const own = actor.roles.includes('admin') ? undefined : eq(tokens.userId, actor.id);
    const [token] = await tx
      .update(tokens)
      .set({ revokedAt: now })
      .where(and(eq(tokens.id, input.id), isNull(tokens.revokedAt), own))
      .returning();
    if (!token) throw notFound('token', input.id);
    return {
      value: { id: token.id, revoked: true },
      subject: { type: 'token', id: token.id },
      before: { name: token.name, scopes: token.scopes },
      after: { revoked: true },
    };
  },
);
