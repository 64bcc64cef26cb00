import { and, eq, inArray, sql } from 'drizzle-orm';
import * as z from 'zod';
import { inserting } from '../../../db/client.ts';
import { windows } from '../../../db/schema/measurements.ts';
import { getWorkspace } from '../../access/queries.ts';
import { findReference, listContributions, lockReference } from '../../measurements/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { baselines } from '../baseline.ts';
import { compareWindow } from '../compare.ts';
import { packJudged } from '../judged.ts';
import { mergePieces, type Piece, sumPieces } from '../merge.ts';
import { PSI_METHOD } from '../psi.ts';
import { ALPHA } from '../rules.ts';

const insertWindow = inserting(windows);
/**
 * From so many contributions on, their sum is kept with the window, for all who read it: a day of logged inferences has thousands, and
 * a goal is judged on weeks of days.
 */
const SUM_KEPT_FROM = 8;

const judgeInput = z.strictObject({ modelId: z.uuid(), version: z.int(), starts: z.array(z.string()) });

/** Judges anew the windows that a batch touched, from all contributions to them. Its figures are derived, so no trail of their own. */
export const judgeWindows = defineCommand('drift.judge-windows', judgeInput, async ({ tx, now }, input) => {
  const reference = await findReference(tx, input.modelId, input.version);
  if (!reference || input.starts.length === 0) return { value: { windows: 0 }, unchanged: true };
  const starts = input.starts.map((start) => new Date(start));
  await lockReference(tx, reference);
  const contributions = await listContributions(tx, input.modelId, reference.id, starts);
  const { timezone } = await getWorkspace(tx);
  const { profile } = reference;
  const baselineOf = baselines(profile.windows ?? [], 'day', timezone);
  const byStart = Map.groupBy(contributions, (piece) => piece.start.getTime());
  const rows = [...byStart.values()].map((pieces: Piece[]) => {
    // What a window is judged on are whole numbers: they need no order, as a sum that is kept does.
    const isKept = pieces.length >= SUM_KEPT_FROM;
    const sum = isKept ? mergePieces(pieces)! : sumPieces(pieces);
    return {
      modelId: input.modelId,
      version: input.version,
      referenceId: reference.id,
      start: sum.start,
      end: sum.end,
      n: sum.n,
      method: PSI_METHOD,
      alpha: ALPHA,
      ...packJudged(profile.columns, compareWindow(profile, sum.counts.columns, baselineOf(sum.start))),
      counts: isKept ? sum.counts : null,
      updatedAt: now,
    };
  });
  await tx
    .delete(windows)
    .where(
      and(eq(windows.modelId, input.modelId), eq(windows.referenceId, reference.id), inArray(windows.start, starts)),
    );
  // Sent one after the other without waiting for each: a statement of many rows would be put together anew every time.
  await Promise.all(rows.map((row) => insertWindow(tx, row)));
  await tx.execute(sql`
    insert into latest_windows (model_id, version, reference_id, start, "end", n, revision)
    select model_id, version, reference_id, start, "end", n, 1 from windows
    where model_id = ${input.modelId} and reference_id = ${reference.id} order by start desc limit 1
    on conflict (model_id, version) do update set reference_id = excluded.reference_id, start = excluded.start,
      "end" = excluded."end", n = excluded.n, revision = latest_windows.revision + 1`);
  return { value: { windows: rows.length }, unchanged: true };
});
