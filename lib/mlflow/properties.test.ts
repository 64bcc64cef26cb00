import { randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { DELETE, GET, PATCH, POST } from '../../app/api/2.0/mlflow/[...path]/route.ts';
import { registryClient } from '../testing/registry.ts';
import { type Answer, bearer, signedIn, testWeb } from '../testing/web.ts';
import { policies } from './endpoints.ts';

/** What holds for every request, whoever made it up. */
const verbs = { GET, POST, PATCH, DELETE };
const { db } = await testWeb();
let authorization = '';
beforeAll(async () => {
  const data = await signedIn(db, 'data', ['data']);
  authorization = await bearer(db, data, ['registry:write']);
  await ok('POST registered-models/create', { name: 'held', tags: [{ key: 'city', value: 'Oslo' }] });
  await ok('POST model-versions/create', { name: 'held', source: 's3://b/1' });
  await ok('POST registered-models/alias', { name: 'held', alias: 'best', version: '1' });
});

const { send, ok, fresh } = registryClient(verbs, () => authorization);

/** The registry's tables as one digest: what a refusal must leave as it was. */
async function state(): Promise<string> {
  const tables = ['models', 'model_tags', 'model_versions', 'version_tags', 'model_aliases', 'webhooks', 'audit_heads'];
  const digests = tables.map(
    (table) =>
      sql`(select coalesce(md5(string_agg(t::text, ',' order by t::text)), '') from ${sql.identifier(table)} t)`,
  );
  const [row] = await db.execute<{ digest: string }>(sql`select concat(${sql.join(digests, sql`, `)}) as digest`);
  return row!.digest;
}

const LEAK =
  /failed query|syntax error|relation "|violates|select .* from|insert into|postgres|drizzle|\bat .*\.ts:\d/i;

function expectAnswer({ status, body }: Answer, sent: unknown): void {
  const seen = JSON.stringify([sent, status, body])?.slice(0, 500);
  expect(status, seen).toBeLessThan(500);
  if (status === 200) return;
  expect(Object.keys(body), seen).toEqual(['error_code', 'message']);
  expect(String(body.message), seen).not.toMatch(LEAK);
}

const text = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '',
    '1',
    '0',
    '-1',
    '99999999999',
    'held',
    'best',
    'NaN',
    '\u0000',
    '\ud800',
    '%',
    "'; drop table models; --",
  ),
);
const names =
  'name new_name version key value alias stage stages filter order_by max_results page_token source run_id run_link model_id description tags archive_existing_versions url events secret status event'.split(
    ' ',
  );
const addresses = [
  ...Object.keys(policies),
  'GET webhooks/x',
  'POST webhooks/00000000-0000-4000-8000-000000000000/test',
];

