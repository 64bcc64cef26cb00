import { asc, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '../../db/schema/audit.ts';
import { processBatch } from '../incidents/jobs.ts';
import { bearer, call, loadRoutes, type Method, type Sent, signedIn, testWeb } from '../testing/web.ts';
import type { AttributionsView, DriftView, FairnessView, ImportanceView, SegmentsView } from './schema.ts';

const { db } = await testWeb();
const routes = await loadRoutes();
let authorization = '';

async function send(route: string, sent: Sent = {}) {
  const [method, path] = route.split(' ') as [Method, string];
  const found = routes.find((held) => held.path === `/api/v1${path}`)!;
  const params = { name: 'loans', version: '1', ...sent.params };
  return call(found.handlers[method]!, method, found.path, {
    ...sent,
    params,
    headers: { authorization, ...sent.headers },
  });
}

async function read<T>(what: string, query = ''): Promise<T> {
  const answer = await send(`GET /models/[name]/${what}`, { query: `?${query}` });
  expect([answer.status, answer.body.detail]).toEqual([200, undefined]);
  return answer.body as T;
}

async function listAudited(action: string) {
  const rows = await db.select().from(auditEvents).where(eq(auditEvents.action, action)).orderBy(asc(auditEvents.id));
  return rows.map(({ body }) => JSON.parse(body) as { reason?: string });
}

const ROLES =
  '?timestamp=at&score=score&label=good&segment=sex&attribution=shap_income:income&attribution=shap_age:age';
const RANGE = 'from=2026-03-01T00:00:00Z&to=2026-03-08T00:00:00Z';

type Line = { at: string; income: number; age: number; noise: number; sex: string; score: number; good: number };
/**
 * The score is a seventh of the income, so that income explains it all; age explains a little and noise nothing. Of the women 2 in 5
 * pass 0.5, of the men 4 in 5, and three people in 400 are "x".
 */
function line(i: number, day: number, shift: number): Line {
  const sex = i < 3 ? 'x' : i % 2 === 0 ? 'f' : 'm';
  const place = Math.floor(i / 2) % 5;
  const passes = sex === 'f' ? place < 2 : place < 4;
  const score = (passes ? 0.6 : 0.1) + (place * 7 + (i % 3)) / 100;
  return {
    at: `2026-03-0${day}T10:00:00Z`,
    income: score * 7 + shift,
    age: 30 + place * 3 + (i % 7) + shift * 20,
    noise: (i * 37) % 101,
    sex,
    score,
    good: Number(i % 4 !== 0),
  };
}
const csv = (lines: readonly Line[], shap: (line: Line) => [number, number]) =>
  ['at,income,age,noise,sex,score,good,shap_income,shap_age']
    .concat(lines.map((l) => [l.at, l.income, l.age, l.noise, l.sex, l.score, l.good, ...shap(l)].join(',')))
    .join('\n');
const lines = (day: number, shift = 0) => Array.from({ length: 400 }, (_, i) => line(i, day, shift));

beforeAll(async () => {
  const data = await signedIn(db, 'data', ['data', 'product']);
  authorization = await bearer(db, data, ['registry:read', 'registry:write', 'data:write']);
  await send('POST /models', { body: { name: 'loans' } });
  await send('POST /models/[name]/versions', { body: { source: 's3://models/loans/1' } });
  const upload = (body: string): Sent => ({ body, headers: { 'content-type': 'text/csv' }, query: ROLES });
  const usual = (l: Line): [number, number] => [l.score - 0.5, (l.age - 40) / 400];
  const reference = await send(
    'PUT /models/[name]/versions/[version]/reference',
    upload(
      csv(
        [1, 2, 3].flatMap((day) => lines(day)),
        usual,
      ),
    ),
  );
  expect([reference.status, reference.body.detail]).toEqual([201, undefined]);
  // Income and age move alike; on the last day the age drives the answers, and one day has hardly any rows.
  const days: [number, string][] = [
    [4, csv(lines(4, 1).toReversed(), usual)],
    [5, csv(lines(5, 1), (l) => [(l.age - 40) / 400, l.score - 0.5])],
    [6, csv(lines(6, 1).slice(0, 20), usual)],
  ];
  for (const [, body] of days) {
    const sent = await send('POST /models/[name]/versions/[version]/observations', upload(body));
    expect([sent.status, sent.body.detail]).toEqual([202, undefined]);
    await processBatch(db, String(sent.body.batchId));
  }
});

describe('importance', () => {
  it('is computed from the reference, named for what it is, and counts inputs and segments only', async () => {
    const view = await read<ImportanceView>('versions/[version]/importance');
    expect(view).toMatchObject({ source: 'computed', sentBy: null });
    expect(view.method).toMatch(/association .* corrected for chance/);
    expect(view.columns.map(({ name }) => name)).toEqual(['income', 'sex', 'age', 'noise']);
    const [income, , , noise] = view.columns;
    expect(income!.explained).toBeGreaterThan(0.9);
    expect(noise!.explained).toBeLessThan(0.1);
    expect(view.columns.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('orders the columns by drift times importance, which the answer shows with its source', async () => {
    const view = await read<DriftView>('drift', `${RANGE}&window=day`);
    expect(view.importanceSource).toBe('computed');
    expect(view.features.map(({ name, rank }) => [name, rank]).slice(0, 2)).toEqual([
      ['income', 1],
      ['age', 2],
    ]);
    const [income, age] = view.features;
    expect(income!.priority).toBeCloseTo((income!.latest!.psi - income!.latest!.noiseLimit) * income!.importance!, 12);
    expect(income!.importance).toBeGreaterThan(age!.importance!);
    expect(view.summary.sentences[0]).toMatch(/^income /);
    expect(view.features.find(({ name }) => name === 'score')).toMatchObject({ importance: null });
  });

  it('that is sent takes its place, until it is taken back', async () => {
    const put = (body: Record<string, unknown>) => send('PUT /models/[name]/versions/[version]/importance', { body });
    const sent = await put({ method: 'shap mean |value|', values: { age: 3, income: 1 } });
    expect(sent.body).toMatchObject({ sent: { method: 'shap mean |value|', shares: { age: 0.75, income: 0.25 } } });
    const view = await read<DriftView>('drift', `${RANGE}&window=day`);
    expect([view.importanceSource, view.importanceMethod]).toEqual(['sent', 'shap mean |value|']);
    expect(view.features[0]!.name).toBe('age');
    expect((await put({ values: null })).body).toEqual({ sent: null });
    expect((await read<ImportanceView>('versions/[version]/importance')).source).toBe('computed');
    const audited = await listAudited('models.set-importance');
    expect(audited).toHaveLength(2);
    expect(audited[0]).toMatchObject({ after: { version: 1, method: 'shap mean |value|', columns: 2 } });
    expect(audited[1]).toMatchObject({ before: { method: 'shap mean |value|' }, after: null });
  });

  it.each([
    [{ values: { a: 1 } }, 'method'],
    [{ method: 'gain', values: { a: -1 } }, 'values.a'],
    [{ method: 'gain', values: { a: 0 } }, 'values'],
    [{ method: 'gain', values: {} }, 'values'],
    [{ method: 'gain', values: { a: 'much' } }, 'values.a'],
    [{ method: 'gain', values: { ['x'.repeat(256)]: 1 } }, `values.${'x'.repeat(100)}`],
    [{ method: 'gain', values: Object.fromEntries(Array.from({ length: 2001 }, (_, i) => [`c${i}`, 1])) }, 'values'],
    [{ method: 'x'.repeat(201), values: { a: 1 } }, 'method'],
  ])('refuses what is no importance (%#)', async (body, path) => {
    const answer = await send('PUT /models/[name]/versions/[version]/importance', { body });
    expect([answer.status, answer.code]).toEqual([400, 'invalid_input']);
    expect((answer.body.errors as { path: string }[])[0]!.path).toBe(path);
  });

  it('may come with the version', async () => {
    const importance = { method: 'gain', values: { income: 2, age: 2 } };
    const made = await send('POST /models/[name]/versions', { body: { source: 's3://models/loans/2', importance } });
    expect(made.status).toBe(201);
    const params = { version: String(made.body.version) };
    const answer = await send('GET /models/[name]/versions/[version]/importance', { params });
    expect(answer.body).toMatchObject({ source: 'sent', method: 'gain', columns: [{ name: 'age', share: 0.5 }, {}] });
  });
});

describe('attributions', () => {
  it('are no inputs: nothing is compared by them but the ranking of the features', async () => {
    const view = await read<DriftView>('drift', `${RANGE}&window=day`);
    expect(view.features.map(({ name }) => name).sort()).toEqual(['age', 'income', 'noise', 'score', 'sex']);
  });

  it('say on which day the features changed places, and on which it cannot be told', async () => {
    const view = await read<AttributionsView>('attributions', `${RANGE}&window=day`);
    expect(view).toMatchObject({ state: 'ready', limit: 0.9 });
    expect(view.windows.map(({ n, state }) => [n, state])).toEqual([
      [400, 'alike'],
      [400, 'moved'],
      [20, 'too_few'],
    ]);
    expect(view.windows[0]!.ndcg).toBe(1);
    expect(view.features.map(({ name }) => name)).toEqual(['income', 'age']);
    expect(view.features.reduce((sum, { reference }) => sum + reference, 0)).toBeCloseTo(1, 12);
  });

  it('are refused by the hour, and where a feature is not in the file', async () => {
    const hours = await send('GET /models/[name]/attributions', { query: `?${RANGE}&window=hour` });
    expect(hours.body.errors).toMatchObject([{ path: 'window' }]);
    const put = (query: string) =>
      send('PUT /models/[name]/versions/[version]/reference', {
        body: csv(lines(1), () => [1, 1]),
        headers: { 'content-type': 'text/csv' },
        query,
      });
    const unknown = await put('?timestamp=at&score=score&attribution=shap_income:salary');
    expect([unknown.status, unknown.body.errors]).toMatchObject([422, [{ code: 'column_not_found' }]]);
    const twice = await put('?timestamp=at&attribution=shap_income:income&attribution=shap_age:income');
    expect(twice.body.errors).toMatchObject([{ code: 'role_conflict' }]);
    expect((await put('?attribution=shap_income')).body.errors).toMatchObject([{ path: 'attribution' }]);
  });
});

describe('fairness', () => {
  const name = (body: Record<string, unknown>) => send('PUT /models/[name]/protected', { body });
  const REASON = 'Lending law names the sex as protected.';

  it('is asked of named columns only', async () => {
    const answer = await send('GET /models/[name]/fairness', { query: '?column=sex' });
    expect([answer.status, answer.code]).toEqual([422, 'not_protected']);
  });

  it('needs a reason, a column that exists and a group that exists', async () => {
    const short = await name({ columns: [{ column: 'sex' }], reason: 'law' });
    expect(short.body.errors).toMatchObject([{ path: 'reason' }]);
    const unknown = await name({ columns: [{ column: 'gender' }], reason: REASON });
    expect([unknown.code, unknown.body.errors]).toMatchObject(['unknown_column', [{ path: 'columns.0.column' }]]);
    const group = await name({ columns: [{ column: 'sex', base: 'men' }], reason: REASON });
    expect([group.code, group.body.errors]).toMatchObject(['unknown_group', [{ path: 'columns.0.base' }]]);
    const twice = await name({ columns: [{ column: 'sex' }, { column: 'sex' }], reason: REASON });
    expect(twice.status).toBe(400);
  });

  it('compares how often each group got the favourable answer, with intervals', async () => {
    expect((await name({ columns: [{ column: 'sex' }], reason: REASON })).status).toBe(200);
    const view = await read<FairnessView>('fairness', `column=sex&${RANGE}`);
    expect(view).toMatchObject({ state: 'ready', base: 'm', baseNamed: false, limit: 0.8, answer: 'score from 0.5' });
    const of = (group: string) => view.groups.find((held) => held.name === group)!;
    expect(of('m').selected).toMatchObject({ state: 'base' });
    const sent = [...lines(4, 1), ...lines(5, 1), ...lines(6, 1).slice(0, 20)];
    const women = sent.filter(({ sex }) => sex === 'f');
    const chosen = women.filter(({ score }) => score >= 0.5).length;
    expect(of('f').selected).toMatchObject({ hits: chosen, n: women.length, state: 'review' });
    expect(of('m').selected.rate).toBeCloseTo(0.8, 2);
    expect(of('f').selected.ratio).toBeCloseTo(chosen / women.length / of('m').selected.rate!, 12);
    const good = women.filter((row) => row.good === 1);
    const rightly = good.filter(({ score }) => score >= 0.5).length;
    expect(of('f').rightly).toMatchObject({ hits: rightly, n: good.length });
    expect(of('other values').selected.state).toBe('cannot_judge');
    expect(of('f').rightly.n + of('f').wrongly.n).toBe(of('f').rows);
    const segments = await read<SegmentsView>('segments', `by=sex&${RANGE}`);
    expect(view.groups.map(({ name, rows }) => [name, rows])).toEqual(
      segments.segments.map(({ name, rows }) => [name, rows]),
    );
  });

  it('may be about the other answer, and against a group that people chose', async () => {
    await name({ columns: [{ column: 'sex', base: 'm' }], favourable: 'negative', reason: REASON });
    const view = await read<FairnessView>('fairness', `column=sex&${RANGE}`);
    expect(view).toMatchObject({ base: 'm', baseNamed: true, favourable: 'negative', answer: 'score below 0.5' });
    expect(view.groups.find((held) => held.name === 'f')!.selected.ratio).toBeCloseTo(3, 1);
  });

  it('is on record with who named the columns and why, for everybody to read', async () => {
    const viewer = await signedIn(db, 'viewer', ['viewer']);
    const found = routes.find(({ path }) => path === '/api/v1/models/[name]/protected')!;
    const params = { name: 'loans' };
    const seen = await call(found.handlers.GET!, 'GET', found.path, { params, cookie: viewer.cookie });
    expect(seen.body).toMatchObject({ columns: [{ column: 'sex', base: 'm' }], namedBy: 'data', reason: REASON });
    const audited = await listAudited('drift.name-protected');
    expect(audited.map(({ reason }) => reason)).toEqual([REASON, REASON]);
    expect(audited[1]).toMatchObject({ actor: { name: 'data' }, after: { favourable: 'negative' } });
  });
});
