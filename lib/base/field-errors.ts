import type * as z from 'zod';

export type FieldError = { path: string; code: string; message: string };

/** No more than a reader reads: a document may hold a hundred thousand faults. */
export const MOST_ERRORS = 50;
/** Keys come from the sender: no longer than a reader needs to know one again. */
const LONGEST_PATH_PART = 100;

/** Every field at fault, and what was expected there. */
export function fieldErrors({ issues }: z.ZodError): FieldError[] {
  const errors = issues.slice(0, MOST_ERRORS).flatMap((issue): FieldError[] => {
    const at = (...more: string[]) =>
      [...issue.path, ...more].map((part) => String(part).slice(0, LONGEST_PATH_PART)).join('.');
    // What is wrong with a key is said one level further down.
    const { message = issue.message } = (issue.code === 'invalid_key' && issue.issues[0]) || {};
    if (issue.code !== 'unrecognized_keys') return [{ path: at(), code: issue.code, message }];
    const unknown = issue.keys.slice(0, MOST_ERRORS);
    return unknown.map((key) => ({ path: at(key), code: 'unknown_field', message: 'is not a known field' }));
  });
  return errors.slice(0, MOST_ERRORS);
}
