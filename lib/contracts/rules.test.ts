import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeContract, contractDifferences } from './rules/change.ts';
import { inferContract } from './rules/infer.ts';
import { exceeds, type FileFacts, violationsOf } from './rules/judge.ts';
import { type ColumnFacts, contractChanges, dataContract, type ExaminedColumn, type ReferenceFacts } from './schema.ts';

const facts = (name: string, rest: Partial<ColumnFacts>): ColumnFacts => ({
  name,
  role: 'feature',
  kind: 'numeric',
  missing: 0,
  min: null,
  max: null,
  whole: false,
  values: null,
  complete: false,
  ...rest,
});
const days = (...starts: string[]) => starts.map((day) => `${day}T00:00:00.000Z`);
const reference: ReferenceFacts = {
  id: 'one',
  rows: 1000,
  days: days('2018-01-01', '2018-01-02', '2018-01-05'),
  columns: [
    facts('at', { role: 'timestamp', kind: 'timestamp', missing: null }),
    facts('score', { role: 'score', min: 0.1, max: 0.8 }),
    facts('label', { role: 'label', kind: 'categorical', missing: null, values: ['1', '0'] }),
    facts('age', { min: 18, max: 90, whole: true }),
    facts('income', { min: 0.5, max: 9000.25, missing: 100 }),
    facts('vip', { kind: 'categorical', values: ['false', 'true'], complete: true }),
    facts('plan', { kind: 'categorical', values: ['basic', 'pro'], complete: true }),
    facts('town', { kind: 'categorical', values: ['Rome'], complete: false }),
  ],
};
const contract = inferContract(reference);
const column = (name: string) => contract.columns.find((one) => one.name === name)!;

describe('the contract of a reference', () => {
  it('says the type, the range, the categories and what may be missing of every column', () => {
    expect(dataContract.parse(contract)).toEqual(contract);
    expect(column('age')).toMatchObject({
      type: 'integer',
      range: { min: 18, max: 90 },
      nullable: false,
      required: true,
    });
    expect(column('income')).toMatchObject({ type: 'number', nullable: true, maxMissingShare: 0.2 });
    expect(column('vip')).toMatchObject({ type: 'boolean', form: 'boolean', closed: true });
    expect(column('plan')).toMatchObject({ type: 'text', form: 'as_is', categories: ['basic', 'pro'], closed: true });
    expect(column('town').closed).toBe(false);
    expect(column('score').range).toEqual({ min: 0, max: 1 });
    expect(column('label')).toMatchObject({ form: 'number', required: false, nullable: true });
  });

  it('expects the next rows within the longest wait that the reference itself has', () => {
    expect(contract.freshnessHours).toBe(4 * 24);
    expect(inferContract({ ...reference, days: days('2018-01-01') }).freshnessHours).toBeNull();
  });

  it('takes the past bound from the reference, so that data of 2018 stays data', () => {
    expect(contract.earliestAt).toBe('2016-11-27T00:00:00.000Z');
    expect(inferContract({ ...reference, days: [] }).earliestAt).toBeNull();
  });

  it('promises nothing that few rows cannot tell', () => {
    const small = inferContract({ ...reference, rows: 20 });
    expect(small.columns.every((one) => one.nullable || one.role === 'timestamp')).toBe(true);
    expect(small.columns.some((one) => one.closed)).toBe(false);
  });

  it('keeps what people decided about departures when a new reference comes', () => {
    const changes = { maxSetAsideShare: 0.2, columns: { age: { whenBroken: 'set_aside' as const } } };
    const edited = changeContract(contract, changes);
    const next = inferContract({ ...reference, id: 'two' }, edited.ok ? edited.value : contract);
    expect(next.maxSetAsideShare).toBe(0.2);
    expect(next.columns.find((one) => one.name === 'age')!.whenBroken).toBe('set_aside');
  });

  it('is kept by a file that is the reference once more', () => {
    expect(violationsOf(contract, file())).toEqual([]);
  });
});

const seen = (rest: Partial<ExaminedColumn> = {}): ExaminedColumn => ({
  missing: 0,
  min: null,
  max: null,
  outside: 0,
  strangers: 0,
  strangerNames: [],
  ...rest,
});
function file(columns: Record<string, ExaminedColumn> = {}, rest: Partial<FileFacts> = {}): FileFacts {
  const held = { ...Object.fromEntries(contract.columns.map(({ name }) => [name, seen()])), ...columns };
  const firstAt = '2018-02-01T00:00:00.000Z';
  const examination = { rows: 1000, firstAt, lastAt: firstAt, columns: held };
  return {
    unknown: [],
    absent: [],
    retyped: [],
    aside: [],
    asideRows: 0,
    fractions: {},
    examination,
    previousAt: null,
    ...rest,
  };
}

