import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { openLockedDown, row, run, text } from './duckdb.ts';

const folder = mkdtempSync(join(tmpdir(), 'lockdown-'));
const allowed = join(folder, "it's allowed.csv");
const secret = join(folder, 'secret.csv');
writeFileSync(allowed, 'a\n1\n');
writeFileSync(secret, 'a\n2\n');
afterAll(() => rmSync(folder, { recursive: true }));

it('the database reads the file it was given and no other', async () => {
  const connection = await openLockedDown([allowed]);
  expect(await row(connection, `SELECT a FROM read_csv(${text(allowed)})`)).toEqual({ a: 1n });
  await expect(run(connection, `SELECT * FROM read_csv(${text(secret)})`)).rejects.toThrow(/Permission/);
  await expect(run(connection, `COPY (SELECT 1) TO ${text(join(folder, 'out.csv'))}`)).rejects.toThrow(/Permission/);
});

it.each([
  'SET enable_external_access = true',
  "SET memory_limit = '8GB'",
  'INSTALL httpfs',
  "SELECT * FROM read_csv('https://example.org/a.csv')",
  "ATTACH 'other.db'",
])('%s is refused', async (sql) => {
  const connection = await openLockedDown([allowed]);
  await expect(run(connection, sql)).rejects.toThrow();
});