describe('no request', () => {
  it('of any shape is a fault of ours, tells of the database, or changes a row when refused', async () => {
    const field = fc.oneof(
      { weight: 5, arbitrary: text },
      { weight: 1, arbitrary: fc.jsonValue() },
      { weight: 1, arbitrary: fc.array(fc.record({ key: text, value: text }), { maxLength: 3 }) },
    );
    const message = fc.oneof(
      { weight: 8, arbitrary: fc.dictionary(fc.constantFrom(...names), field) },
      { weight: 1, arbitrary: fc.jsonValue() },
    );
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...addresses), message, async (address, sent) => {
        const before = await state();
        const answer = await send(address, sent);
        expectAnswer(answer, [address, sent]);
        if (answer.status !== 200) expect(await state()).toBe(before);
      }),
      { numRuns: 400 },
    );
  });

  it('with a name, a tag or an alias of any text is stored otherwise than it was sent', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1, maxLength: 200 }),
        text,
        text,
        async (name, key, value) => {
          const own = `${name}${randomBytes(4).toString('hex')}`;
          const made = await send('POST registered-models/create', { name: own, tags: [{ key, value }] });
          expectAnswer(made, own);
          const read = await send('GET registered-models/get', { name: own });
          expect(read.status).toBe(made.status === 200 ? 200 : 404);
          if (made.status === 200)
            expect(read.body.registered_model).toMatchObject({ name: own, tags: [{ key, value }] });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('a search', () => {
  const identifier = fc.oneof(
    fc.constantFrom(
      'name',
      'tags.city',
      'tag.`a b`',
      'attribute.name',
      'run_id',
      'version_number',
      'source_path',
      'stage',
      'tags."x"',
    ),
    fc.string({ maxLength: 8 }),
  );
  const comparator = fc.constantFrom('=', '!=', '>', '<=', 'LIKE', 'ILIKE', 'like', 'IN', 'NOT IN', '==', 'IS', '');
  const value = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 12 }).map((raw) => `'${raw}'`),
    fc.constantFrom("'%'", "'a\\'", '"x"', '1', '-1', '1e309', "('a','b')", '()', "('a'", 'NULL', "'", '((((', '`'),
  );
  const glue = fc.constantFrom(' AND ', ' and ', ' OR ', ' ', ';', ' AND NOT ', ' AND (');
  const filter = fc
    .array(fc.tuple(identifier, comparator, value, glue), { minLength: 1, maxLength: 6 })
    .map((parts) => parts.map(([a, b, c, d]) => `${a} ${b} ${c}${d}`).join(''))
    .map((joined) => joined.replace(/ (AND|and) $/, ''));

  it('of any filter, order and page is answered or refused', async () => {
    const order = fc.array(fc.oneof(fc.constantFrom('name', 'name DESC', 'timestamp', 'version_number ASC'), text), {
      maxLength: 3,
    });
    const token = fc.oneof(
      text,
      fc.jsonValue().map((json) => Buffer.from(JSON.stringify(json)).toString('base64')),
      fc.integer().map((offset) => Buffer.from(JSON.stringify({ offset })).toString('base64')),
    );
    const list = fc.constantFrom('GET registered-models/search', 'GET model-versions/search');
    await fc.assert(
      fc.asyncProperty(list, filter, order, fc.option(token), async (address, sought, order_by, page_token) => {
        const message = { filter: sought, order_by, ...(page_token === null ? {} : { page_token }) };
        expectAnswer(await send(address, message), message);
      }),
      { numRuns: 300 },
    );
  });

  const many = (n: number, condition: (i: number) => string): string =>
    Array.from({ length: n }, (_, i) => condition(i)).join(' AND ');
  const long: [string, string][] = [
    ['1,000 conditions on one key', many(1000, () => "tags.city != 'x'")],
    ['1,000 conditions on 1,000 keys', many(1000, (i) => `tags.k${i} = 'x'`)],
    ['1,000 conditions on the name', many(1000, (i) => `name != 'x${i}'`)],
    ['1,000 patterns', many(1000, (i) => `name LIKE '%a%b%${i}%'`)],
    ['a value of 100 kB', `name = '${'x'.repeat(100_000)}'`],
    ['a pattern of 100 kB', `name LIKE '${'%a'.repeat(50_000)}'`],
    ['100 kB of spaces', `name = 'x'${' '.repeat(100_000)}`],
    ['100 kB of quotes', "'".repeat(100_000)],
    ['100 kB of parentheses', '('.repeat(100_000)],
    ['100 kB of one word', 'a'.repeat(100_000)],
    ['100 kB of dots', 'tags.'.repeat(20_000)],
    ['a list of 10,000', `name IN (${Array.from({ length: 10_000 }, (_, i) => `'v${i}'`).join(', ')})`],
    ['100 kB of clauses that never end', 'name = '.repeat(14_000)],
  ];
  it.each(long)('for %s is answered within a second', async (_what, sought) => {
    for (const address of ['GET registered-models/search', 'GET model-versions/search']) {
      // The best of a few: what is asked is whether the reading of a filter explodes, not how busy the machine is.
      const tookMs: number[] = [];
      do {
        const started = performance.now();
        expectAnswer(await send(address, { filter: sought }), sought.slice(0, 50));
        tookMs.push(performance.now() - started);
      } while (Math.min(...tookMs) >= 1000 && tookMs.length < 5);
      expect(Math.min(...tookMs)).toBeLessThan(1000);
    }
  });
});

describe('a source', () => {
  it('that climbs out is refused however often it is encoded, and leaves no version', async () => {
    const name = fresh();
    await ok('POST registered-models/create', { name });
    // What is no encoding, or none of UTF-8, may not keep the rest from being decoded.
    const stray = fc.constantFrom('100%', '%zz', '%ff', '%c3');
    const segment = fc.oneof(fc.stringMatching(/^[a-z0-9]{0,6}$/), stray);
    const prefix = fc.constantFrom('s3://b/', 'runs:/a/', 'mlflow-artifacts:/', 'https://h/', 'dbfs:/', 'models:/');
    const encode = (raw: string, times: number): string =>
      Array.from({ length: times }).reduce<string>(
        (before, _, round) =>
          round === 0 ? before.replace(/[./]/g, (c) => `%${c.charCodeAt(0).toString(16)}`) : encodeURIComponent(before),
        raw,
      );
    const climb = fc.constantFrom('..', '../..', '..\\x', 'x/..');
    await fc.assert(
      fc.asyncProperty(
        prefix,
        segment,
        climb,
        segment,
        fc.integer({ min: 0, max: 5 }),
        async (scheme, a, up, b, times) => {
          const { status, body } = await send('POST model-versions/create', {
            name,
            source: `${scheme}${a}/${encode(up, times)}/${b}`,
          });
          expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
        },
      ),
      { numRuns: 150 },
    );
    expect(await ok('GET model-versions/search', { filter: `name = '${name}'` })).toEqual({});
  });
});

describe('at the same moment', () => {
  it('any number of first registrations make one model, and each gets a version of its own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 2, max: 16 }), async (n) => {
        const name = fresh();
        const made = await Promise.all(
          Array.from({ length: n }, async () => {
            const model = await send('POST registered-models/create', { name });
            const version = await send('POST model-versions/create', { name, source: 's3://b' });
            return { model, version };
          }),
        );
        expect(made.filter(({ model }) => model.status === 200)).toHaveLength(1);
        for (const { model } of made) expect(['RESOURCE_ALREADY_EXISTS', undefined]).toContain(model.body.error_code);
        const numbers = made.map(({ version }) => Number((version.body.model_version as { version: string }).version));
        expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i + 1));
      }),
      { numRuns: 15 },
    );
  });
});

