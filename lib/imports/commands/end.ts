import { eq } from 'drizzle-orm';
import { imports } from '../../../db/schema/imports.ts';
import { defineCommand } from '../../shell/command.ts';
import { lockImport, viewImport } from '../queries.ts';
import { endImportInput } from '../schema.ts';

/** The job says how an import ended. Whoever cancelled it meanwhile was first. */
export const endImport = defineCommand('imports.end', endImportInput, async ({ tx, now }, { id, state, error }) => {
  const held = await lockImport(tx, id);
  if (held.state !== 'running') return { value: viewImport(held), unchanged: true };
  // A secret is kept no longer than it is needed: an import that failed may go on.
  const token = state === 'finished' && held.followSecret === null ? null : held.token;
  const [row] = await tx
    .update(imports)
    .set({ state, error, token, updatedAt: now, finishedAt: now })
    .where(eq(imports.id, id))
    .returning();
  const { modelsDone, modelsCreated, versionsAdded, conflictCount, failureCount } = row!;
  return {
    value: viewImport(row!),
    subject: { type: 'import', id },
    before: { state: held.state },
    after: { state, error, modelsDone, modelsCreated, versionsAdded, conflictCount, failureCount },
  };
});
