import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';

/** Numeric truth from the field's reference implementations; kept beside the checkout, so that tests skip where it is absent. */
const GOLDEN = join(import.meta.dirname, '../../../shared/golden');

export const hasGolden = existsSync(GOLDEN);

export function goldenFile<T>(file: string): T {
  return JSON.parse(readFileSync(join(GOLDEN, file), 'utf8')) as T;
}

export const goldenCases: string[] = hasGolden
  ? readdirSync(join(GOLDEN, 'cases')).flatMap((file) => (file.endsWith('.json') ? [file.replace('.json', '')] : []))
  : [];

export type GoldenValue = number | string | boolean | null;

/** Both samples of a case as the files give them, in row order: null is missing, infinities are strings. */
export function goldenSamples(name: string): { reference: GoldenValue[]; current: GoldenValue[] } {
  const csv = join(GOLDEN, 'cases', `${name}.csv`);
  if (!existsSync(csv)) return goldenFile(`cases/${name}.json`);
  const samples: { reference: GoldenValue[]; current: GoldenValue[] } = { reference: [], current: [] };
  for (const line of readFileSync(csv, 'utf8').trim().split('\n').slice(1)) {
    const [period, ...rest] = line.trim().split(',');
    const value = rest.join(',').replace(/^"(.*)"$/, '$1');
    samples[period === 'reference' ? 'reference' : 'current'].push(value === '' ? null : value);
  }
  return samples;
}

/** Agreement to a relative tolerance; both may be exactly zero. */
export function expectNear(actual: number, expected: number, tolerance: number, what = ''): void {
  const off = Math.abs(actual - expected);
  expect(off, `${what}: ${actual} is not ${expected}`).toBeLessThanOrEqual(
    tolerance * Math.max(Math.abs(expected), 1e-300),
  );
}

/** p-values within 1e-8 relative down to 1e-300; below, doubles have no digits left to compare. */
export function expectP(actual: number, expected: number, what = ''): void {
  if (expected < 1e-300) expect(actual, what).toBeLessThan(1e-290);
  else expectNear(actual, expected, 1e-8, what);
}

const DATA = join(import.meta.dirname, '../../../shared/data');

/**
 * Columns of a published data set in row order, numbers where the file has numbers, else text.
 * @param name as in `nannyml_<name>_reference.parquet`
 */
export async function publishedColumns(
  name: string,
  part: 'reference' | 'monitoring',
  columns: readonly string[],
): Promise<Record<string, (number | string)[]>> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const file = join(DATA, `nannyml_${name}_${part}.parquet`);
  const reader = await connection.runAndReadAll(`SELECT ${columns.join(', ')} FROM '${file}'`);
  const read = reader.getColumnsObjectJS();
  connection.closeSync();
  return Object.fromEntries(
    columns.map((column) => [
      column,
      read[column]!.map((value) =>
        typeof value === 'number' || typeof value === 'bigint' ? Number(value) : String(value),
      ),
    ]),
  );
}

/** Chunks of so many rows in order; the rest is a last, shorter one. */
export function chunked<T>(values: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(values.length / size) }, (_, i) => values.slice(i * size, (i + 1) * size));
}
