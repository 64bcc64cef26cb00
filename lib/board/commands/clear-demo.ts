import { and, eq, inArray } from 'drizzle-orm';
import * as z from 'zod';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';

/** Removes what a load of the sample data left that was broken off, so that it can be loaded anew. */
export const clearDemo = defineCommand(
  'board.clear-demo',
  z.strictObject({ models: z.array(z.string()), registeredBy: z.string() }),
  async ({ tx }, input) => {
    const removed = await tx
      .delete(models)
      .where(and(inArray(models.name, input.models), eq(models.createdBy, input.registeredBy)))
      .returning({ name: models.name });
    if (removed.length === 0) return { value: { removed: 0 }, unchanged: true };
    return {
      value: { removed: removed.length },
      subject: { type: 'workspace', id: 'demo' },
      before: { models: removed.map((row) => row.name) },
      after: null,
    };
  },
);
