import type { Db } from '../../db/client.ts';
import { getDb } from '../../db/client.ts';
import type { Found } from '../../db/snapshot.ts';
import { accompany, type FirstStatement } from '../access/queries.ts';
import { type CommandName, mayRead, mayRun, type ReadName } from '../access/rules.ts';
import type { Actor } from '../access/schema.ts';
import { MOST_ERRORS } from '../base/field-errors.ts';
import { isUuid, newId } from '../base/ids.ts';
import { JsonText } from '../base/json-text.ts';
import { type Command, denied, execute, type Unlocked } from './command.ts';
import { AppError, errorTitle, httpStatus, mlflowCode, notFound } from './errors.ts';
import { fromRequest, type Incoming, type Perform, type Reply, toResponse } from './exchange.ts';
import { withIdempotency } from './idempotency.ts';
import { authenticate } from './session.ts';

/** Bodies up to here are read while it is looked up who sends them; a stranger's long one is never read. */
const SHORT_BODY_BYTES = 16 * 1024;

/** The most a JSON body may weigh, in bytes; files have routes and limits of their own. */
export const MAX_JSON_BYTES = 1024 * 1024;

/** Far more than any document here needs, and far less than a stack holds. */
const MAX_JSON_DEPTH = 100;

export type Policy = { command: CommandName } | { read: ReadName };

/** One policy for the file, or, for a catch-all file, one for each `METHOD path` that exists below it. */
type Access =
  | { policy: Policy }
  | {
      policies: Readonly<Record<string, Policy>>;
      /** The declared path that a requested one is a case of; without it they are the same. */
      endpointOf?: (path: string) => string;
    };

export type RequestContext = {
  readonly request: Request;
  method: string;
  url: URL;
  params: Record<string, string>;
  db: Db;
  actor: Actor;
  now: Date;
  requestId: string;
  /** Runs a command as the caller. */
  run: <I, V>(command: Command<I, V>, input: unknown) => Promise<V>;
  /** The parsed JSON body: an object. */
  json: () => Promise<Record<string, unknown>>;
  headers: Incoming['headers'];
  /** The body as it came, for who checks a signature over it. */
  text: () => string;
  /** The parsed JSON body, whatever it is. */
  body: () => unknown;
  /** The document version named by `If-Match`; missing is 428. */
  ifMatch: () => number;
  /** What was begun ahead, for the handler to wait for. */
  ahead: Promise<unknown> | undefined;
};

/** What is known of a request before it is known who sends it. */
export type Asked = Pick<RequestContext, 'method' | 'url' | 'params' | 'db'>;

/** How a search may begin before it is known who asks. */
export type Search = {
  /** Its first statement, which travels with the look at the token, and the answer made of its rows. */
  ahead: FirstStatement & { finish: (db: Db, found: Found) => Promise<unknown> };
  /** The answer where it may be had by key, of what was made before or of little; undefined when it may not after all. */
  byKey?: ((db: Db) => Promise<unknown>) | undefined;
};

type RouteOptions<T> = Access & {
  status?: number;
  /** How failures are spelled: problem+json, or the registry protocol's own form. */
  dialect?: 'problem' | 'mlflow';
  /** The answer holds a secret shown once: it is never kept for a replay. */
  secret?: boolean;
  /** `own-check`: the handler proves by other means that the request is its own. */
  crossOrigin?: 'own-check';
  /** The body is a stream that the handler reads itself. */
  stream?: boolean;
  /**
   * Begins a read by key while it is looked up who asks, so that both travel together. Nobody is told of what it finds, or
   * of how it fails, before it is known that they may read.
   */
  ahead?: (asked: Asked) => Promise<unknown> | undefined;
  /**
   * A search that begins together with the look at the bearer token, and not without one that is live. Where it cannot be
   * known what is searched for, the handler says why.
   */
  search?: (asked: Asked) => Search | undefined;
  /** The same of a model that a command will be about, when the body is short and names it. */
  standing?: (asked: Asked & { body: unknown }) => Unlocked['ahead'];
  /** The most the body of a write may weigh, where that is not `MAX_JSON_BYTES`. */
  maxBytes?: number;
  /** A GET without a query string may say in a JSON body what it asks for. */
  bodyOfGet?: boolean;
  handle: (context: RequestContext) => Promise<T | Response>;
};

