import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { testDatabase } from '../../lib/testing/database.ts';
import { loadDemo } from './load.ts';

const { db, sql } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'plumbline-test-'));
process.env.PLUMBLINE_DATA_DIR = folder;
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('begins anew after a start that was broken off', async () => {
  const brokenOff = new Error('the machine was switched off');
  const untilFirstModel = async <T>(name: string, run: () => Promise<T> | T): Promise<T> => {
    const done = await run();
    if (name.startsWith('sample model')) throw brokenOff;
    return done;
  };
  await expect(loadDemo(db, untilFirstModel)).rejects.toBe(brokenOff);
  const left = await sql`select id, name from models`;
  await expect(loadDemo(db, untilFirstModel)).rejects.toBe(brokenOff);
  const again = await sql`select id, name from models`;
  expect(again.map(({ name }) => name)).toEqual(left.map(({ name }) => name));
  expect(again[0]!.id).not.toBe(left[0]!.id);
});
