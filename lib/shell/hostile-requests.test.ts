import { beforeAll, expect, it } from 'vitest';
import { findRoute, ROLES } from '../testing/routes.ts';
import {
  type Answer,
  auditCount,
  call,
  loadRoutes,
  type Person,
  type Sent,
  signedIn,
  testWeb,
} from '../testing/web.ts';
import { examples, type Kept } from '../testing/writes.ts';

const { db } = await testWeb();
const routes = await loadRoutes();
const people = {} as Record<(typeof ROLES)[number], Person>;
process.env.OUTBOUND_ALLOW = '127.0.0.1';
beforeAll(async () => {
  for (const role of ROLES) people[role] = await signedIn(db, role, [role]);
});

/** JSON texts to stand where a value stood. */
const VALUES = [
  'null',
  'true',
  '-1',
  '1.5',
  '1e400',
  '9007199254740993',
  '""',
  '"a\\u0000b"',
  '"\\ud800"',
  '"__proto__"',
  '"+275760-09-13T00:00:00Z"',
  `"${'x'.repeat(200_000)}"`,
  '[null]',
  '{"__proto__":{"admin":true},"constructor":{"prototype":1}}',
  `{${Array.from({ length: 5_000 }, (_, i) => `"k${i}":{}`)}}`,
  `${'['.repeat(5_000)}${']'.repeat(5_000)}`,
];

/** What a document may hold beside what its example sends. */
const FULLER: Record<string, object> = {
  'POST /models': { title: 't', domain: 'd', owners: { product: 'a@b.c', ops: 'a@b.c' }, tags: { a: 'b' } },
  'PATCH /models/[name]': { description: 'd', useCase: 'u' },
  'POST /models/[name]/versions': {
    digest: 'sha256:1',
    metrics: { auc: 0.8 },
    params: { a: 'b' },
    tags: { a: 'b' },
    schema: { inputs: [1] },
    dataset: { name: 'x' },
    importance: { method: 'gain', values: { age: 1 } },
  },
  'POST /models/[name]/kpis': { steward: 's', formula: 'f', drivenBy: ['x'], rule: { k: 1, m: 1, clearAt: 95 } },
  'PATCH /models/[name]/contract': { freshnessHours: 4, earliestAt: '2020-01-01T00:00:00Z', maxSetAsideShare: 0.1 },
  'POST /approvals': { environment: 'production' },
  'POST /approvals/[id]/decide': { note: 'n' },
  'POST /imports/models': {
    tags: { a: 'b' },
    aliases: { x: 1 },
    versions: [{ version: 1, source: 's', createdAt: '2024-01-01T00:00:00Z', updatedAt: '2024-01-01T00:00:00Z' }],
  },
  'POST /models/[name]/rollback': { toDeployment: '00000000-0000-4000-8000-000000000000' },
};

type Place = { at: string; put: (value: unknown) => unknown };

/** Every place in a document where a value stands, and one more in each object. */
function* placesIn(value: unknown, at = '', put: Place['put'] = (next) => next): Generator<Place> {
  yield { at, put };
  if (Array.isArray(value)) {
    const [first, ...rest] = value;
    yield* placesIn(first, `${at}.0`, (next) => put([next, ...rest]));
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, held] of Object.entries(value))
      yield* placesIn(held, `${at}.${key}`, (next) => put({ ...value, [key]: next }));
    yield { at: `${at}.unheardOf`, put: (next) => put({ ...value, unheardOf: next }) };
  }
}

const OF_THE_DATABASE = /failed query|insert into|select .* from|violates|invalid input syntax|duplicate key/i;

/** Why an answer is none that the house gives; nothing when it is. */
function fault({ status, code, headers, body }: Answer): string | undefined {
  if (status < 400) return undefined;
  const text = JSON.stringify(body);
  if (status >= 500) return 'the failure is ours';
  if (headers.get('content-type') !== 'application/problem+json') return 'it is no problem document';
  if (!/^[a-z_]+$/.test(code ?? '') || !body.detail) return 'it says neither what is wrong nor its code';
  if (code === 'invalid_text' || (code === 'invalid_input' && (body.errors as []).length === 0))
    return 'it names no field';
  if (OF_THE_DATABASE.test(text)) return 'it tells of the database';
  return text.length > 30_000 ? 'it is longer than anybody reads' : undefined;
}

/** A wrong password is no refusal: that somebody tried is told in the trail. */
const isRefusal = ({ status, code }: Answer): boolean => status >= 400 && code !== 'wrong_credentials';

it('whatever stands in whatever place of a document, a write is done or refused in words, and leaves a trace or none', async () => {
  const faults: string[] = [];
  const kept: Kept = {};
  let refused = 0;
  for (const { route, as, status, send, keep, before } of examples) {
    await before?.(kept, db);
    const { handler, method, path } = findRoute(routes, route);
    const cookie = as === 'anonymous' ? undefined : people[as].cookie;
    const own = send(kept);
    const more = FULLER[route];
    // What is optional comes first: what is done with something odd there is still what the example means.
    const document = more ? { ...more, ...(own.body as object) } : own.body;
    let done: Answer | undefined;
    for (const { at, put } of typeof own.body === 'object' ? placesIn(document) : []) {
      const open = JSON.stringify(put('@value@'));
      for (const value of VALUES) {
        const sent: Sent = { ...own, cookie, body: open.replace('"@value@"', () => value) };
        const rows = await auditCount(db);
        const answer = await call(handler, method, path, {
          ...sent,
          headers: { 'content-type': 'application/json', ...own.headers },
        });
        const what = fault(answer) ?? (isRefusal(answer) && (await auditCount(db)) !== rows ? 'it left a trace' : '');
        if (what) faults.push(`${route} ${at} = ${value.slice(0, 40)}: ${answer.status} ${answer.code}, ${what}`);
        if (answer.status >= 400) refused += 1;
        else done = answer;
      }
    }
    // What was done with something odd in it may be what the example would do, and is what the next one goes on from.
    const answer = await call(handler, method, path, { ...own, cookie });
    if (answer.status !== status && !done) faults.push(`${route}: ${answer.status} ${answer.code}`);
    const last = answer.status === status ? answer : done;
    if (last) keep?.(last.body, kept);
  }
  expect(faults).toEqual([]);
  expect(refused).toBeGreaterThan(2_000);
}, 120_000);