const aliasesOf = (model: unknown) => (model as { aliases?: { alias: string; version: string }[] }).aliases ?? [];

describe('an alias', () => {
  it('always points at a version that is there, whatever was done before and together', async () => {
    const version = fc.integer({ min: 1, max: 4 }).map(String);
    const alias = fc.constantFrom('a', 'b', 'ä');
    const act = fc.oneof(
      fc.constant(['POST model-versions/create', { source: 's3://b' }] as const),
      fc.tuple(fc.constant('POST registered-models/alias'), fc.record({ alias, version })),
      fc.tuple(fc.constant('DELETE registered-models/alias'), fc.record({ alias })),
      fc.tuple(fc.constant('DELETE model-versions/delete'), fc.record({ version })),
      fc.tuple(
        fc.constant('POST model-versions/transition-stage'),
        fc.record({ version, stage: fc.constantFrom('Staging', 'Archived') }),
      ),
      fc.tuple(fc.constant('POST registered-models/set-tag'), fc.record({ key: alias, value: version })),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(act, { minLength: 1, maxLength: 4 }), { minLength: 3, maxLength: 10 }),
        async (rounds) => {
          const name = fresh();
          await ok('POST registered-models/create', { name });
          await ok('POST model-versions/create', { name, source: 's3://b' });
          for (const together of rounds) {
            const answers = await Promise.all(
              together.map(([address, message]) => send(address, { name, ...message })),
            );
            for (const answer of answers) expectAnswer(answer, together);
            const { registered_model } = await ok('GET registered-models/get', { name });
            for (const { alias, version } of aliasesOf(registered_model)) {
              const { model_version } = await ok('GET registered-models/alias', { name, alias });
              expect(model_version).toMatchObject({ version, aliases: expect.arrayContaining([alias]) });
            }
          }
        },
      ),
      { numRuns: 25 },
    );
  });
});

describe('what is kept', () => {
  it('names its maker, from the token', async () => {
    const name = fresh();
    const other = await bearer(db, await signedIn(db, 'scientist', ['data']), ['registry:write']);
    const held = authorization;
    authorization = other;
    await ok('POST registered-models/create', { name, user_id: 'somebody else' });
    const { model_version } = await ok('POST model-versions/create', { name, source: 's3://b' });
    authorization = held;
    expect(model_version).toMatchObject({ user_id: 'scientist' });
    const read = await ok('GET model-versions/get', { name, version: '1' });
    expect(read.model_version).toMatchObject({ user_id: 'scientist' });
    const makers = await db.execute<{ by: string; version_by: string }>(sql`
      select m.created_by as by, v.created_by as version_by from models m join model_versions v on v.model_id = m.id where m.name = ${name}`);
    expect([...makers]).toEqual([{ by: 'scientist', version_by: 'scientist' }]);
  });

  const x = (n: number) => 'x'.repeat(n);
  const tooLong: [string, string, object][] = [
    ['a name', 'POST registered-models/create', { name: x(257) }],
    ['a description', 'POST registered-models/create', { name: 'a', description: x(5001) }],
    ['a tag key', 'POST registered-models/create', { name: 'a', tags: [{ key: x(251), value: '' }] }],
    ['a tag value', 'POST registered-models/create', { name: 'a', tags: [{ key: 'k', value: x(100_001) }] }],
    ['a set tag', 'POST registered-models/set-tag', { name: 'held', key: 'k', value: x(100_001) }],
    ['a new name', 'POST registered-models/rename', { name: 'held', new_name: x(257) }],
    ['a source', 'POST model-versions/create', { name: 'held', source: `s3://${x(500)}` }],
    ['a run', 'POST model-versions/create', { name: 'held', source: 's3://b', run_id: x(33) }],
    ['a run link', 'POST model-versions/create', { name: 'held', source: 's3://b', run_link: x(501) }],
    ['a logged model', 'POST model-versions/create', { name: 'held', source: 's3://b', model_id: x(257) }],
    ['a version’s description', 'PATCH model-versions/update', { name: 'held', version: '1', description: x(5001) }],
    ['a version’s tag', 'POST model-versions/set-tag', { name: 'held', version: '1', key: 'k', value: x(100_001) }],
    ['an alias', 'POST registered-models/alias', { name: 'held', version: '1', alias: x(256) }],
  ];
  it.each(tooLong)('has its length: %s too long is a clear mistake of the sender', async (_what, address, message) => {
    const before = await state();
    const { status, body } = await send(address, message);
    expect([status, body.error_code]).toEqual([400, 'INVALID_PARAMETER_VALUE']);
    expect(body.message).toMatch(/ exceeds the maximum length of \d+ characters$/);
    // Named as it was sent.
    const [, field = ''] = /^'(\w+)/.exec(String(body.message)) ?? [];
    expect(Object.keys(message)).toContain(field);
    expect(await state()).toBe(before);
  });
});
