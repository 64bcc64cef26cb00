import { and, eq, isNull } from 'drizzle-orm';
import * as z from 'zod';
import { sessions } from '../../../db/schema/access.ts';
import { defineCommand } from '../../shell/command.ts';

export const signOut = defineCommand(
  'access.sign-out',
  z.strictObject({ sessionId: z.uuid() }),
  async ({ tx, actor, now }, input) => {
    const [session] = await tx
      .update(sessions)
      .set({ revokedAt: now })
      .where(and(eq(sessions.id, input.sessionId), eq(sessions.userId, actor.id), isNull(sessions.revokedAt)))
      .returning();
    if (!session) return { value: { signedOut: false }, unchanged: true };
    return {
      value: { signedOut: true },
      subject: { type: 'user', id: actor.id },
      before: { signedIn: true },
      after: { signedIn: false },
    };
  },
);
