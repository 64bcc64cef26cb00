import { eq } from 'drizzle-orm';
import { imports } from '../../../db/schema/imports.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, conflict } from '../../shell/errors.ts';
import { allowedFromEnvironment, checkUrl } from '../../shell/outbound.ts';
import { seal } from '../../shell/seal.ts';
import { lockLatestOf, TOKEN_PLACE, viewImport } from '../queries.ts';
import { startImportInput } from '../schema.ts';

/** Starts bringing over a server's registry, or goes on with the one that was cancelled or failed, from where it stopped. */
export const startImport = defineCommand('imports.start', startImportInput, async ({ tx, actor, now }, input) => {
  const source = sourceOf(input.from);
  const latest = await lockLatestOf(tx, source);
  if (latest?.state === 'queued' || latest?.state === 'running')
    throw conflict('import_running', 'This server is being imported already.');
  const stopped = latest && latest.state !== 'finished' ? latest : undefined;
  const id = stopped?.id ?? newId();
  const token = input.token ? seal(input.token, TOKEN_PLACE(id)) : (stopped?.token ?? null);
  const start = { token, state: 'queued', error: null, startedById: actor.id, startedBy: actor.name, updatedAt: now };
  // What failed before is tried again from the start of the names: whatever is there already costs a look only.
  const again = { ...start, ...(stopped?.failureCount ? FROM_THE_FIRST : {}), finishedAt: null };
  const [row] = stopped
    ? await tx.update(imports).set(again).where(eq(imports.id, id)).returning()
    : await tx
        .insert(imports)
        .values({ id, source, startedAt: now, ...start })
        .returning();
  return {
    value: viewImport(row!),
    subject: { type: 'import', id },
    before: stopped ? { state: stopped.state, reached: stopped.reached } : null,
    after: { from: source, authenticated: token !== null },
    jobs: [{ name: 'import', data: { importId: id } }],
  };
});

const FROM_THE_FIRST = {
  reached: null,
  modelsDone: 0,
  conflictCount: 0,
  conflicts: [],
  failureCount: 0,
  failures: [],
};

/** One spelling a server: its address without query, fragment and a slash at the end. */
function sourceOf(text: string): string {
  const checked = checkUrl(text, allowedFromEnvironment());
  if (checked.ok) return `${checked.value.origin}${checked.value.pathname}`.replace(/\/+$/, '');
  const message = `The address ${checked.error}.`;
  throw new AppError('malformed', 'invalid_input', message, [{ path: 'from', code: 'invalid_input', message }]);
}
