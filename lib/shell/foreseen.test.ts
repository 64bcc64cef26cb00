import { sql } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { testDatabase } from '../testing/database.ts';
import { httpStatus } from './errors.ts';
import { asAppError } from './http.ts';

const { db } = await testDatabase();

/** The failure as the database itself tells it, by way of the driver and the query builder. */
const failing = (state: string) =>
  db.execute(sql.raw(`do $$ begin raise exception 'secret words' using errcode = '${state}'; end $$`)).then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a failure of the database', () => {
  it.each([
    ['a lock that was not had in time', '55P03', 503, 'busy'],
    ['an answer that took too long', '57014', 503, 'busy'],
    ['two that wait for each other', '40P01', 503, 'busy'],
    ['a transaction that another overtook', '40001', 503, 'busy'],
    ['something made twice', '23505', 409, 'already_exists'],
    ['a row of what was removed meanwhile', '23503', 409, 'gone_meanwhile'],
    ['text that cannot be stored', '22021', 400, 'invalid_text'],
    ['anything else', '23514', 500, 'internal'],
  ])('is answered in documented words: %s', async (_, state, status, code) => {
    const known = asAppError(await failing(state));
    expect([httpStatus[known.kind], known.code]).toEqual([status, code]);
    expect(known.message).not.toContain('secret words');
  });
});