describe('a departure from the contract says what was expected and what was found', () => {
  it.each([
    ['a value missing that never may', { age: seen({ missing: 1 }) }, 'missing_value', 'no value missing', '0.1%'],
    ['more missing than may be', { income: seen({ missing: 400 }) }, 'missing_value', 'at most 20%', '40%'],
    [
      'numbers outside the range',
      { age: seen({ min: 3, max: 151, outside: 100 }) },
      'out_of_range',
      '18 to 90, at most 2%',
      '3 to 151, 10%',
    ],
    [
      'a category nobody knows',
      { plan: seen({ strangers: 2, strangerNames: ['gold'] }) },
      'unknown_category',
      'one of basic, pro',
      '"gold" in 0.2%',
    ],
  ])('%s', (_what, columns, rule, expected, found) => {
    const [only, ...others] = violationsOf(contract, file(columns));
    expect(others).toEqual([]);
    expect(only).toMatchObject({ rule, setAside: false });
    expect(only!.expected).toContain(expected);
    expect(only!.found).toContain(found);
  });

  it.each<[string, Partial<FileFacts>, string, string | null]>([
    ['a new column', { unknown: ['extra'] }, 'new_column', 'extra'],
    ['a column that is not there', { absent: ['town'] }, 'missing_column', 'town'],
    ['another type', { retyped: [{ column: 'age', found: 'text' }] }, 'type_changed', 'age'],
    ['fractions of whole numbers', { fractions: { age: 5 } }, 'not_whole', 'age'],
    ['a gap in time', { previousAt: new Date('2018-01-20T00:00:00Z') }, 'stale', null],
    [
      'rows that were set aside',
      { aside: [{ rule: 'wrong_type', column: 'age', rows: 3, row: 7, value: 'old' }], asideRows: 3 },
      'wrong_type',
      'age',
    ],
  ])('%s', (_what, rest, rule, name) => {
    expect(violationsOf(contract, file({}, rest))).toMatchObject([{ rule, column: name }]);
  });

  it('a file sent years after it happened is not late for that', () => {
    expect(violationsOf(contract, file({}, { previousAt: new Date('2018-01-30T00:00:00Z') }))).toEqual([]);
  });

  it('a column that is not there is not also missing in every row', () => {
    const facts = file({ town: seen({ missing: 1000 }) }, { absent: ['town'] });
    expect(violationsOf(contract, facts).map((one) => one.rule)).toEqual(['missing_column']);
  });

  it('chance alone is none: one row of ten outside where one in a hundred may be', () => {
    expect(exceeds(1, 10, 0.01)).toBe(false);
    expect(exceeds(20, 1000, 0.01)).toBe(true);
    expect(exceeds(1, 1_000_000, 0)).toBe(true);
  });

  it('more rows never make a departure of none', () => {
    const cases = fc.tuple(fc.nat(500), fc.integer({ min: 1, max: 500 }), fc.double({ min: 0, max: 1, noNaN: true }));
    fc.assert(
      fc.property(cases, ([count, more, share]) => {
        const rows = count + more;
        expect(exceeds(count, rows + 100, share) && !exceeds(count, rows, share)).toBe(false);
      }),
    );
  });
});

describe('a change of the contract', () => {
  it('touches only what it names, and says what differs', () => {
    const changed = changeContract(contract, { columns: { age: { range: { min: 0, max: 120 } } } });
    if (!changed.ok) throw new Error(changed.error.message);
    expect(contractDifferences(contract, changed.value)).toEqual([
      { at: 'age: range', before: '18 to 90', after: '0 to 120' },
    ]);
  });

  it.each([
    ['a column nobody sent', { columns: { height: { nullable: true } } }, 'columns.height'],
    ['a range of words', { columns: { plan: { range: { min: 0, max: 1 } } } }, 'columns.plan.range'],
    ['categories of numbers', { columns: { age: { categories: ['1'] } } }, 'columns.age.categories'],
    ['a closed list without a list', { columns: { town: { closed: true, categories: null } } }, 'columns.town.closed'],
    ['a time that may be missing', { columns: { at: { nullable: true } } }, 'columns.at.required'],
  ])('is refused for %s', (_what, changes, path) => {
    const changed = changeContract(contract, contractChanges.parse(changes));
    expect(changed).toMatchObject({ ok: false, error: { errors: [{ path }] } });
  });

  it.each([
    [{ freshnessHours: 0 }],
    [{ maxSetAsideShare: 0.6 }],
    [{ columns: { age: { type: 'text' } } }],
    [{ columns: { age: { range: { min: 2, max: 1 } } } }],
    [{ columns: { age: { maxMissingShare: 1.1 } } }],
    [{ colums: {} }],
  ])('%j is not one', (changes) => {
    expect(contractChanges.safeParse(changes).success).toBe(false);
  });
});