export type RouteHandler = ((
  request: Request,
  context?: { params: Promise<Record<string, string | string[]>> },
) => Promise<Response>) &
  Access & { perform: Perform };

/** The one wrapper of every route handler: who, may they, the work, and every failure as a documented answer. */
export function route<T>(options: RouteOptions<T>): RouteHandler {
  const perform: Perform = async (incoming, given) => {
    const requestId = newId();
    try {
      const { url, headers } = incoming;
      // The framework, or who sends the answer, leaves the body out.
      const method = incoming.method === 'HEAD' ? 'GET' : incoming.method;
      const params = decodeParams(given);
      const policy = policyOf(options, method, params);
      const db = getDb();
      const now = new Date();
      const inBody = options.bodyOfGet === true && method === 'GET' && url.search === '' && announcesBody(headers);
      const hasBody = (!isSafe(method) || inBody) && !options.stream;
      const asked = { method, url, params, db };
      const search = inBody ? undefined : options.search?.(asked);
      const begun = inBody ? undefined : (options.ahead?.(asked) ?? search?.byKey?.(db));
      begun?.catch(() => {});
      const maxBytes = (isSafe(method) ? undefined : options.maxBytes) ?? MAX_JSON_BYTES;
      const early = hasBody && options.standing && isShort(headers) ? readBody(incoming, maxBytes) : undefined;
      const standing = early
        ?.then((bytes) => options.standing!({ ...asked, body: parseJson(bytes) }))
        .catch(() => undefined);
      const companion = search && !begun ? accompany(search.ahead) : undefined;
      const actor = await authenticate(db, headers, now, companion?.findToken);
      const allowed = 'command' in policy ? mayRun(actor, policy.command) : mayRead(actor, policy.read);
      if (!allowed.ok) throw denied(allowed.error);
      if (actor.kind === 'user' && !isSafe(method) && !options.crossOrigin) assertSameOrigin(headers);
      const bytes = hasBody ? await (early ?? readBody(incoming, maxBytes)) : null;
      const context: RequestContext = {
        get request() {
          return incoming.request();
        },
        method,
        url,
        params,
        db,
        actor,
        now,
        requestId,
        run: (command, input) => execute(command, input, { db, actor, now, requestId, ahead: standing }),
        json: async () => parseJsonObject(bytes ?? new Uint8Array()),
        headers,
        text: () => Buffer.from(bytes ?? []).toString('utf8'),
        body: () => parseJson(bytes ?? new Uint8Array()),
        ifMatch: () => ifMatch(headers),
        ahead: begun ?? (companion?.found && search?.ahead.finish(db, companion.found)),
      };
      const work = async () => answer(await options.handle(context), options.status ?? 200, requestId);
      const key = method === 'POST' && bytes ? headers.get('idempotency-key') : null;
      if (key === null) return await work();
      return await withIdempotency(
        {
          db,
          actorId: actor.id,
          key,
          now,
          path: url.pathname + url.search,
          body: bytes!,
          secret: options.secret ?? false,
        },
        work,
      );
    } catch (error) {
      return failure(error, requestId, options.dialect ?? 'problem');
    }
  };
  const handler = async (request: Request, routeContext?: { params: Promise<Record<string, string | string[]>> }) =>
    toResponse(await perform(fromRequest(request), (await routeContext?.params) ?? {}));
  const access = 'policy' in options ? { policy: options.policy } : { policies: options.policies };
  return Object.assign(handler, access, { perform });
}

/** What has no policy does not exist: a path that a catch-all file forgot to declare is closed. */
function policyOf(access: Access, method: string, params: Record<string, string>): Policy {
  if ('policy' in access) return access.policy;
  const path = params.path ?? '';
  const key = `${method} ${access.endpointOf?.(path) ?? path}`;
  const policy = Object.hasOwn(access.policies, key) ? access.policies[key] : undefined;
  if (policy) return policy;
  const extra = { mlflowCode: 'ENDPOINT_NOT_FOUND' };
  throw new AppError('not_found', 'endpoint_not_found', `There is no endpoint ${key}.`, [], extra);
}

