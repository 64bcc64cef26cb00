import type { APIRequestContext, APIResponse } from '@playwright/test';

const DAY_MS = 86_400_000;
/** Days of a file: the reader takes a quarter at a time as a team would send it. */
const DAYS_PER_FILE = 92;
/** Days without a row, and a day with too few of them: a gap and a hollow mark on every chart. */
const SILENT = new Set([101, 102, 240]);
const SPARSE = 180;
const SPARSE_ROWS = 5;

export type Wide = { name: string; features: number; days: number; perDay: number };

/** Numbers in [0, 1), the same at every run (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Feature `f` on day `day`: every fifth drifts slowly over the year, every seventh breaks for one day a month. */
function shift(f: number, day: number, days: number): number {
  const slow = f % 5 === 0 ? (day / days) * 1.2 : 0;
  return slow + (f % 7 === 0 && day % 30 === f % 30 ? 3 : 0);
}

function csv(
  { features }: Wide,
  from: number,
  to: number,
  start: number,
  perDay: (day: number) => number,
  drift: boolean,
) {
  const next = numbers(from + (drift ? 7 : 1));
  const lines = [
    `id,at,${Array.from({ length: features }, (_, f) => `f${String(f).padStart(2, '0')}`).join(',')},score,outcome`,
  ];
  for (let day = from; day < to; day += 1) {
    const rows = perDay(day);
    for (let row = 0; row < rows; row += 1) {
      const at = new Date(start + day * DAY_MS + Math.floor((row * DAY_MS) / rows)).toISOString();
      const cells: string[] = [];
      // A sum of three is round enough for bins, and cheap.
      for (let f = 0; f < features; f += 1)
        cells.push((next() + next() + next() + (drift ? shift(f, day, to) : 0)).toFixed(3));
      const score = next();
      cells.push(score.toFixed(4), next() < score ? '1' : '0');
      lines.push(`${drift ? 'o' : 'r'}${day}-${row},${at},${cells.join(',')}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

async function must(answer: APIResponse, what: string): Promise<void> {
  if (!answer.ok()) throw new Error(`${what}: ${answer.status()} ${await answer.text()}`);
}

/** Registers a model of many inputs with a year of daily windows, by the same doors a team uses. */
export async function seedWide(request: APIRequestContext, wide: Wide, now: number): Promise<void> {
  const { name, days, perDay } = wide;
  const start = Math.floor(now / DAY_MS) * DAY_MS - days * DAY_MS;
  const roles = 'id=id&timestamp=at&score=score&label=outcome';
  const path = `/api/v1/models/${name}/versions/1`;
  const headers = { 'content-type': 'text/csv' };
  const known = await request.get(`/api/v1/models/${name}`);
  if (known.ok()) return;
  await must(await request.post('/api/v1/models', { data: { name, title: 'Fifty inputs, a year of days' } }), 'model');
  await must(
    await request.post(`/api/v1/models/${name}/versions`, { data: { source: `s3://models/${name}/1` } }),
    'version',
  );
  const reference = csv(wide, 0, 20, start - 60 * DAY_MS, () => perDay, false);
  await must(
    await request.put(`${path}/reference?${roles}`, { headers, data: reference, timeout: 120_000 }),
    'reference',
  );
  for (let from = 0; from < days; from += DAYS_PER_FILE) {
    const rows = (day: number) => (SILENT.has(day) ? 0 : day === SPARSE ? SPARSE_ROWS : perDay);
    const data = csv(wide, from, Math.min(days, from + DAYS_PER_FILE), start, rows, true);
    const sent = await request.post(`${path}/observations?${roles}&wait=60`, { headers, data, timeout: 300_000 });
    await must(sent, 'observations');
  }
}
