import { expect } from 'vitest';
import type { Db } from '../../db/client.ts';
import {
  type Answer,
  call,
  loadRoutes,
  type Method,
  type Person,
  rowCounts,
  type Sent,
  signedIn,
  testWeb,
} from './web.ts';

export const REASON = 'Because the tests need it.';
export const REFERENCE = 'PUT /models/[name]/versions/[version]/reference';
export const OBSERVATIONS = 'POST /models/[name]/versions/[version]/observations';
export const malformed = { status: 400, code: 'invalid_input' };
export const goal = {
  name: 'Revenue',
  metric: 'revenue',
  unit: 'EUR',
  direction: 'higher_is_better',
  target: 100,
  limits: { watch: 90, breach: 80 },
  window: '7d',
  minSamples: 100,
  owner: 'product@test.local',
};
const row = (_: unknown, i: number) => `2026-03-0${1 + (i % 5)}T10:00:00Z,${(i % 10) / 10},${i % 2},${i % 7}`;
/** A CSV of 200 rows that is as it should be. */
export const goodCsv = `at,score,label,age\n${Array.from({ length: 200 }, row).join('\n')}\n`;

export function upload(
  type: string,
  body: string | Uint8Array | ReadableStream,
  headers: Record<string, string> = {},
): Sent {
  return { body, headers: { 'content-type': type, ...headers }, query: '?timestamp=at&score=score&label=label' };
}

export type Bad = { route: string; sent: Sent; status: number; code: string; path?: string };
export type NamedBad = Bad & { what: string };
export type Workspace = {
  db: Db;
  uploads: () => string[];
  admin: Person;
  /** Calls `METHOD /path` below /api/v1 as the administrator, for the model, version and goal that exist. */
  send: (route: string, sent?: Sent) => Promise<Answer>;
  /** Refused, in the documented words, with the database and the uploads folder as they were. */
  refuses: (bad: Bad) => Promise<Answer>;
};

/** A workspace with one model, version, reference and goal, behind the real route handlers. */
export async function testWorkspace(): Promise<Workspace> {
  const { db, uploads } = await testWeb();
  const routes = await loadRoutes();
  const admin = await signedIn(db, 'admin', ['admin']);
  let kpi = '';
  const send = (route: string, sent: Sent = {}): Promise<Answer> => {
    const [method, path] = route.split(' ') as [Method, string];
    const held = routes.find((one) => one.path === `/api/v1${path}`);
    const handler = held?.handlers[method];
    if (!held || !handler) throw new Error(`there is no route ${route}`);
    const params = { name: 'churn', version: '1', id: kpi, ...sent.params };
    return call(handler, method, held.path, { cookie: admin.cookie, ...sent, params });
  };
  const refuses = async ({ route, sent, status, code, path }: Bad): Promise<Answer> => {
    const [rows, files] = [await rowCounts(db), uploads()];
    const answer = await send(route, sent);
    expect([answer.status, answer.code, answer.body.detail]).toEqual([status, code, answer.body.detail]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
    const paths = (answer.body.errors as { path: string }[]).map((error) => error.path);
    if (path !== undefined) expect(paths).toContain(path);
    expect(await rowCounts(db)).toEqual(rows);
    expect(uploads()).toEqual(files);
    return answer;
  };

  await send('POST /models', { body: { name: 'churn', tier: 'low' } });
  await send('POST /models/[name]/versions', { body: { source: 's3://m/1' } });
  const reference = await send(REFERENCE, upload('text/csv', goodCsv));
  expect(reference).toMatchObject({ status: 201, body: { rows: 200 } });
  const made = await send('POST /models/[name]/kpis', { body: { ...goal, reason: REASON } });
  expect(made.status).toBe(201);
  kpi = String(made.body.id);
  return { db, uploads, admin, send, refuses };
}