const isSafe = (method: string): boolean => method === 'GET';

const announcesBody = (headers: Incoming['headers']): boolean =>
  headers.get('transfer-encoding') !== null || Number(headers.get('content-length') ?? 0) > 0;

const isShort = (headers: Incoming['headers']): boolean =>
  Number(headers.get('content-length') ?? Number.POSITIVE_INFINITY) <= SHORT_BODY_BYTES;

/** A cookie travels with requests other sites make; only our own origin may write with it. */
function assertSameOrigin(headers: Incoming['headers']): void {
  const site = headers.get('sec-fetch-site');
  const origin = headers.get('origin');
  const own = process.env.PLUMBLINE_ORIGIN ?? '';
  const foreign =
    (site !== null && site !== 'same-origin' && site !== 'none') ||
    (origin !== null && origin !== own && (!URL.canParse(origin) || new URL(origin).host !== headers.get('host')));
  if (foreign) throw new AppError('forbidden', 'cross_origin', 'This request comes from another site.');
}

function decodeParams(params: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(params).map(([key, value]) => {
      const text = Array.isArray(value) ? value.join('/') : value;
      try {
        return [key, decodeURIComponent(text)];
      } catch {
        throw new AppError('malformed', 'bad_path', `The path segment ${key} is not valid percent-encoded UTF-8.`);
      }
    }),
  );
}

/** Reads at most so many bytes; a longer body is cut off unread. */
async function readBody(incoming: Incoming, max: number): Promise<Uint8Array> {
  const bytes = await incoming.read(max);
  if (bytes) return bytes;
  throw new AppError('too_large', 'body_too_large', `The body must have at most ${max} bytes.`);
}

/** Strict UTF-8 and JSON, and an object at the top; an empty body is an empty object. */
export function parseJson(bytes: Uint8Array): unknown {
  if (bytes.byteLength === 0) return {};
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new AppError('malformed', 'invalid_utf8', 'The body is not valid UTF-8.');
  }
  if (isTooDeep(text)) {
    throw new AppError(
      'malformed',
      'too_deep',
      `The body may hold at most ${MAX_JSON_DEPTH} values one inside another.`,
    );
  }
  try {
    return JSON.parse(text);
  } catch {
    throw new AppError(
      'malformed',
      'invalid_json',
      'The body is not valid JSON (NaN and Infinity are not JSON numbers).',
    );
  }
}

/** Counts brackets before anything is built of them: whoever walks a value down would run out of stack. */
function isTooDeep(text: string): boolean {
  // One so short cannot be deeper.
  if (text.length <= MAX_JSON_DEPTH) return false;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (char === '"') {
      // Of a string nothing counts but its end.
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) if (text[at] === '\\') at += 1;
    } else if (char === '[' || char === '{') {
      depth += 1;
      if (depth > MAX_JSON_DEPTH) return true;
    } else if (char === ']' || char === '}') depth -= 1;
  }
  return false;
}

function parseJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const value = parseJson(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new AppError('malformed', 'invalid_json', 'The body must be a JSON object.');
  }
  return value as Record<string, unknown>;
}

function ifMatch(headers: Incoming['headers']): number {
  const header = headers.get('if-match');
  if (header === null)
    throw new AppError(
      'precondition_required',
      'if_match_missing',
      'Send If-Match with the ETag of the version you saw.',
    );
  const version = /^(?:W\/)?"(\d{1,9})"$/.exec(header.trim())?.[1];
  if (version === undefined)
    throw new AppError('malformed', 'if_match_invalid', 'If-Match must be an ETag such as "3".');
  return Number(version);
}

function answer(value: unknown, status: number, requestId: string): Reply | Response {
  if (value instanceof Response) return value;
  const headers: Record<string, string> = {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  };
  const version = typeof value === 'object' && value !== null && 'etag' in value ? value.etag : undefined;
  if (typeof version === 'number') headers.etag = `"${version}"`;
  return { status, headers, body: value instanceof JsonText ? value.text : JSON.stringify(value ?? {}) };
}

