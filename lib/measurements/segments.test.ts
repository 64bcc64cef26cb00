import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { unpackCounts } from './counts.ts';
import { countSegments, countWindows, inspectUpload, processObservations, processReference } from './engine.ts';
import { metric } from './performance.ts';
import type { Inspection, ReferenceProfile, Segment } from './schema.ts';

const folder = mkdtempSync(join(tmpdir(), 'segments-'));
afterAll(() => rmSync(folder, { recursive: true }));

const roles = { id: 'key', timestamp: 'at', score: 'score', label: 'paid' };
const observed = join(folder, 'observed.parquet');
let profile: ReferenceProfile;
let inspection: Inspection;

/** A day each of 100 rows: ages with gaps, towns of which one is new and one rare, an apostrophe included, and many shops. */
function csv(rows: number, towns: (i: number) => string): string {
  const lines = Array.from({ length: rows }, (_, i) => {
    const at = new Date(Date.UTC(2026, 0, 1) + Math.floor(i / 100) * 86_400_000 + i).toISOString();
    const age = i % 10 === 0 ? '' : String(18 + (i % 60));
    return `k${i},${at},${age},shop ${i % 90},${towns(i)},${((i * 37) % 100) / 100},${Number((i * 13) % 7 < 3)}`;
  });
  return `key,at,age,shop,town,score,paid\n${lines.join('\n')}\n`;
}

beforeAll(async () => {
  const files = [join(folder, 'reference.csv'), join(folder, 'observed.csv')];
  writeFileSync(
    files[0]!,
    csv(1_000, (i) => (i === 500 ? 'rare' : i % 3 === 0 ? "L'Aquila" : 'Bari')),
  );
  writeFileSync(
    files[1]!,
    csv(300, (i) => (i % 5 === 0 ? '' : i % 5 === 1 ? 'new' : i % 2 === 0 ? "L'Aquila" : 'Bari')),
  );
  const reference = await processReference({
    path: files[0]!,
    format: 'csv',
    output: join(folder, 'reference.parquet'),
    roles,
    purpose: 'reference',
  });
  if (!reference.ok) throw new Error(JSON.stringify(reference.errors));
  profile = reference.profile;
  const answer = await processObservations({
    path: files[1]!,
    format: 'csv',
    output: observed,
    roles,
    purpose: 'observations',
    contract: reference.inspection,
    profile,
    unit: 'day',
    timezone: 'UTC',
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
  inspection = answer.inspection;
});

async function segmentsBy(by: string, range?: { from: string; to: string }) {
  const answer = await countSegments({
    files: [{ parquet: observed, columns: inspection.columns }],
    profile,
    by,
    ...(range ? { range } : {}),
  });
  if (!answer.ok) throw new Error(JSON.stringify(answer.errors));
  return answer.segments;
}

describe.each(['town', 'age'])('segments by %s', (by) => {
  it('share out all rows, each counted as its rows alone are', async () => {
    const segments = await segmentsBy(by);
    expect(segments.reduce((sum, { n }) => sum + n, 0)).toBe(300);
    for (const { segment, n, columns, performance } of segments) {
      const alone = await countWindows({
        files: [{ parquet: observed, columns: inspection.columns }],
        profile,
        unit: 'month',
        timezone: 'UTC',
        only: { column: by, segment },
      });
      if (!alone.ok) throw new Error(JSON.stringify(alone.errors));
      const [window] = alone.windows;
      const nameless = Object.fromEntries(
        Object.entries(window!.columns).map(([name, counts]) => [name, { ...counts, newValues: [] }]),
      );
      expect([window!.n, nameless]).toEqual([n, columns]);
      expect(metric(window!.performance!, 'accuracy')).toEqual(metric(performance!, 'accuracy'));
    }
  });
});

it('rows without a value, and values never seen, have a segment each', async () => {
  const rows = (segments: { segment: Segment; n: number }[]) => segments.map(({ segment, n }) => [segment, n]);
  expect(rows(await segmentsBy('town'))).toEqual([
    [{ category: 'Bari' }, 90],
    [{ category: "L'Aquila" }, 90],
    [{ other: true }, 60],
    [{ missing: true }, 60],
  ]);
  expect((await segmentsBy('age')).at(-1)).toMatchObject({ segment: { missing: true }, n: 30 });
});

it('only the asked days are counted, the first inclusive and the last not', async () => {
  const segments = await segmentsBy('town', { from: '2026-01-02T00:00:00Z', to: '2026-01-03T00:00:00Z' });
  expect(segments.reduce((sum, { n }) => sum + n, 0)).toBe(100);
});

it('files are counted together, each row with the label that came late for it', async () => {
  const sent = join(folder, 'labels.csv');
  writeFileSync(sent, `key,paid\nk0,1\nk1,1\nk2,1\n`);
  const labels = join(folder, 'labels.parquet');
  const read = {
    path: sent,
    format: 'csv',
    output: labels,
    roles: { id: 'key', label: 'paid' },
    purpose: 'labels',
  } as const;
  expect(await inspectUpload(read)).toMatchObject({ ok: true, rows: 3 });
  const file = { parquet: observed, columns: inspection.columns };
  const count = async (files: (typeof file)[]) => {
    const answer = await countSegments({ files, profile, by: 'town', labels: [labels] });
    const whole = await countWindows({ files, profile, unit: 'month', timezone: 'UTC', labels: [labels] });
    if (!answer.ok || !whole.ok) throw new Error('counting failed');
    return { segments: answer.segments, windows: whole.windows };
  };
  const [one, both] = [await count([file]), await count([file, file])];
  expect(both.windows).toEqual([...one.windows, ...one.windows]);
  expect(both.segments.map(({ segment }) => segment)).toEqual(one.segments.map(({ segment }) => segment));
  for (const [i, { n, columns, performance }] of both.segments.entries()) {
    const single = one.segments[i]!;
    expect(n).toBe(2 * single.n);
    for (const [name, { counts, missing }] of Object.entries(columns)) {
      expect(unpackCounts(counts)).toEqual(unpackCounts(single.columns[name]!.counts).map((held) => 2 * held));
      expect(missing).toBe(2 * single.columns[name]!.missing);
    }
    expect(metric(performance!, 'accuracy')).toMatchObject({
      value: metric(single.performance!, 'accuracy').value,
      n: 2 * metric(single.performance!, 'accuracy').n,
    });
  }
});
