import { sql } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createDb, type Db } from '../../db/client.ts';
import type { Actor } from '../access/schema.ts';
import { createKpi } from '../kpis/commands/create.ts';
import { deleteModel } from '../models/commands/delete.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { renameModel } from '../models/commands/rename.ts';
import { setAlias } from '../models/commands/set-alias.ts';
import { setTag } from '../models/commands/set-tag.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { someoneWaits } from '../testing/locks.ts';
import { person } from '../testing/people.ts';
import { refreshDocuments } from './documents.ts';
import { facetsOf, narrow, sortCatalog } from './rules.ts';
import { CATALOG_SORTS, type CatalogRow, FACETS, HEALTH } from './schema.ts';
import { findByWords, findNames, QUERY_MAX, searchModels } from './search.ts';
import { withinTypos } from './typos.ts';

const { db, url } = await testDatabase();
const CONTRACT = {
  name: 'Loans repaid in time',
  metric: 'specificity',
  question: 'Do we lend to those who pay?',
  unit: 'share',
  direction: 'higher_is_better',
  target: 0.9,
  limits: { breach: 0.7 },
  window: '7d',
  minSamples: 50,
  owner: 'admin@test.local',
};
let admin: Actor;

beforeAll(async () => {
  admin = await person(db, 'admin', ['admin']);
  const as = { db, actor: admin };
  const owners = { product: 'paula@shop.example' };
  await execute(
    registerModel,
    { name: 'churn-eu', title: 'Customers who leave', domain: 'CRM', tier: 'high', owners },
    as,
  );
  await execute(
    registerModel,
    { name: 'credit-thin-file', domain: 'Lending', tier: 'high', tags: { team: 'ravens' } },
    as,
  );
  await execute(registerModel, { name: 'price%off_', domain: 'Shop' }, as);
  const description = 'Runs each night over the characters of every branch.';
  await execute(registerModel, { name: 'nightly', description }, as);
  await execute(registerVersion, { name: 'credit-thin-file', source: 's3://m/1' }, as);
  await execute(setAlias, { name: 'credit-thin-file', alias: 'shadow-tokyo', version: 1 }, as);
  await execute(createKpi, { model: 'credit-thin-file', contract: CONTRACT, reason: 'Because the tests need it.' }, as);
});

describe('typos', () => {
  it.each([
    ['churn', 'chrun', 1],
    ['churn', 'chrn', 1],
    ['churn', 'churrn', 1],
    ['churn', 'charn', 1],
    ['repaid', 'repayed', 2],
    ['', 'ab', 2],
  ])('%s and %s are %i apart', (a, b, distance) => {
    for (const [one, other] of [
      [a, b],
      [b, a],
    ] as const) {
      expect(withinTypos(one, other, distance)).toBe(true);
      expect(withinTypos(one, other, distance - 1)).toBe(false);
    }
  });
});

