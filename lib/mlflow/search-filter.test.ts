import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AppError } from '../shell/errors.ts';
import { modelSearch, versionSearch } from './queries/search.ts';
import { filterSql, orderSql, parseFilter } from './search-filter.ts';

function message(work: () => unknown): string | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError && error.kind === 'malformed') return error.message;
    throw error;
  }
}

describe('what the grammar reads', () => {
  test.each([
    ["name = 'a b'", [['attribute', 'name', '=', 'a b']]],
    ['attribute.name ilike "%X_"', [['attribute', 'name', 'ILIKE', '%X_']]],
    ["name='it''s'", [['attribute', 'name', '=', "it''s"]]],
    [
      "tags.team != 'x' and tag.`a b.c` LIKE '%'",
      [
        ['tag', 'team', '!=', 'x'],
        ['tag', 'a b.c', 'LIKE', '%'],
      ],
    ],
    ['tags."k 1" = \'v\'', [['tag', 'k 1', '=', 'v']]],
    ["run_id IN ('a', 'b')", [['attribute', 'run_id', 'IN', ['a', 'b']]]],
    ["run_id not  in ('a')", [['attribute', 'run_id', 'NOT IN', ['a']]]],
    ["run_id IN ('a',)", [['attribute', 'run_id', 'IN', ['a']]]],
    ['run_id IN ("(a)" , \'b,c\' ) ', [['attribute', 'run_id', 'IN', ['(a)', 'b,c']]]],
    [
      "version_number >= '3' AND version_number<9",
      [
        ['attribute', 'version_number', '>=', 3],
        ['attribute', 'version_number', '<', 9],
      ],
    ],
    ['  ', []],
  ])('%s', (text, expected) => {
    const read = parseFilter(text, versionSearch);
    expect(read.map(({ type, key, comparator, value }) => [type, key, comparator, value])).toEqual(expected);
  });
});

describe('what it refuses, and how', () => {
  test.each([
    ["name = 'a' OR name = 'b'", /^Invalid clause\(s\) in filter string: OR/],
    ["NOT name = 'a'", /^Invalid clause\(s\) in filter string: NOT name = 'a'$/],
    ["AND name = 'a'", /^Invalid clause\(s\) in filter string: AND name = 'a'$/],
    ['name', /^Invalid clause\(s\) in filter string: name$/],
    ['name IS NULL', /^Invalid clause\(s\) in filter string: name IS NULL$/],
    ["name <> 'a'", /^Invalid comparator for attribute: <>$/],
    ["tags.k == 'a'", /^Invalid comparator for tag: ==$/],
    ["name = 'a' AND ", /^Invalid clause\(s\) in filter string: name = 'a' AND$/],
    ["name = 'a';drop table x", /^Search filter contained multiple expression/],
    ["stage = 'Production'", /^Invalid attribute key 'stage' specified\. Valid keys are name/],
    ["constructor = 'x'", /^Invalid attribute key 'constructor'/],
    ["attributes.name = 'a'", /^Invalid entity type 'attributes'/],
    ["name > 'a'", /^Invalid comparator for attribute: >$/],
    ["tags.k > 'a'", /^Invalid comparator for tag: >$/],
    ['name = a', /^Parameter value is either not quoted/],
    ["name = 'a", /^Parameter value is either not quoted/],
    ["version_number = '1.5'", /^Invalid value for numeric attribute/],
    ["name = 'a' AND", /^Invalid clause/],
    ['run_id IN', /^Invalid clause\(s\) in filter string: run_id IN$/],
    ["run_id IN ('a'", /^Invalid clause\(s\) in filter string: \('a'$/],
    ['run_id IN (', /^Invalid clause\(s\) in filter string: \($/],
    ['run_id IN ( )', /^While parsing a list .* expected a non-empty list of string values, but got empty list/],
    ['run_id IN (1,2)', /^While parsing a list .* but got different type in list: \(1,2\)$/],
    ["run_id IN ('a', 1)", /^While parsing a list .* but got different type in list/],
    ['run_id IN (,)', /^While parsing a list .* but got ill-formed list/],
    ["run_id IN ('a',,'b')", /^While parsing a list .* but got ill-formed list/],
    ["run_id IN ('a' 'b')", /^While parsing a list .* but got ill-formed list/],
    ['name LIKE', /^Invalid clause\(s\) in filter string: name LIKE$/],
    ['version_number >= ', /^Invalid clause\(s\) in filter string: version_number >=$/],
    ['nonsense = true', /^Invalid clause\(s\) in filter string: nonsense = true$/],
    ["name = 'a' AND tags.k = FALSE", /^Invalid clause\(s\) in filter string: tags.k = FALSE$/],
    ['name = truely', /^Parameter value is either not quoted/],
  ])('%s', (text, expected) => {
    expect(message(() => parseFilter(text, versionSearch))).toMatch(expected);
  });
});

test('a field is sorted by once', () => {
  const order = (clauses: string[]) => message(() => orderSql(clauses, modelSearch, []));
  expect(order(['name DESC', 'last_updated_timestamp'])).toBeUndefined();
  expect(order(['name', 'name desc'])).toMatch(/duplicate fields/);
  expect(order(['timestamp', 'last_updated_timestamp'])).toMatch(/duplicate fields/);
  for (const absent of ['stage', 'creation_timestamp'])
    expect(order([absent])).toMatch(new RegExp(`^Invalid order by key '${absent}' specified\\. Valid keys are`));
  expect(message(() => orderSql(['name', 'run_id DESC'], versionSearch, []))).toMatch(
    /^Invalid attribute key 'run_id' specified\. Valid keys are/,
  );
});

test('an order that is no key and direction is refused as a whole', () => {
  const order = (clause: string) => message(() => orderSql([clause], modelSearch, []));
  for (const clause of ['', ' ', 'name DESC blah'])
    expect(order(clause)).toBe(`Invalid order_by clause '${clause}'. Could not be parsed.`);
  expect(order('name down')).toBe("Invalid ordering key in order_by clause 'name down'.");
  expect(order('timestamp\t\n deSC ')).toBeUndefined();
});

test('a list of a hundred thousand quotes that never ends is refused at once', () => {
  const started = performance.now();
  expect(message(() => parseFilter(`run_id IN (${"'".repeat(100_000)}`, versionSearch))).toMatch(/^Invalid clause/);
  expect(performance.now() - started).toBeLessThan(1000);
});

test('no text makes the parser fail in another way than by refusing', () => {
  const word = fc.constantFrom(
    'name',
    'tags.',
    'tag.`a`',
    '=',
    '!=',
    'LIKE',
    'IN',
    '(',
    ')',
    ',',
    "'a'",
    '"b"',
    'AND',
    ';',
    '3',
    '`',
    "'",
    ' ',
  );
  const near = fc.array(word, { maxLength: 12 }).map((words) => words.join(' '));
  for (const searchable of [modelSearch, versionSearch]) {
    fc.assert(
      fc.property(fc.oneof(near, fc.string({ unit: 'binary' })), (text) => {
        message(() => filterSql(parseFilter(text, searchable), searchable));
        message(() => orderSql([text], searchable, []));
      }),
      { numRuns: 2000 },
    );
  }
});
