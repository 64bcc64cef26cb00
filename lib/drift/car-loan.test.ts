import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { processObservations, processReference } from '../measurements/engine.ts';
import { compareWindow } from './compare.ts';

const DATA = join(import.meta.dirname, '../../db/demo/car-loan');
const roles = { timestamp: 'timestamp', score: 'y_pred_proba', prediction: 'y_pred', label: 'repaid' };
const folder = mkdtempSync(join(tmpdir(), 'car-loan-drift-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('five quiet windows, then exactly the five columns that drifted, in each of the five that follow', async () => {
  const reference = await processReference({
    path: join(DATA, 'reference.parquet'),
    format: 'parquet',
    output: join(folder, 'reference.parquet'),
    roles,
    purpose: 'reference',
  });
  if (!reference.ok) throw new Error(JSON.stringify(reference.errors));
  const observed = await processObservations({
    path: join(DATA, 'monitoring.parquet'),
    format: 'parquet',
    output: join(folder, 'monitoring.parquet'),
    roles,
    purpose: 'observations',
    contract: reference.inspection,
    profile: reference.profile,
    unit: { rows: 5000 },
    timezone: 'UTC',
  });
  if (!observed.ok) throw new Error(JSON.stringify(observed.errors));
  const drifted = observed.windows.map((window) =>
    compareWindow(reference.profile, window.columns)
      .filter((result) => result.state !== 'stable')
      .map((result) => result.column)
      .sort(),
  );
  const five = ['car_value', 'loan_length', 'repaid_loan_on_prev_car', 'salary_range', 'y_pred_proba'];
  expect(drifted).toEqual([[], [], [], [], [], five, five, five, five, five]);
});
