import type { FieldError } from '../base/field-errors.ts';
import type { Result } from '../base/result.ts';

/** What kind of failure it is; the code beside it is stable and says which. */
export type ErrorKind =
  | 'malformed'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'conflict'
  | 'stale'
  | 'too_large'
  | 'unsupported_type'
  | 'refused'
  | 'precondition_required'
  | 'limited'
  | 'unavailable'
  | 'internal';

export class AppError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly errors: FieldError[];
  /** Extra members of the problem document, such as the current representation beside a 412. */
  readonly extra: Record<string, unknown>;

  constructor(
    kind: ErrorKind,
    code: string,
    message: string,
    errors: FieldError[] = [],
    extra: Record<string, unknown> = {},
  ) {
    super(message);
    this.name = 'AppError';
    this.kind = kind;
    this.code = code;
    this.errors = errors;
    this.extra = extra;
  }
}

export const httpStatus = {
  malformed: 400,
  unauthenticated: 401,
  forbidden: 403,
  not_found: 404,
  conflict: 409,
  stale: 412,
  too_large: 413,
  unsupported_type: 415,
  refused: 422,
  precondition_required: 428,
  limited: 429,
  internal: 500,
  unavailable: 503,
} as const satisfies Record<ErrorKind, number>;

/** The registry protocol's codes (MLflow `error_code`); the client turns others into INTERNAL_ERROR. */
export const mlflowCode = {
  malformed: 'INVALID_PARAMETER_VALUE',
  unauthenticated: 'UNAUTHENTICATED',
  forbidden: 'PERMISSION_DENIED',
  not_found: 'RESOURCE_DOES_NOT_EXIST',
  conflict: 'RESOURCE_CONFLICT',
  stale: 'RESOURCE_CONFLICT',
  too_large: 'INVALID_PARAMETER_VALUE',
  unsupported_type: 'INVALID_PARAMETER_VALUE',
  refused: 'INVALID_PARAMETER_VALUE',
  precondition_required: 'INVALID_PARAMETER_VALUE',
  limited: 'REQUEST_LIMIT_EXCEEDED',
  internal: 'INTERNAL_ERROR',
  unavailable: 'TEMPORARILY_UNAVAILABLE',
} as const satisfies Record<ErrorKind, string>;

export const errorTitle = {
  malformed: 'The request is not valid',
  unauthenticated: 'Not signed in',
  forbidden: 'Not allowed',
  not_found: 'Not found',
  conflict: 'It conflicts with the present state',
  stale: 'Somebody changed it meanwhile',
  too_large: 'Too large',
  unsupported_type: 'Unsupported content type',
  refused: 'Refused',
  precondition_required: 'If-Match is required',
  limited: 'Too many requests',
  internal: 'Something failed on our side',
  unavailable: 'Not available right now',
} as const satisfies Record<ErrorKind, string>;

export const notFound = (what: string, name: string): AppError =>
  new AppError('not_found', `${what}_not_found`, `No ${what} called ${name}, or you have no access.`);

export const conflict = (code: string, message: string, extra: Record<string, unknown> = {}): AppError =>
  new AppError('conflict', code, message, [], extra);
export const refused = (code: string, path: string, message: string): AppError =>
  new AppError('refused', code, message, [{ path, code, message }]);
export const forbidden = (code: string, message: string): AppError => new AppError('forbidden', code, message);

/** A refusal of pure rules: which kind of failure, its code, the words, and the fields where there are some. */
export type Refusal = { kind: ErrorKind; code: string; message: string; errors?: FieldError[] };

/** The value, or the refusal thrown as the error it names. */
export function orThrow<T>(result: Result<T, Refusal>): T {
  if (result.ok) return result.value;
  const { kind, code, message, errors } = result.error;
  throw new AppError(kind, code, message, errors);
}
