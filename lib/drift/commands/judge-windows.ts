import { and, eq, inArray } from 'drizzle-orm';
import * as z from 'zod';
import { windows } from '../../../db/schema/measurements.ts';
import { getWorkspace } from '../../access/queries.ts';
import { metrics } from '../../measurements/performance.ts';
import { findReference, listContributions } from '../../measurements/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { baselines } from '../baseline.ts';
import { compareWindow } from '../compare.ts';
import { mergePieces, type Piece } from '../merge.ts';
import type { JudgedWindow } from '../schema.ts';

const judgeInput = z.strictObject({ modelId: z.uuid(), version: z.int(), starts: z.array(z.string()) });

/** Judges anew the windows that a batch touched, from all contributions to them. Its figures are derived, so no trail of their own. */
export const judgeWindows = defineCommand('drift.judge-windows', judgeInput, async ({ tx, now }, input) => {
  const reference = await findReference(tx, input.modelId, input.version);
  if (!reference || input.starts.length === 0) return { value: { windows: 0 }, unchanged: true };
  const starts = input.starts.map((start) => new Date(start));
  const contributions = await listContributions(tx, input.modelId, reference.id, { starts });
  const { timezone } = await getWorkspace(tx);
  const baselineOf = baselines(reference.profile.windows ?? [], 'day', timezone);
  const byStart = Map.groupBy(contributions, (piece) => piece.start.getTime());
  const rows = [...byStart.values()].map((pieces: Piece[]) => {
    const sum = mergePieces(pieces)!;
    const judged: JudgedWindow = {
      columns: compareWindow(reference.profile, sum.counts.columns, baselineOf(sum.start)).map(
        ({ contributions: _, typical: __, ...rest }) => ({
          ...rest,
          fresh: { ...rest.fresh, values: rest.fresh.values.slice(0, 3) },
        }),
      ),
    };
    return {
      modelId: input.modelId,
      version: input.version,
      referenceId: reference.id,
      start: sum.start,
      end: sum.end,
      n: sum.n,
      drift: judged,
      performance: {
        labelled: sum.counts.performance?.labelled ?? 0,
        metrics: sum.counts.performance ? metrics(sum.counts.performance) : [],
      },
      updatedAt: now,
    };
  });
  await tx
    .delete(windows)
    .where(
      and(eq(windows.modelId, input.modelId), eq(windows.referenceId, reference.id), inArray(windows.start, starts)),
    );
  for (let at = 0; at < rows.length; at += 100) await tx.insert(windows).values(rows.slice(at, at + 100));
  return { value: { windows: rows.length }, unchanged: true };
});