describe('words', () => {
  it.each([
    ['a typo', 'chrun', 'churn-eu'],
    ['the business name', 'customers leave', 'churn-eu'],
    ['another form of a word', 'leaving', 'churn-eu'],
    ['an owner', 'paula@shop', 'churn-eu'],
    ['a tag', 'ravens', 'credit-thin-file'],
    ['an alias', 'shadow-tokyo', 'credit-thin-file'],
    ['the name of a goal, misspelt', 'loans repayed', 'credit-thin-file'],
    ['the technical name of a goal', 'specificity', 'credit-thin-file'],
    ['signs that mean something to SQL', '%off_', 'price%off_'],
  ])('find a model by %s', async (_, words, name) => {
    expect((await findByWords(db, words))[0]).toBe(name);
  });

  it('must all be there, and nonsense finds nothing', async () => {
    expect(await findByWords(db, 'churn ravens')).toEqual([]);
    expect(await findByWords(db, 'xyzzy')).toEqual([]);
  });

  it('with a typo find what is meant, and not whatever shares some letters', async () => {
    expect(await findByWords(db, 'chrun')).toEqual(['churn-eu']);
    expect(await findByWords(db, 'chru')).toContain('churn-eu');
  });

  it('name every model they mean, more than a page of the catalogue holds', async () => {
    const flock = Array.from({ length: 230 }, (_, i) => `plover-${i}`);
    for (const name of flock) await execute(registerModel, { name }, { db, actor: admin });
    const { names } = await findNames(db, new URLSearchParams({ q: ' plover ' }));
    expect(names.toSorted()).toEqual(flock.toSorted());
    const page = await searchModels(db, admin, new URLSearchParams({ q: 'plover', limit: '200' }), new Date());
    expect([page.items.length, page.total]).toEqual([200, flock.length]);
    for (const name of flock) await execute(deleteModel, { name }, { db, actor: admin });
  });

  it('of any shape are answered', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: QUERY_MAX }), async (q) => {
        const query = new URLSearchParams({ q });
        const answer = await searchModels(db, admin, query, new Date()).catch((error: unknown) => error);
        const held = query.get('q')!.trim();
        const names = await findNames(db, query).catch((error: unknown) => error);
        if (held.includes('\0')) {
          for (const one of [answer, names]) expect(one).toMatchObject({ kind: 'malformed' });
        } else {
          expect(answer).toHaveProperty('items');
          expect(names).toHaveProperty('names');
        }
      }),
      { numRuns: 100 },
    );
  });
});

const word = (...words: string[]) => fc.option(fc.constantFrom(...words), { nil: null });
const row: fc.Arbitrary<CatalogRow> = fc.record({
  name: fc.uuid(),
  title: fc.constant(null),
  domain: word('Shop', 'Lending'),
  useCase: word('Grant', 'Recommend'),
  owners: fc.uniqueArray(fc.constantFrom('a@x', 'b@x', 'c@x'), { maxLength: 3 }),
  tier: fc.constantFrom(null, 'high' as const, 'low' as const),
  liveVersion: fc.constant(null),
  candidateVersion: fc.constant(null),
  latestVersion: fc.constant(1),
  health: fc.constantFrom(...HEALTH),
  since: fc.constant(null),
  updatedAt: fc.constantFrom('2026-01-01', '2026-01-02'),
  lastDataAt: word('2026-01-01', '2026-01-02'),
  stale: fc.boolean(),
  spark: fc.constant({ label: '', values: [] }),
  openIncidents: fc.nat(3),
  needsMe: fc.nat(2),
  demo: fc.constant(false),
});

