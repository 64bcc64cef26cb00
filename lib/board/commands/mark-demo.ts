import { inArray } from 'drizzle-orm';
import * as z from 'zod';
import { workspace } from '../../../db/schema/access.ts';
import { models } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';

/** Marks models as sample data, so that nobody takes them for the company's own and one act removes them. */
export const markDemo = defineCommand(
  'board.mark-demo',
  z.strictObject({ models: z.array(z.string()) }),
  async ({ tx, now }, input) => {
    await tx.update(models).set({ demo: true }).where(inArray(models.name, input.models));
    await tx.update(workspace).set({ name: 'Sample workspace', demoLoadedAt: now });
    return {
      value: { marked: input.models.length },
      subject: { type: 'workspace', id: 'demo' },
      before: null,
      after: { models: input.models },
    };
  },
);
