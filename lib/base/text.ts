import * as z from 'zod';

// Postgres cannot store U+0000, and a lone surrogate does not survive the trip through UTF-8.
const storable = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
const STORABLE = 'must be well-formed text without NUL characters';

/** One line of text: trimmed, 1 to `max` characters, no control characters. */
export const line = (max: number) =>
  z
    .string()
    .refine(storable, STORABLE)
    .trim()
    .min(1, 'must not be empty')
    .max(max, `must have at most ${max} characters`)
    .refine((text) => !/\p{Cc}/u.test(text), 'must be one line without control characters');

/** A name that is kept to the letter: 1 to `max` characters, surrounding spaces included. */
export const exact = (max: number) =>
  z.string().refine(storable, STORABLE).min(1, 'must not be empty').max(max, `must have at most ${max} characters`);

/** Free text of at most `max` characters; may be empty. */
export const prose = (max: number) =>
  z.string().refine(storable, STORABLE).max(max, `must have at most ${max} characters`);

/** A moment with its offset. The database knows no year 0; nothing here happened before the year 1000. */
export const instant = z.iso
  .datetime({ offset: true })
  .refine((text) => !text.startsWith('0'), 'must be in the year 1000 or later');

export const REASON_MIN = 10;
export const REASON_MAX = 2000;

/** Why somebody did it: every governed change carries one. */
export const reason = prose(REASON_MAX).trim().min(REASON_MIN, `must say why, in at least ${REASON_MIN} characters`);

/** Finite double; NaN and the infinities are not JSON and never facts. */
export const finite = z.number();
