import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { processBatch } from '../incidents/jobs.ts';
import { bearer, call, loadRoutes, type Method, type Sent, signedIn, testWeb } from '../testing/web.ts';
import type { DistributionView, DriftView, PerformanceView, SegmentsView } from './schema.ts';

const DATA = join(import.meta.dirname, '../../db/demo/car-loan');
const ROLES = '?timestamp=timestamp&score=y_pred_proba&prediction=y_pred&label=repaid';
const RANGE = 'from=2018-10-31T00:00:00Z&to=2019-08-29T00:00:00Z';

const { db } = await testWeb();
const routes = await loadRoutes();
let authorization = '';

async function send(route: string, sent: Sent = {}) {
  const [method, path] = route.split(' ') as [Method, string];
  const found = routes.find((held) => held.path === `/api/v1${path}`)!;
  const params = { name: 'car-loan', version: '1', ...sent.params };
  return call(found.handlers[method]!, method, found.path, {
    ...sent,
    params,
    headers: { authorization, ...sent.headers },
  });
}

async function read<T>(what: 'drift' | 'distribution' | 'performance' | 'segments', query: string): Promise<T> {
  const answer = await send(`GET /models/[name]/${what}`, { query: `?${query}` });
  expect([answer.status, answer.code]).toEqual([200, undefined]);
  return answer.body as T;
}

beforeAll(async () => {
  const data = await signedIn(db, 'data', ['data']);
  authorization = await bearer(db, data, ['registry:read', 'registry:write', 'data:write']);
  await send('POST /models', { body: { name: 'car-loan' } });
  await send('POST /models/[name]/versions', { body: { source: 's3://models/car-loan/1' } });
  const upload = (file: string): Sent => ({
    body: readFileSync(join(DATA, file)),
    headers: { 'content-type': 'application/vnd.apache.parquet' },
    query: ROLES,
  });
  const reference = await send('PUT /models/[name]/versions/[version]/reference', upload('reference.parquet'));
  expect([reference.status, reference.body.detail]).toEqual([201, undefined]);
  const sent = await send('POST /models/[name]/versions/[version]/observations', upload('monitoring.parquet'));
  expect(sent.status).toBe(202);
  await processBatch(db, String(sent.body.batchId));
});

describe('hours', () => {
  const DAY = 'from=2019-03-01T00:00:00Z&to=2019-03-03T00:00:00Z';

  it('add up to their days, in drift and in performance', async () => {
    const [hours, days] = [
      await read<DriftView>('drift', `${DAY}&window=hour`),
      await read<DriftView>('drift', `${DAY}&window=day`),
    ];
    const total = (view: DriftView) => view.windows.reduce((sum, window) => sum + window.n, 0);
    expect(hours.windows.length).toBeGreaterThan(days.windows.length);
    expect(total(hours)).toBe(total(days));
    for (const { start, end } of hours.windows) expect(Date.parse(end) - Date.parse(start)).toBe(3_600_000);
    const performance = await read<PerformanceView>('performance', `${DAY}&window=hour&metric=accuracy`);
    expect(performance.points.map(({ start }) => start)).toEqual(hours.windows.map(({ start }) => start));
    const whole = await read<PerformanceView>('performance', `${DAY}&window=day&metric=accuracy`);
    const positives = ({ points }: PerformanceView) => points.reduce((sum, point) => sum + point.positives!, 0);
    expect(positives(performance)).toBe(positives(whole));
    expect(positives(whole)).toBeGreaterThan(0);
    expect(positives(whole)).toBeLessThan(whole.points.reduce((sum, { n }) => sum + n, 0));
  });

  it('are asked of a month at most', async () => {
    const answer = await send('GET /models/[name]/drift', { query: `?${RANGE}&window=hour` });
    expect([answer.status, answer.code]).toEqual([400, 'invalid_input']);
  });
});

