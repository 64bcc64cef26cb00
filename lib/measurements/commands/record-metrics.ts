import * as z from 'zod';
import { externalMetrics } from '../../../db/schema/measurements.ts';
import { exact, instant } from '../../base/text.ts';
import { lockModel } from '../../models/queries.ts';
import { versionNumber } from '../../models/schema.ts';
import { defineCommand } from '../../shell/command.ts';

export const METRICS_MAX = 10_000;

const figure = z.strictObject({
  metric: exact(200),
  value: z.number(),
  at: instant,
  n: z.int().min(0).max(1e15).optional(),
  version: versionNumber.optional(),
  segment: exact(200).optional(),
});
const recordMetricsInput = z.strictObject({
  model: exact(256),
  figures: z.array(z.unknown()).max(METRICS_MAX, `must have at most ${METRICS_MAX} figures`),
});

/** Figures computed elsewhere. A bad one is named by its index and does not hold up the others; a repeated one replaces itself. */
export const recordMetrics = defineCommand('measurements.record-metrics', recordMetricsInput, async ({ tx }, input) => {
  const model = await lockModel(tx, input.model);
  const rejected: { index: number; code: string; message: string }[] = [];
  const accepted = new Map<string, typeof externalMetrics.$inferInsert>();
  for (const [index, given] of input.figures.entries()) {
    const parsed = figure.safeParse(given);
    if (!parsed.success) {
      const issue = parsed.error.issues[0]!;
      rejected.push({ index, code: issue.code, message: `${issue.path.join('.') || 'figure'}: ${issue.message}` });
      continue;
    }
    const { metric, value, at, n, version = 0, segment = '' } = parsed.data;
    accepted.set(JSON.stringify([metric, at, version, segment]), {
      modelId: model.id,
      metric,
      at: new Date(at),
      version,
      segment,
      value: String(value),
      n: n ?? null,
    });
  }
  for (const row of accepted.values()) {
    const { metric, at, modelId, version, segment } = externalMetrics;
    await tx
      .insert(externalMetrics)
      .values(row)
      .onConflictDoUpdate({ target: [modelId, metric, at, version, segment], set: { value: row.value, n: row.n } });
  }
  const value = { accepted: input.figures.length - rejected.length, rejected };
  if (accepted.size === 0) return { value, unchanged: true };
  return {
    value,
    subject: { type: 'model', id: model.id, model },
    before: null,
    after: { accepted: value.accepted, metrics: [...new Set([...accepted.values()].map((row) => row.metric))] },
    jobs: [{ name: 'evaluate', data: { model: model.id } }],
  };
});
