import * as z from 'zod';

/** A number that counts from 1, as itself or, as addresses and the registry protocol hold it, in digits; nothing else is taken for one. */
export const counted = (max: number = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (given) => (typeof given === 'string' && /^\d{1,15}$/.test(given) ? Number(given) : given),
    z.int('must be a whole number').min(1, 'must be 1 or more').max(max, `must be at most ${max}`),
  );

/** What the database keeps as an integer. */
export const INTEGER_MAX = 2_147_483_647;