describe('one column', () => {
  it('has the methods of every window, each with its variant', async () => {
    const view = await read<DriftView>('drift', `${RANGE}&window=month&feature=car_value`);
    const [column] = view.features;
    const methods = column!.points.at(-1)!.methods!;
    expect(methods.map(({ method }) => method)).toEqual([
      'psi',
      'psi',
      'jensen_shannon',
      'hellinger',
      'l_infinity',
      'total_variation',
      'chi_square',
      'g_test',
      'kolmogorov_smirnov',
      'wasserstein',
      'wasserstein',
    ]);
    expect(methods[0]).toEqual({
      method: 'psi',
      variant: 'reference_deciles_add_half',
      value: column!.points.at(-1)!.psi,
      p: null,
    });
    expect(methods.every(({ value }) => value !== null && value > 0)).toBe(true);
  });

  it('comes as points alone when asked, the same ones', async () => {
    const query = `${RANGE}&window=day&feature=salary_range`;
    const [all, points] = [
      await read<DriftView>('drift', query),
      await read<DriftView>('drift', `${query}&detail=points`),
    ];
    const whole = await read<DriftView>('drift', `${RANGE}&window=day`);
    const one = whole.features.find(({ name }) => name === 'salary_range')!;
    expect(points.features).toHaveLength(1);
    expect(points.features[0]).toMatchObject({ points: one.points, latest: null, sentence: null });
    expect(points.features[0]!.points.every((point) => point.methods === undefined)).toBe(true);
    expect(all.features[0]!.points.map(({ methods, ...point }) => point)).toEqual(one.points);
    const answer = await send('GET /models/[name]/drift', { query: '?detail=some' });
    expect([answer.status, answer.code]).toEqual([400, 'invalid_input']);
  });

  it('many columns come without', async () => {
    const view = await read<DriftView>('drift', `${RANGE}&window=month`);
    expect(view.features.length).toBeGreaterThan(5);
    expect(view.features.flatMap(({ points }) => points).some((point) => 'methods' in point)).toBe(false);
  });

  it('is compared row by row when asked, close to what the counts said', async () => {
    const query = `feature=car_value&from=2019-05-01T00:00:00Z&to=2019-06-01T00:00:00Z`;
    const { methods } = await read<DistributionView>('distribution', `${query}&exact=true`);
    const value = (method: string, variant: string) =>
      methods.find((held) => held.method === method && held.variant === variant)!.value!;
    const [rows, bins] = [
      value('kolmogorov_smirnov', 'rows_asymptotic'),
      value('kolmogorov_smirnov', 'reference_fine_bins_stephens'),
    ];
    expect(rows).toBeGreaterThan(0.1);
    expect(rows - bins).toBeGreaterThanOrEqual(0);
    expect(rows - bins).toBeLessThan(0.005);
    const distance = value('wasserstein', 'rows');
    expect(Math.abs(distance - value('wasserstein', 'reference_fine_bins')) / distance).toBeLessThan(0.05);
  });

  it('of texts has no order to compare', async () => {
    const query = '?feature=salary_range&from=2019-05-01T00:00:00Z&to=2019-06-01T00:00:00Z&exact=true';
    const answer = await send('GET /models/[name]/distribution', { query });
    expect([answer.status, answer.code]).toEqual([422, 'not_numeric']);
  });
});

describe('noise and season', () => {
  it('a day is judged with what the days of the reference taught', async () => {
    const view = await read<DriftView>('drift', `from=2018-11-01T00:00:00Z&to=2018-12-01T00:00:00Z`);
    const { latest } = view.features[0]!;
    expect(latest).toMatchObject({ against: 'reference' });
    expect(latest!.learned).toBeGreaterThan(0);
    expect(latest!.noiseLimit).toBeGreaterThanOrEqual(latest!.learned!);
  });

  it('a month is held against that month of the reference, and says where there is none', async () => {
    const month = (from: string, to: string) =>
      read<DistributionView>('distribution', `feature=loan_length&season=same_month&from=${from}&to=${to}`);
    const may = await month('2019-05-01T00:00:00Z', '2019-06-01T00:00:00Z');
    const december = await month('2018-12-01T00:00:00Z', '2019-01-01T00:00:00Z');
    expect(may.against).toBe('same_month');
    expect(may.referenceN).toBeLessThan(10_000);
    expect(december).toMatchObject({ against: 'reference', referenceN: 50_000 });
  });

  it.each([
    ['season=winter', 'season'],
    ['season=same_weekday&window=week', 'season'],
  ])('%s is refused', async (query, path) => {
    const answer = await send('GET /models/[name]/drift', { query: `?${RANGE}&${query}` });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ path }]);
  });

  it('weekdays change the noise of a day, not its rows', async () => {
    const plain = await read<DriftView>('drift', `${RANGE}&feature=driver_tenure`);
    const weekday = await read<DriftView>('drift', `${RANGE}&feature=driver_tenure&season=same_weekday`);
    const rows = (view: DriftView) => view.features[0]!.points.map(({ n }) => n);
    expect(rows(weekday)).toEqual(rows(plain));
  });
});