/** Every failure as its documented answer; what we did not foresee is logged under the request id and told to nobody. */
export function failure(error: unknown, requestId: string, dialect: 'problem' | 'mlflow'): Reply {
  const known = asAppError(error);
  if (known.kind === 'internal') console.error(`request ${requestId} failed:`, error);
  const status = httpStatus[known.kind];
  const headers: Record<string, string> = { 'cache-control': 'no-store', 'x-request-id': requestId };
  if (known.kind === 'limited') headers['retry-after'] = '900';
  if (known.kind === 'unauthenticated' && dialect === 'mlflow') headers['www-authenticate'] = 'Bearer';
  if (dialect === 'mlflow') {
    headers['content-type'] = 'application/json';
    const code = typeof known.extra.mlflowCode === 'string' ? known.extra.mlflowCode : mlflowCode[known.kind];
    return { status, headers, body: JSON.stringify({ error_code: code, message: known.message }) };
  }
  headers['content-type'] = 'application/problem+json';
  const { mlflowCode: _, ...extra } = known.extra;
  const errors = known.errors.slice(0, MOST_ERRORS);
  const problem = {
    type: `urn:plumbline:error:${known.code}`,
    title: errorTitle[known.kind],
    status,
    code: known.code,
    detail: known.message,
  };
  return { status, headers, body: JSON.stringify({ ...problem, errors, requestId, ...extra }) };
}

export const asAppError = (error: unknown): AppError => (error instanceof AppError ? error : foreseen(error));

/** A lock or an answer that took too long, a deadlock, a transaction that another overtook: nothing was done. */
const BUSY = new Set(['55P03', '57014', '40P01', '40001']);
const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';
const UNTRANSLATABLE = new Set(['22021', '22P05']);

/** Database conditions that a caller can cause or wait out; their texts never leave the house. */
function foreseen(error: unknown): AppError {
  const code = sqlState(error);
  if (code !== undefined && BUSY.has(code))
    return new AppError('unavailable', 'busy', 'Too busy to answer in time; try again.');
  if (code === UNIQUE_VIOLATION)
    return new AppError(
      'conflict',
      'already_exists',
      'Somebody else made the same thing at the same moment; read it again.',
    );
  if (code === FOREIGN_KEY_VIOLATION)
    return new AppError(
      'conflict',
      'gone_meanwhile',
      'What this belongs to was removed at the same moment; read it again.',
    );
  if (code !== undefined && UNTRANSLATABLE.has(code))
    return new AppError('malformed', 'invalid_text', 'The text holds characters that cannot be stored.');
  return new AppError('internal', 'internal', 'Something failed on our side. The request id finds it in the log.');
}

function sqlState(error: unknown): string | undefined {
  for (let at = error, depth = 0; at instanceof Error && depth < 4; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code)) return at.code;
  }
  return undefined;
}

/** A path's id; what cannot be one is not found, like one that does not exist. */
export function uuid(what: string, text: string | undefined): string {
  if (!text || !isUuid(text)) throw notFound(what, text ?? '');
  return text.toLowerCase();
}

export function wholeNumber(what: string, text: string | undefined): number {
  if (!text || !/^\d{1,9}$/.test(text)) throw notFound(what, text ?? '');
  return Number(text);
}

/** An optional query parameter that must be one of some words. */
export function oneOf<T extends string>(name: string, words: readonly T[], text: string | null): T | undefined {
  if (text === null || text === '') return undefined;
  const found = words.find((word) => word === text);
  if (found === undefined) throw badParameter(name, `must be one of ${words.join(', ')}`);
  return found;
}

/** An optional query parameter that must be an ISO 8601 moment. */
export function instant(name: string, text: string | null): Date | undefined {
  if (text === null || text === '') return undefined;
  // The database knows no year 0; nothing here happened before the year 1000.
  const at = /^[1-9]\d{3}-\d{2}-\d{2}/.test(text) ? new Date(text) : new Date(Number.NaN);
  if (Number.isNaN(at.getTime()))
    throw badParameter(name, 'must be an ISO 8601 date and time, such as 2026-03-03T10:00:00Z');
  return at;
}

export const badParameter = (name: string, expected: string): AppError =>
  new AppError('malformed', 'invalid_input', `${name}: ${expected}`, [
    { path: name, code: 'invalid_input', message: expected },
  ]);
