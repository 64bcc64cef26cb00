import { existsSync } from 'node:fs';
import { and, desc, eq } from 'drizzle-orm';
import { beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '../../db/schema/audit.ts';
import { batches, windowContributions } from '../../db/schema/measurements.ts';
import type { ContractView, DataContract, Violation } from '../contracts/schema.ts';
import { processBatch } from '../incidents/jobs.ts';
import { OBSERVATIONS, REASON, REFERENCE, testWorkspace } from '../testing/refusals.ts';
import { type Answer, type Person, rowCounts, type Sent, signedIn } from '../testing/web.ts';

const CONTRACT = '/models/[name]/contract';
const { db, send } = await testWorkspace();
const HEADER = 'at,id,score,label,age,amount,plan,vip';
const QUERY = '?timestamp=at&id=id&score=score&label=label';
type Row = Record<'at' | 'id' | 'score' | 'label' | 'age' | 'amount' | 'plan' | 'vip', string>;
const rows = (n: number, from = 0, day = 1): Row[] =>
  Array.from({ length: n }, (_, i) => ({
    at: `2018-03-0${day + (i % 3)}T10:00:00Z`,
    id: `r${from + i}`,
    score: String((i % 10) / 10),
    label: String(i % 2),
    age: String(20 + (i % 40)),
    amount: (100.5 + (i % 50)).toFixed(2),
    plan: ['basic', 'pro', 'team'][i % 3]!,
    vip: String(i % 5 === 0),
  }));
const csv = (given: readonly Row[]): string =>
  `${HEADER}\n${given
    .map((row) =>
      HEADER.split(',')
        .map((column) => row[column as keyof Row])
        .join(','),
    )
    .join('\n')}\n`;
const body = (content: string): Sent => ({ body: content, headers: { 'content-type': 'text/csv' }, query: QUERY });
/** `given` with some cells of some rows replaced, rows counted from 1 as the answers do. */
const withCells = (given: Row[], cells: [row: number, column: keyof Row, value: string][]): Row[] => {
  for (const [row, column, value] of cells) given[row - 1] = { ...given[row - 1]!, [column]: value };
  return given;
};

let version = '1';
const named = (sent: Sent): Sent => ({ ...sent, params: { ...sent.params, version } });
async function observe(content: string): Promise<Answer> {
  const sent = await send(OBSERVATIONS, named(body(content)));
  expect(sent.status).toBe(202);
  await processBatch(db, String(sent.body.batchId));
  return send('GET /batches/[id]', { params: { id: String(sent.body.batchId) } });
}
/** The last entry of the trail for an act. */
async function lastEntry(action: string, subjectId?: string): Promise<Record<string, unknown>> {
  const subject = subjectId === undefined ? undefined : eq(auditEvents.subjectId, subjectId);
  const [row] = await db
    .select()
    .from(auditEvents)
    .where(and(eq(auditEvents.action, action), subject))
    .orderBy(desc(auditEvents.id))
    .limit(1);
  return JSON.parse(row!.body) as Record<string, unknown>;
}
const rulesOf = (answer: Answer) =>
  (answer.body.violations as Violation[]).map(({ rule, column, setAside }) => [rule, column, setAside]);
const getContract = async (): Promise<ContractView> =>
  (await send(`GET ${CONTRACT}`, { query: `?version=${version}` })).body as unknown as ContractView;
const edit = (etag: number, changes: Record<string, unknown>, rest: Sent = {}): Promise<Answer> =>
  send(`PATCH ${CONTRACT}`, {
    headers: { 'if-match': `"${etag}"` },
    query: `?version=${version}`,
    body: { ...changes, reason: REASON },
    ...rest,
  });
const columnOf = (contract: DataContract, name: string) => contract.columns.find((column) => column.name === name)!;
const windowsOf = (batchId: unknown) =>
  db
    .select({ start: windowContributions.start, n: windowContributions.n, counts: windowContributions.counts })
    .from(windowContributions)
    .where(eq(windowContributions.batchId, String(batchId)))
    .orderBy(windowContributions.start);

/** A version of its own, so that what one test sends is nothing to the next. */
async function newVersion(): Promise<void> {
  const made = await send('POST /models/[name]/versions', { body: { source: `s3://m/${crypto.randomUUID()}` } });
  version = String(made.body.version);
  const reference = await send(REFERENCE, named(body(csv(rows(400)))));
  expect(reference.status).toBe(201);
}

describe('a reference makes its contract', () => {
  beforeAll(newVersion);

  it('with types, ranges, categories, what may be missing and when more is expected, once, with its reason', async () => {
    const held = await getContract();
    expect(held).toMatchObject({ modelVersion: Number(version), version: 1, etag: 1, changedBy: 'intake' });
    expect(held.reason).toContain('Inferred from the reference of 400 rows');
    expect(held.contract).toMatchObject({ freshnessHours: 48, earliestAt: '2017-01-25T00:00:00.000Z' });
    expect(columnOf(held.contract, 'age')).toMatchObject({
      type: 'integer',
      range: { min: 20, max: 59 },
      nullable: false,
    });
    expect(columnOf(held.contract, 'plan')).toMatchObject({ categories: ['basic', 'pro', 'team'], closed: true });
    expect(columnOf(held.contract, 'vip')).toMatchObject({ type: 'boolean', form: 'boolean' });
    expect(await lastEntry('contracts.infer')).toMatchObject({ actor: { kind: 'job' }, reason: held.reason });
    expect((await send(REFERENCE, named(body(csv(rows(400)))))).status).toBe(201);
    expect((await getContract()).version).toBe(1);
  });

  it('and the same data again is no departure from it', async () => {
    const answer = await observe(csv(rows(300, 1000)));
    expect(answer.body).toMatchObject({ state: 'done', rows: 300, setAside: 0, violations: [], contractVersion: 1 });
  });

  it('a new reference makes the next version', async () => {
    const wider = rows(400).map((row, i) => ({ ...row, age: String(10 + (i % 80)) }));
    expect((await send(REFERENCE, named(body(csv(wider))))).status).toBe(201);
    const held = await getContract();
    expect([held.version, columnOf(held.contract, 'age').range]).toEqual([2, { min: 10, max: 89 }]);
  });

  it('a version without a reference has none', async () => {
    const made = await send('POST /models/[name]/versions', { body: { source: 's3://m/bare' } });
    const answer = await send(`GET ${CONTRACT}`, { query: `?version=${made.body.version}` });
    expect([answer.status, answer.code]).toEqual([404, 'contract_not_found']);
  });
});

describe('rows that cannot be counted are set aside and the others count', () => {
  beforeAll(newVersion);
  const ahead = new Date(Date.now() + 3_600_000).toISOString();
  const bad = () =>
    withCells(rows(300, 2000), [
      [7, 'age', '=cmd()'],
      [7, 'amount', 'much'],
      [20, 'at', 'yesterday'],
      [21, 'at', ''],
      [30, 'at', ahead],
      [31, 'at', '1970-01-01T00:00:00Z'],
      [40, 'score', '1.5'],
      [41, 'score', 'NaN'],
    ]);
  let answer: Answer;
  beforeAll(async () => {
    answer = await observe(csv(bad()));
  });

  it('each by its rule', () => {
    expect(answer.body).toMatchObject({ state: 'done', rows: 293, setAside: 7, errors: [] });
    expect(rulesOf(answer)).toEqual([
      ['timestamp_missing', 'at', true],
      ['timestamp_unreadable', 'at', true],
      ['time_in_future', 'at', true],
      ['time_too_old', 'at', true],
      ['not_finite', 'score', true],
      ['score_out_of_range', 'score', true],
      ['wrong_type', 'age', true],
      ['wrong_type', 'amount', true],
    ]);
  });

  it('the windows are, byte for byte, those of the file without them', async () => {
    const left = bad().filter((_, i) => ![7, 20, 21, 30, 31, 40, 41].includes(i + 1));
    const clean = await observe(csv(left));
    expect(clean.body).toMatchObject({ rows: 293, setAside: 0, violations: [] });
    const [mixed, alone] = [await windowsOf(answer.body.batchId), await windowsOf(clean.body.batchId)];
    expect(mixed.length).toBe(3);
    expect(JSON.stringify(mixed)).toBe(JSON.stringify(alone));
  });

  it('they can be fetched with row, column, value and rule, and no spreadsheet runs them', async () => {
    const id = String(answer.body.batchId);
    const { GET } = await import('../../app/api/v1/batches/[id]/quarantine/route.ts');
    const person = await signedIn(db, 'ops', ['ops']);
    const fetched = async (who: Person) =>
      GET(new Request(`http://x/api/v1/batches/${id}/quarantine`, { headers: { cookie: who.cookie } }), {
        params: Promise.resolve({ id }),
      });
    const file = await fetched(person);
    expect(file.headers.get('content-type')).toContain('text/csv');
    expect(file.headers.get('content-disposition')).toContain('attachment');
    const lines = (await file.text()).trimEnd().split('\n');
    expect(lines[0]).toBe(`row,column,value,rule,expected,${HEADER}`);
    expect(lines.length).toBe(1 + 8);
    expect(lines[1]).toBe(
      `7,age,'=cmd(),wrong_type,a number,2018-03-01T10:00:00Z,r2006,0.6,0,'=cmd(),much,basic,false`,
    );
    expect(lines[2]).toMatch(/^7,amount,much,wrong_type/);
    expect(lines[4]).toMatch(/^21,at,,timestamp_missing/);
    expect((await fetched(await signedIn(db, 'viewer', ['viewer']))).status).toBe(403);
  });

  it('the trail says so, and the batch answers for it', async () => {
    const id = String(answer.body.batchId);
    const { after } = await lastEntry('measurements.record-counts', id);
    expect(after).toMatchObject({ setAside: 7, contractVersion: 1, violations: { length: 8 } });
    const asked = await send('GET /batches/[id]/violations', { params: { id } });
    expect(asked.body).toMatchObject({ contractVersion: 1, setAside: 7, items: answer.body.violations });
  });

  it('the same file again is the batch that it was', async () => {
    const before = await rowCounts(db);
    const again = await send(OBSERVATIONS, named(body(csv(bad()))));
    expect(again.body).toMatchObject({ batchId: answer.body.batchId, setAside: 7 });
    expect(await rowCounts(db)).toEqual(before);
  });

  it('labels that come late change no row that was set aside', async () => {
    const late = await send('POST /models/[name]/labels', {
      body: 'id,label\nr2006,1\nr2000,1\n',
      headers: { 'content-type': 'text/csv' },
      query: `?id=id&label=label&version=${version}`,
    });
    await processBatch(db, String(late.body.batchId));
    await processBatch(db, String(answer.body.batchId), true);
    const after = await send('GET /batches/[id]', { params: { id: String(answer.body.batchId) } });
    expect(after.body).toMatchObject({
      state: 'done',
      errors: [],
      rows: 293,
      setAside: 7,
      violations: answer.body.violations,
    });
  });

  it('more of them than the contract accepts refuse the file as a whole, naming the first row', async () => {
    const broken = withCells(
      rows(100, 3000),
      [...Array(6).keys()].map((i) => [i + 3, 'age', 'old']),
    );
    const refused = await observe(csv(broken));
    expect(refused.body).toMatchObject({ state: 'failed', errors: [{ code: 'wrong_type', column: 'age', row: 3 }] });
    const [row] = await db
      .select()
      .from(batches)
      .where(eq(batches.id, String(refused.body.batchId)));
    expect(existsSync(`${row!.rawPath}.parquet.aside`)).toBe(false);
  });
});

describe('departures that count all the same', () => {
  beforeAll(newVersion);

  it('are told with what was expected and what was found', async () => {
    const odd = rows(300, 4000, 4).map((row, i) => ({
      ...row,
      plan: i === 5 ? 'gold' : row.plan,
      age: i < 60 ? '99' : i === 70 ? '30.5' : row.age,
      amount: i === 80 ? '' : row.amount,
    }));
    const answer = await observe(csv(odd).replaceAll('\n', ',x\n').replace(/,x\n/, ',extra\n'));
    expect(answer.body).toMatchObject({ state: 'done', rows: 300, setAside: 0 });
    expect(rulesOf(answer).sort()).toEqual([
      ['missing_value', 'amount', false],
      ['new_column', 'extra', false],
      ['not_whole', 'age', false],
      ['out_of_range', 'age', false],
      ['unknown_category', 'plan', false],
    ]);
    const outside = (answer.body.violations as Violation[]).find((one) => one.rule === 'out_of_range');
    expect(outside).toMatchObject({ expected: '20 to 59, at most 5% of the rows outside', rows: 60, share: 0.2 });
    expect(outside!.found).toBe('20 to 99, 20% of the rows outside');
    const counts = (await windowsOf(answer.body.batchId)).map((one) => one.counts as { n: number });
    expect(counts.reduce((sum, one) => sum + one.n, 0)).toBe(300);
  });

  it('a gap in the data is one, and earlier data that comes later is none', async () => {
    const month = (day: string) => csv(rows(50, 5000).map((row) => ({ ...row, at: `2018-${day}T10:00:00Z` })));
    expect(rulesOf(await observe(month('04-20')))).toEqual([['stale', null, false]]);
    expect(rulesOf(await observe(month('04-02')))).toEqual([]);
  });

  it('a column left out is refused while it is required, and counts as missing once it is not', async () => {
    const without = csv(rows(200, 6000)).replaceAll(/,[^,\n]*(?=\n)/g, '');
    const refused = await observe(without);
    expect(refused.body).toMatchObject({ state: 'failed', errors: [{ code: 'column_missing', column: 'vip' }] });
    const { etag } = await getContract();
    expect((await edit(etag, { columns: { vip: { required: false } } })).status).toBe(200);
    const answer = await observe(without);
    expect(answer.body).toMatchObject({ state: 'done', rows: 200, contractVersion: etag + 1 });
    expect(rulesOf(answer)).toEqual([['missing_column', 'vip', false]]);
  });

  it('what is asked of ids and outcomes is looked up too', async () => {
    const { etag } = await getContract();
    const outcomes = { categories: ['0', '1'], closed: true };
    expect((await edit(etag, { columns: { id: { nullable: false }, label: outcomes } })).status).toBe(200);
    const odd = withCells(rows(200, 8000), [
      [3, 'id', ''],
      [4, 'label', '2'],
    ]);
    const answer = await observe(csv(odd));
    expect(answer.body).toMatchObject({ state: 'done', rows: 200 });
    expect(rulesOf(answer)).toEqual([
      ['missing_value', 'id', false],
      ['unknown_category', 'label', false],
    ]);
  });

  it('rows are set aside for them where the contract says so', async () => {
    const { etag } = await getContract();
    const aside = { whenBroken: 'set_aside' };
    const changes = { columns: { age: { ...aside, range: { min: 0, max: 90 } }, plan: aside, amount: aside } };
    expect((await edit(etag, changes)).status).toBe(200);
    const odd = withCells(rows(200, 7000), [
      [3, 'age', '91'],
      [4, 'age', '33.3'],
      [5, 'plan', 'gold'],
      [6, 'amount', ''],
    ]);
    const answer = await observe(csv(odd));
    expect(answer.body).toMatchObject({ state: 'done', rows: 196, setAside: 4 });
    expect(rulesOf(answer).sort()).toEqual([
      ['missing_value', 'amount', true],
      ['not_whole', 'age', true],
      ['out_of_range', 'age', true],
      ['unknown_category', 'plan', true],
    ]);
  });
});

describe('a person changes the contract', () => {
  beforeAll(newVersion);

  it('as a new version with who and why; the loser of a race is told, and nothing of theirs is kept', async () => {
    const first = await edit(1, { freshnessHours: 24 });
    expect(first.headers.get('etag')).toBe('"2"');
    expect(first.body).toMatchObject({
      version: 2,
      reason: REASON,
      changedBy: 'admin',
      contract: { freshnessHours: 24 },
    });
    const second = await edit(1, { freshnessHours: 12 });
    expect([second.status, second.code]).toEqual([412, 'version_moved']);
    expect(second.body.current).toMatchObject({ version: 2 });
    const history = await send(`GET ${CONTRACT}/versions`, { query: `?version=${version}` });
    expect((history.body.items as ContractView[]).map((one) => [one.version, one.contract.freshnessHours])).toEqual([
      [2, 24],
      [1, 48],
    ]);
    expect(await lastEntry('contracts.change')).toMatchObject({
      reason: REASON,
      before: { freshnessHours: 48 },
      after: { contractVersion: 2 },
    });
  });

  it('but not its types, without a reason, without saying what they saw, or without the right', async () => {
    const product = await signedIn(db, 'product', ['product']);
    const { etag } = await getContract();
    const before = await rowCounts(db);
    const pinned = await edit(etag, { columns: { age: { type: 'text' } } });
    expect([pinned.status, (pinned.body.errors as { path: string }[])[0]!.path]).toEqual([
      400,
      'changes.columns.age.type',
    ]);
    expect((await edit(etag, { columns: { none: { nullable: true } } })).code).toBe('contract_refused');
    expect((await edit(etag, {}, { body: { freshnessHours: 5 } })).status).toBe(400);
    expect((await edit(etag, {}, { headers: {} })).code).toBe('if_match_missing');
    expect((await edit(etag, { freshnessHours: 5 }, { cookie: product.cookie })).code).toBe('role_missing');
    const after = await rowCounts(db);
    const tables = ['data_contracts', 'audit_events', 'outbox'];
    expect(tables.map((table) => after[table])).toEqual(tables.map((table) => before[table]));
    expect(await getContract()).toMatchObject({ version: etag });
  });
});