describe('segments', () => {
  const month = 'from=2018-11-01T00:00:00Z&to=2018-12-01T00:00:00Z';

  it('of texts: each with its metric, interval and rows, which add up to all', async () => {
    const view = await read<SegmentsView>('segments', `${month}&by=salary_range&metric=accuracy`);
    const whole = await read<PerformanceView>('performance', `${month}&window=month&metric=accuracy`);
    expect(view.segments.map(({ name }) => name)).toEqual(['0 - 20K €', '20K - 20K €', '40K - 60K €', '60K+ €']);
    expect(view.segments.reduce((sum, { rows }) => sum + rows, 0)).toBe(whole.points[0]!.rows);
    const right = view.segments.reduce((sum, { value, n }) => sum + value! * n, 0);
    expect(right / whole.points[0]!.n).toBeCloseTo(whole.points[0]!.value!, 12);
    for (const { lo, value, hi, reason } of view.segments) {
      expect([lo! < value!, value! < hi!, reason]).toEqual([true, true, null]);
    }
  });

  it('of numbers: the tenths of the reference, each held against the same tenth', async () => {
    const view = await read<SegmentsView>('segments', `${month}&by=driver_tenure`);
    expect(view.segments).toHaveLength(10);
    expect(view.segments[0]!.name).toMatch(/^≤ /);
    expect(view.segments.reduce((sum, { referenceRows }) => sum + referenceRows, 0)).toBe(50_000);
    expect(view.segments.flatMap(({ drifted }) => drifted)).toEqual([]);
  });

  it('say which inputs moved where', async () => {
    const view = await read<SegmentsView>(
      'segments',
      'from=2019-06-01T00:00:00Z&to=2019-07-01T00:00:00Z&by=size_of_downpayment',
    );
    const judged = view.segments.filter(({ rows }) => rows > 500);
    for (const { drift, drifted } of judged) {
      expect(drift).toBe('changed_a_lot');
      expect(drifted.map(({ column }) => column)).toContain('car_value');
    }
  });

  it('one of them can be followed over time, and agrees with the list', async () => {
    const { segments } = await read<SegmentsView>('segments', `${month}&by=salary_range&metric=accuracy`);
    const { name, rows, value } = segments[2]!;
    const only = `segment=${encodeURIComponent(`salary_range:${name}`)}`;
    const performance = await read<PerformanceView>('performance', `${month}&window=month&metric=accuracy&${only}`);
    expect(performance.points).toMatchObject([{ rows, value }]);
    expect(performance.points[0]!.estimated).not.toBeNull();
    const drift = await read<DriftView>('drift', `${RANGE}&window=month&${only}`);
    expect(drift.features.map((feature) => feature.name)).not.toContain('salary_range');
    const moved = drift.features.find((feature) => feature.name === 'car_value')!;
    expect(moved.points[1]!.state).toBe('stable');
    expect(moved.points.at(-1)!.state).toBe('changed_a_lot');
    expect(drift.reference!.rows).toBe(segments[2]!.referenceRows);
  });

  it('of numbers are addressed by their bounds', async () => {
    const { segments } = await read<SegmentsView>('segments', `${month}&by=driver_tenure`);
    const { name, rows } = segments[4]!;
    const only = `segment=${encodeURIComponent(`driver_tenure:${name}`)}`;
    const performance = await read<PerformanceView>('performance', `${month}&window=month&${only}`);
    expect(performance.points).toMatchObject([{ rows }]);
  });

  it.each(['nobody:1', 'salary_range:a fortune', 'salary_range'])('"%s" names none', async (segment) => {
    const answer = await send('GET /models/[name]/drift', {
      query: `?${month}&segment=${encodeURIComponent(segment)}`,
    });
    expect(answer.status).toBe(400);
    expect(answer.body.errors).toMatchObject([{ path: 'segment' }]);
  });

  it('too small to judge are said to be so', async () => {
    const view = await read<SegmentsView>(
      'segments',
      'from=2018-11-01T00:00:00Z&to=2018-11-02T00:00:00Z&by=driver_tenure',
    );
    for (const segment of view.segments) {
      expect(segment.rows).toBeLessThan(50);
      expect(segment).toMatchObject({ reason: 'too_few_labels', drift: 'too_few' });
    }
  });

  it.each([
    ['', 400, 'invalid_input'],
    ['by=nobody', 404, 'feature_not_found'],
    ['by=driver_tenure&metric=mae', 422, 'unknown_metric'],
  ])('"%s" is refused', async (query, status, code) => {
    const answer = await send('GET /models/[name]/segments', { query: `?${month}&${query}` });
    expect([answer.status, answer.code]).toEqual([status, code]);
  });

  it('are given up when the one who asked hangs up, and the next question has its turn at once', async () => {
    const readers = () => process.getActiveResourcesInfo().filter((name) => name === 'ProcessWrap').length;
    const leaves = new AbortController();
    const query = `?${month}&by=salary_range`;
    const left = send('GET /models/[name]/segments', { query, leaves: leaves.signal });
    await expect.poll(readers, { interval: 5, timeout: 10_000 }).toBe(1);
    leaves.abort();
    expect(await left).toMatchObject({ status: 503, code: 'left' });
    await expect.poll(readers).toBe(0);
    expect((await read<SegmentsView>('segments', `${month}&by=salary_range`)).state).toBe('ready');
  });
});

describe('performance', () => {
  it('is estimated beside what labels say, with how good the estimates were', async () => {
    const whole = 'from=2018-11-01T00:00:00Z&to=2019-08-01T00:00:00Z';
    const view = await read<PerformanceView>('performance', `${whole}&window=month&metric=roc_auc`);
    for (const { value, estimated } of view.points) {
      expect(estimated!.lo).toBeLessThan(estimated!.value);
      expect(Math.abs(estimated!.value - value!)).toBeLessThan(0.01);
    }
    expect(view.trackRecord!.windows).toBe(view.points.length);
    expect(view.trackRecord!.meanError).toBeLessThan(0.005);
  });

  it('has no estimate for a metric that only labels can give', async () => {
    const view = await read<PerformanceView>('performance', `${RANGE}&window=month&metric=log_loss`);
    expect(view.points.every(({ estimated, value }) => estimated === null && value !== null)).toBe(true);
    expect(view.trackRecord).toBeNull();
  });
});
