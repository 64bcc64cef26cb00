import { eq } from 'drizzle-orm';
import { imports } from '../../../db/schema/imports.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict } from '../../shell/errors.ts';
import { lockImport, viewImport } from '../queries.ts';
import { importInput } from '../schema.ts';

/** Stops an import after the model it is at; what came over stays, and another start goes on from there. */
export const cancelImport = defineCommand('imports.cancel', importInput, async ({ tx, now }, { id }) => {
  const held = await lockImport(tx, id);
  if (held.state === 'cancelled') return { value: viewImport(held), unchanged: true };
  if (held.state !== 'queued' && held.state !== 'running')
    throw conflict('import_ended', `The import has ${held.state} already.`);
  const [row] = await tx
    .update(imports)
    .set({ state: 'cancelled', updatedAt: now, finishedAt: now })
    .where(eq(imports.id, id))
    .returning();
  return {
    value: viewImport(row!),
    subject: { type: 'import', id },
    before: { state: held.state },
    after: { state: 'cancelled', modelsDone: row!.modelsDone },
  };
});
