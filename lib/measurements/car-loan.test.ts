import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { countWindows, processObservations, processReference } from './engine.ts';
import { metric, sumPerformance } from './performance.ts';
import type { Inspection, ReferenceProfile, WindowCounts } from './schema.ts';

const DATA = join(import.meta.dirname, '../../db/demo/car-loan');
const GOLDEN = join(import.meta.dirname, '../../../shared/golden/nannyml/car_loan_realized.json');
const roles = { timestamp: 'timestamp', score: 'y_pred_proba', prediction: 'y_pred', label: 'repaid' };
const folder = mkdtempSync(join(tmpdir(), 'car-loan-'));
afterAll(() => rmSync(folder, { recursive: true }));

let profile: ReferenceProfile;
let inspection: Inspection;
let windows: WindowCounts[];
beforeAll(async () => {
  const reference = await processReference({
    path: join(DATA, 'reference.parquet'),
    format: 'parquet',
    output: join(folder, 'reference.parquet'),
    roles,
    purpose: 'reference',
  });
  if (!reference.ok) throw new Error(JSON.stringify(reference.errors));
  profile = reference.profile;
  inspection = reference.inspection;
  const observations = await processObservations({
    path: join(DATA, 'monitoring.parquet'),
    format: 'parquet',
    output: join(folder, 'monitoring.parquet'),
    roles,
    purpose: 'observations',
    contract: inspection,
    profile,
    unit: { rows: 5000 },
    timezone: 'UTC',
  });
  if (!observations.ok) throw new Error(JSON.stringify(observations.errors));
  windows = observations.windows;
});

it('reads roles and kinds as a data scientist means them', () => {
  expect(profile.rows).toBe(50_000);
  expect(profile.task).toEqual({ task: 'binary', positive: '1', threshold: 0.5 });
  const kind = Object.fromEntries(inspection.columns.map((column) => [column.name, column.kind]));
  expect(kind).toMatchObject({
    loan_length: 'numeric',
    repaid_loan_on_prev_car: 'categorical',
    timestamp: 'timestamp',
  });
});

describe.skipIf(!existsSync(GOLDEN))('against NannyML', () => {
  it('the realized AUC of every chunk of 5,000 rows is the same', () => {
    const golden = JSON.parse(readFileSync(GOLDEN, 'utf8')) as {
      rows: {
        chunk: { period: string };
        roc_auc: { value: number };
        f1: { value: number };
        accuracy: { value: number };
      }[];
    };
    const analysis = golden.rows.filter((row) => row.chunk.period === 'analysis');
    expect(windows).toHaveLength(analysis.length);
    for (const [i, { roc_auc, f1, accuracy }] of analysis.entries()) {
      const state = windows[i]!.performance!;
      expect(metric(state, 'roc_auc').value).toBeCloseTo(roc_auc.value, 6);
      expect(metric(state, 'f1').value).toBeCloseTo(f1.value, 6);
      expect(metric(state, 'accuracy').value).toBeCloseTo(accuracy.value, 6);
    }
  });
});

it('days in a zone add up to the months of that zone', async () => {
  const job = {
    files: [{ parquet: join(folder, 'monitoring.parquet'), columns: inspection.columns }],
    profile,
    timezone: 'Europe/Berlin',
  };
  const [days, months] = await Promise.all([
    countWindows({ ...job, unit: 'day' }),
    countWindows({ ...job, unit: 'month' }),
  ]);
  if (!days.ok || !months.ok) throw new Error('counting failed');
  for (const month of months.windows) {
    const inside = days.windows.filter((day) => day.start >= month.start && day.end <= month.end);
    expect(inside.reduce((sum, day) => sum + day.n, 0)).toBe(month.n);
    const merged = sumPerformance(inside.map((day) => day.performance!));
    expect(metric(merged, 'roc_auc')).toEqual(metric(month.performance!, 'roc_auc'));
  }
});
