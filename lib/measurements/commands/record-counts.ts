import { and, eq } from 'drizzle-orm';
import * as z from 'zod';
import { batches, references, windowContributions } from '../../../db/schema/measurements.ts';
import { newId } from '../../base/ids.ts';
import type { Violation } from '../../contracts/schema.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict } from '../../shell/errors.ts';
import { listObservations, lockBatch } from '../queries.ts';
import type { Inspection, ReferenceProfile, WindowCounts } from '../schema.ts';

export type Checked = {
  contractVersion: number;
  violations: Violation[];
  firstAt: string | null;
  lastAt: string | null;
};

/** Departures from the contract that the trail holds in full; the batch holds them all. */
const TOLD_IN_TRAIL = 20;

const recordInput = z.strictObject({
  batchId: z.uuid(),
  parquetPath: z.string(),
  inspection: z.custom<Inspection>().nullable(),
  profile: z.custom<ReferenceProfile>().nullable(),
  /** What the file was checked against and what was found; null where it was not checked this time. */
  checked: z.custom<Checked>().nullable().default(null),
  counted: z.strictObject({ referenceId: z.uuid(), windows: z.array(z.custom<WindowCounts>()) }).nullable(),
  /** Batches of observations that were looked at and have no row of these labels. */
  untouched: z.array(z.uuid()).default([]),
});

/**
 * Keeps what the reader found in a batch. Repeating it replaces the batch's own rows and nothing else, so that a job
 * that was killed half-way may simply run again. A new reference has every batch of its version read anew, labels have those that hold
 * their rows; also what nobody has read yet, as its reading may begin before this is committed.
 */
export const recordCounts = defineCommand('measurements.record-counts', recordInput, async ({ tx, now }, input) => {
  const { batch, model } = await lockBatch(tx, input.batchId);
  if (batch.state === 'cancelled') throw conflict('batch_cancelled', 'The upload was cancelled while it was read.');
  const { checked } = input;
  await tx
    .update(batches)
    .set({
      parquetPath: input.parquetPath,
      ...(input.inspection
        ? {
            rows: input.inspection.rows,
            columns: input.inspection.columns,
            warnings: input.inspection.warnings,
            setAside: input.inspection.aside?.rows ?? 0,
            asidePath: input.inspection.aside?.path ?? null,
          }
        : {}),
      ...(checked
        ? {
            contractVersion: checked.contractVersion,
            violations: checked.violations,
            firstAt: checked.firstAt === null ? null : new Date(checked.firstAt),
            lastAt: checked.lastAt === null ? null : new Date(checked.lastAt),
          }
        : {}),
      ...(input.counted ? { referenceId: input.counted.referenceId } : {}),
      windows: input.counted?.windows.length ?? batch.windows,
    })
    .where(eq(batches.id, batch.id));
  if (batch.kind === 'reference' && input.profile && input.inspection) {
    const held = await tx.select({ id: references.id }).from(references).where(eq(references.batchId, batch.id));
    if (held.length === 0) {
      const mine = and(eq(references.modelId, batch.modelId), eq(references.version, batch.version));
      await tx.update(references).set({ current: false }).where(mine);
      await tx.insert(references).values({
        id: newId(),
        modelId: batch.modelId,
        version: batch.version,
        batchId: batch.id,
        current: true,
        rows: input.inspection.rows,
        columns: input.inspection.columns,
        profile: input.profile,
        createdAt: now,
      });
    }
  }
  if (input.counted) {
    await tx
      .delete(windowContributions)
      .where(
        and(
          eq(windowContributions.modelId, batch.modelId),
          eq(windowContributions.referenceId, input.counted.referenceId),
          eq(windowContributions.batchId, batch.id),
        ),
      );
    const rows = input.counted.windows.map((window) => ({
      modelId: batch.modelId,
      referenceId: input.counted!.referenceId,
      start: new Date(window.start),
      end: new Date(window.end),
      batchId: batch.id,
      n: window.n,
      counts: window,
    }));
    for (let at = 0; at < rows.length; at += 100) await tx.insert(windowContributions).values(rows.slice(at, at + 100));
  }
  const untouched = new Set(input.untouched);
  const again =
    batch.kind === 'observations'
      ? []
      : await listObservations(tx, batch.modelId, batch.kind === 'reference' ? batch.version : undefined);
  return {
    value: { windows: input.counted?.windows.length ?? 0 },
    subject: { type: 'batch', id: batch.id, model: { id: batch.modelId, name: model } },
    before: { rows: batch.rows },
    after: {
      kind: batch.kind,
      rows: input.inspection?.rows ?? batch.rows,
      windows: input.counted?.windows.length ?? 0,
      setAside: input.inspection?.aside?.rows ?? 0,
      ...(checked
        ? {
            contractVersion: checked.contractVersion,
            departures: checked.violations.length,
            violations: checked.violations.slice(0, TOLD_IN_TRAIL),
          }
        : {}),
    },
    jobs: again
      .filter((id) => !untouched.has(id))
      .map((id) => ({ name: 'process-batch', data: { batchId: id, again: true } })),
  };
});