describe('what was changed a moment ago', () => {
  const as = () => ({ db, actor: admin });
  const find = (words: string) => findByWords(db, words);

  it('is found as it is now: registered, tagged, renamed, deleted', async () => {
    await find('anything');
    await execute(registerModel, { name: 'heron-one', title: 'Wading birds' }, as());
    expect(await find('heron-one')).toEqual(['heron-one']);
    await execute(setTag, { name: 'heron-one', key: 'habitat', value: 'mangroves' }, as());
    expect(await find('mangrovse')).toEqual(['heron-one']);
    await execute(renameModel, { name: 'heron-one', newName: 'stork-two' }, as());
    expect([await find('heron-one'), await find('mangroves')]).toEqual([[], ['stork-two']]);
    await execute(deleteModel, { name: 'stork-two' }, as());
    expect(await find('mangroves')).toEqual([]);
  });

  it('is found by a goal that was set after the first search', async () => {
    const contract = { ...CONTRACT, name: 'Pelicans counted', metric: 'pelican_recall' };
    await execute(createKpi, { model: 'nightly', contract, reason: 'Because the tests need it.' }, as());
    expect(await find('pelicans')).toEqual(['nightly']);
  });

  it('is found once it was published, and by whoever searches at the same moment', async () => {
    await execute(registerModel, { name: 'ibis' }, as());
    await db.execute(sql`update outbox set position = nextval('outbox_positions') where position is null`);
    const answers = await Promise.all(Array.from({ length: 4 }, () => find('ibis')));
    expect(answers).toEqual(Array.from({ length: 4 }, () => ['ibis']));
    expect(await find('ibis')).toEqual(['ibis']);
  });

  it('is found behind more news than are taken at once', async () => {
    await db.execute(sql`insert into outbox (at, key, subject_type, subject_id, position)
      select now(), 'test', 'model', n::text, nextval('outbox_positions') from generate_series(1, 4500) n`);
    await execute(registerModel, { name: 'egret' }, as());
    await db.execute(sql`update outbox set position = nextval('outbox_positions') where position is null`);
    expect(await find('egret')).toEqual(['egret']);
    const [state] = await db.execute(
      sql`select (select position from search_state) = (select max(position) from outbox) as whole`,
    );
    expect(state).toEqual({ whole: true });
    await execute(deleteModel, { name: 'egret' }, as());
  });

  it('can be written while its document is', async () => {
    const open = createDb({ url, max: 1, name: 'writes documents' });
    await open.db.transaction(async (tx) => {
      await tx.execute(sql`delete from search_documents where name = 'nightly'`);
      await refreshDocuments(tx as unknown as Db);
      await execute(setTag, { name: 'nightly', key: 'branch', value: 'harbour' }, as());
    });
    await open.close();
    expect(await find('harbour')).toEqual(['nightly']);
  });

  it('holds no search up where it is deleted while its document is written', async () => {
    await execute(registerModel, { name: 'dodo' }, as());
    let search: Promise<string[]> | undefined;
    await db.transaction(async (tx) => {
      await execute(deleteModel, { name: 'dodo' }, { db: tx as unknown as Db, actor: admin });
      search = find('nightly');
      search.catch(() => {});
      await someoneWaits(db);
    });
    expect(await search).toEqual(['nightly']);
    expect(await find('dodo')).toEqual([]);
  });

  it('is found where it came by another way than a command', async () => {
    await db.execute(sql`delete from search_documents where model_id = (select id from models where name = 'ibis')`);
    const restarted = createDb({ url, max: 1, name: 'restarted' });
    expect(await findByWords(restarted.db, 'ibis')).toEqual(['ibis']);
    await restarted.close();
    await execute(deleteModel, { name: 'ibis' }, as());
    expect(await find('ibis')).toEqual([]);
  });
});

describe('facets', () => {
  it('count what choosing their word leaves, whatever else is chosen', () => {
    fc.assert(
      fc.property(fc.array(row, { maxLength: 30 }), fc.constantFrom(...FACETS), fc.nat(), (rows, facet, pick) => {
        const words = facetsOf(rows, {})[facet];
        const filter = words.length > 0 ? { [facet]: words[pick % words.length]!.value } : {};
        const facets = facetsOf(rows, filter);
        for (const other of FACETS) {
          for (const { value, count } of facets[other]) {
            expect(narrow(rows, { ...filter, [other]: value })).toHaveLength(count);
          }
        }
      }),
    );
  });

  it('of the answer equal its results', async () => {
    const ask = (query: string) => searchModels(db, admin, new URLSearchParams(query), new Date());
    const all = await ask('');
    expect(all.facets.tier).toEqual([
      { value: 'high', count: 2 },
      { value: 'none', count: 2 },
    ]);
    for (const { value, count } of all.facets.domain) {
      expect(await ask(`domain=${value}`)).toMatchObject({ total: count });
    }
    expect((await ask('tier=high&domain=CRM')).items.map(({ name }) => name)).toEqual(['churn-eu']);
    // What the registry takes for a prompt is no model here either.
    await execute(
      registerModel,
      { name: 'greeting', tags: { 'mlflow.prompt.is_prompt': 'True' } },
      { db, actor: admin },
    );
    expect((await ask('')).total).toBe(all.total);
    await expect(ask('sort=luck')).rejects.toMatchObject({ code: 'invalid_input' });
    await expect(ask(`q=${'x'.repeat(QUERY_MAX + 1)}`)).rejects.toMatchObject({ code: 'invalid_input' });
  });
});

it.each(CATALOG_SORTS)('sorting by %s keeps every row, and is the same from any order', (sort) => {
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const sorted = sortCatalog(rows, sort);
      expect(new Set(sorted)).toEqual(new Set(rows));
      expect(sortCatalog([...rows].reverse(), sort)).toEqual(sorted);
    }),
  );
});
