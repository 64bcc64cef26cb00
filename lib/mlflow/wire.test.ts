import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as z from 'zod';
import { AppError, httpStatus } from '../shell/errors.ts';
import { failure } from '../shell/http.ts';
import {
  fields,
  fromQuery,
  pageSize,
  pageToken,
  readMessage,
  readPageToken,
  registryError,
  stageOf,
  versionOf,
} from './wire.ts';

const everything = z.object(fields);

function refusal(work: () => unknown): AppError | undefined {
  try {
    work();
    return undefined;
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
}

test('a missing or empty required field is named in the words clients know', () => {
  const text =
    "Missing value for required parameter 'name'. See the API docs for more information about request parameters.";
  for (const message of [{}, { name: '' }, { name: null }])
    expect(refusal(() => readMessage(z.object({ name: fields.name }), message))?.message).toBe(text);
});

test('a version sent as a number is refused', () => {
  expect(refusal(() => readMessage(z.object({ version: fields.version }), { version: 1 }))?.kind).toBe('malformed');
});

test('of two tags with one key the last wins, and a tag without a value is empty', () => {
  const tags = [{ key: 'a', value: '1' }, { key: 'b' }, { key: 'a', value: '2' }];
  expect(readMessage(z.object({ tags: fields.tags }), { tags })).toEqual({ tags: { a: '2', b: '' } });
});

test('a repeated query key is a list, one of its kind too', () => {
  const read = (query: string) =>
    readMessage(z.object({ order_by: fields.order_by }), fromQuery(new URLSearchParams(query)));
  expect(read('order_by=a&order_by=b')).toEqual({ order_by: ['a', 'b'] });
  expect(read('order_by=a')).toEqual({ order_by: ['a'] });
});

test('of a key that is no list the first counts, and in a body a list is a list', () => {
  const schema = z.object({ name: fields.name, stages: fields.stages });
  expect(readMessage(schema, fromQuery(new URLSearchParams('name=a&name=b&stages=None')))).toEqual({
    name: 'a',
    stages: ['None'],
  });
  expect(refusal(() => readMessage(schema, { name: 'a', stages: 'None' }))?.message).toMatch(/'stages'/);
});

test('a page token comes back as the offset it was made of', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 31 - 1 }), (offset) => readPageToken(pageToken(offset)) === offset),
  );
  expect(readPageToken(undefined)).toBe(0);
});

test('a page token that is no whole base64 is told apart from one that holds something else', () => {
  expect(refusal(() => readPageToken('evilhax'))?.message).toBe('Invalid page token, could not base64-decode');
  expect(refusal(() => readPageToken('evilhaxx'))?.message).toMatch(/^Invalid page token, parsed value=/);
});

test('what is too long is told in the words clients know, by the name of its field', () => {
  const tooLong = (path: string) => {
    const message = 'must have at most 250 characters';
    return new AppError('malformed', 'invalid_input', `${path}: ${message}`, [{ path, code: 'too_big', message }]);
  };
  const told = (path: string) => registryError(tooLong(path), {});
  expect([told('key').message, told('key').kind]).toEqual([
    "'key' exceeds the maximum length of 250 characters",
    'malformed',
  ]);
  expect(told('newName').message).toBe("'new_name' exceeds the maximum length of 250 characters");
});

test('no page size of zero, which would page for ever', () => {
  for (const size of [0, -1, 1001]) expect(refusal(() => pageSize(size, 100, 1000))?.kind).toBe('malformed');
  expect(pageSize(undefined, 100, 1000)).toBe(100);
});

test('stages are read in any case', () => {
  expect(stageOf('PRODUCTION')).toBe('Production');
  expect(refusal(() => stageOf('live'))?.message).toBe(
    'Invalid Model Version stage: live. Value must be one of None, Staging, Production, Archived.',
  );
});

test('whatever is sent is either read or refused as a mistake of the sender', () => {
  const junk = fc.oneof(fc.string({ unit: 'binary' }), fc.jsonValue(), fc.constant('../..'), fc.constant('\u0000'));
  const message = fc.dictionary(fc.constantFrom(...Object.keys(fields), '__proto__', 'x'), junk);
  const version = fc.record({ name: fc.string({ unit: 'binary' }), version: fc.string({ unit: 'binary' }) });
  const sender = (error: AppError | undefined) => !error || httpStatus[error.kind] < 500;
  fc.assert(fc.property(message, (sent) => sender(refusal(() => readMessage(everything, sent)))));
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (token) => sender(refusal(() => readPageToken(token)))));
  fc.assert(fc.property(fc.base64String(), (token) => sender(refusal(() => readPageToken(token)))));
  fc.assert(fc.property(version, (named) => sender(refusal(() => versionOf(named)))));
  fc.assert(
    fc.property(fc.string(), (query) =>
      sender(refusal(() => readMessage(everything, fromQuery(new URLSearchParams(query))))),
    ),
  );
});

test('a name that is taken is a 400 here, and the version decides whose absence is told', async () => {
  const taken = failure(registryError(new AppError('conflict', 'model_exists', 'taken'), {}), 'r', 'mlflow');
  expect([taken.status, JSON.parse(taken.body)]).toEqual([
    400,
    { error_code: 'RESOURCE_ALREADY_EXISTS', message: 'taken' },
  ]);
  const absent = new AppError('not_found', 'model_not_found', 'x');
  expect(registryError(absent, { name: 'n' }).message).toBe('Registered Model with name=n not found');
  expect(registryError(absent, { name: 'n', version: '3' }).message).toBe(
    'Model Version (name=n, version=3) not found',
  );
});

test('a tag that no record could hold is refused rather than lost', () => {
  const schema = z.object({ tags: fields.tags });
  expect(() => readMessage(schema, { tags: [{ key: '__proto__', value: 'x' }] })).toThrow('__proto__');
  expect(readMessage(schema, { tags: [{ key: 'constructor', value: 'x' }] })).toEqual({ tags: { constructor: 'x' } });
});
