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
