import * as z from 'zod';
import { JsonText } from '../base/json-text.ts';
import { PROMPT_TEXT_TAG } from '../models/rules/registry-events.ts';
import { type ModelView, STAGES, type Stage, type VersionView } from '../models/schema.ts';
import { AppError } from '../shell/errors.ts';

export const invalid = (message: string): AppError => new AppError('malformed', 'invalid_parameter_value', message);

const SEE_DOCS = 'See the API docs for more information about request parameters.';

/** int64 fields: the client sends numbers, older ones and every query string send text. */
const integer = z.union(
  [
    z.int(),
    z
      .string()
      .regex(/^-?\d{1,15}$/)
      .transform(Number),
  ],
  'must be an integer',
);
const text = z.string('must be a string');
const texts = z.array(z.string(), 'must be a list of strings');
const tags = z.array(
  z.object({
    // Records of the parser leave it out without a word.
    key: z
      .string()
      .min(1)
      .refine((key) => key !== '__proto__', 'no tag may be called __proto__'),
    value: z
      .string()
      .nullish()
      .transform((value) => value ?? ''),
  }),
  'must be a list of tags, each with a key and a value',
);

/** The words of every request: which fields there are, what they hold, which must be there. */
export const fields = {
  name: text.min(1),
  key: text.min(1),
  value: text.default(''),
  alias: text.min(1),
  version: text.min(1),
  stage: text.min(1),
  source: text.min(1),
  description: text.optional(),
  run_id: text.optional(),
  run_link: text.optional(),
  model_id: text.optional(),
  tags: tags.optional().transform(byKey),
  stages: texts.default([]),
  archive_existing_versions: z.boolean('must be true or false').default(false),
  filter: text.default(''),
  order_by: texts.default([]),
  max_results: integer.optional(),
  page_token: text.optional(),
};

/** Duplicate keys: the last one wins, as in the client's own dictionary. */
export function byKey(list: { key: string; value: string }[] | undefined): Record<string, string> | undefined {
  return list && Object.fromEntries(list.map(({ key, value }) => [key, value]));
}

const LISTS: ReadonlySet<string> = new Set(['order_by', 'stages']);

/** A query string as a message: what is a list repeats its key, of any other key the first counts. */
export function fromQuery(query: URLSearchParams): Record<string, unknown> {
  return Object.fromEntries(
    [...new Set(query.keys())].map((key) => [key, LISTS.has(key) ? query.getAll(key) : query.get(key)]),
  );
}

/** Reads a message, unknown fields left aside; the refusal has the words that clients of the protocol know. */
export function readMessage<S extends z.ZodObject>(schema: S, message: Record<string, unknown>): z.output<S> {
  // JSON null is how a message says that a field is unset.
  const set = Object.fromEntries(Object.entries(message).filter(([, value]) => value !== null));
  const parsed = schema.safeParse(set);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const field = String(issue.path[0] ?? '');
  const given = Object.hasOwn(set, field) ? set[field] : undefined;
  if (given === undefined || given === '')
    throw invalid(`Missing value for required parameter '${field}'. ${SEE_DOCS}`);
  const shown = field === 'secret' ? '' : `${JSON.stringify(given).slice(0, 100)} `;
  throw invalid(`Invalid value ${shown}for parameter '${field}' supplied: ${issue.message}. ${SEE_DOCS}`);
}

/** A version number; one that no version can have is not found rather than wrong. */
export function versionOf({ name, version }: { name: string; version: string }): number {
  if (!/^[+-]?\d+$/.test(version))
    throw invalid(`Parameter 'version' must be an integer, got '${version.slice(0, 100)}'.`);
  const number = Number(version);
  if (number < 1 || number > 2_147_483_647) throw versionNotFound(name, version);
  return number;
}

export const versionNotFound = (name: string, version: string): AppError =>
  new AppError('not_found', 'version_not_found', `Model Version (name=${name}, version=${version}) not found`);

/** The stage in its own spelling: clients send any case. */
export function stageOf(stage: string): Stage {
  const found = STAGES.find((known) => known.toLowerCase() === stage.toLowerCase());
  if (found) return found;
  throw invalid(
    `Invalid Model Version stage: ${stage.slice(0, 100)}. Value must be one of None, Staging, Production, Archived.`,
  );
}

const TOKEN = z.object({ offset: z.int().min(1).max(2_147_483_647) });

export const pageToken = (offset: number): string => Buffer.from(JSON.stringify({ offset })).toString('base64');

/** The offset a page token stands for; without one, the start. */
export function readPageToken(token: string | undefined): number {
  if (!token) return 0;
  if (!/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(token))
    throw invalid('Invalid page token, could not base64-decode');
  const decoded = Buffer.from(token, 'base64').toString('utf8');
  try {
    return TOKEN.parse(JSON.parse(decoded)).offset;
  } catch {
    throw invalid(`Invalid page token, parsed value=${decoded.slice(0, 100)}`);
  }
}

/** How many rows a page may have. */
export function pageSize(asked: number | undefined, standard: number, most: number): number {
  const size = asked ?? standard;
  if (size < 1) throw invalid(`Invalid value for max_results. It must be a positive integer, but got ${size}`);
  if (size > most)
    throw invalid(`Invalid value for request parameter max_results. It must be at most ${most}, but got value ${size}`);
  return size;
}

export type Tag = { key: string; value: string };

/** As much of a message as is read again here. */
export type ModelMessage = { latest_versions?: { current_stage: string }[]; tags?: Tag[] };

/** Empty lists are left out of every message. */
const some = <T>(list: T[]): T[] | undefined => (list.length > 0 ? list : undefined);

/** Tags as the protocol lists them. */
const listed = (tags: Readonly<Record<string, string>>): Tag[] | undefined =>
  some(Object.entries(tags).map(([key, value]) => ({ key, value })));

const millis = (moment: string): number => new Date(moment).getTime();

/** What was registered a moment ago, from the command's own answer: nothing hangs on it yet. `queries/rows.ts` tells the rest. */
export const newModelMessage = ({ name, description, createdAt, updatedAt, tags }: ModelView) => ({
  name,
  creation_timestamp: millis(createdAt),
  last_updated_timestamp: millis(updatedAt),
  description: description || undefined,
  tags: listed(tags),
});

export const newVersionMessage = (name: string, version: VersionView, loggedModelId: string | null) => ({
  name,
  version: String(version.version),
  creation_timestamp: millis(version.createdAt),
  last_updated_timestamp: millis(version.createdAt),
  user_id: version.createdBy,
  current_stage: version.stage,
  description: version.description,
  source: version.source,
  run_id: version.runId,
  status: 'READY',
  run_link: version.runLink,
  model_id: loggedModelId ?? undefined,
  tags: listed(version.tags),
  aliases: some(version.aliases),
});

export const page = <T>(field: string, items: T[], next: string | undefined) => ({
  [field]: some(items),
  next_page_token: next,
});

/** The same of messages that are text already. */
export const textPage = (field: string, texts: string[], next: string | undefined): JsonText => {
  const list = texts.length > 0 ? [`"${field}":[${texts.join(',')}]`] : [];
  const token = next === undefined ? [] : [`"next_page_token":${JSON.stringify(next)}`];
  return new JsonText(`{${[...list, ...token].join(',')}}`);
};

export const textOf = (field: string, text: string): JsonText => new JsonText(`{"${field}":${text}}`);

/** What commands call otherwise than the protocol. */
const WIRE_NAMES: ReadonlyMap<string, string> = new Map([
  ['newName', 'new_name'],
  ['runId', 'run_id'],
  ['runLink', 'run_link'],
  ['loggedModelId', 'model_id'],
]);

/** The failure as this protocol spells it; `message` is the request it answers. */
export function registryError(error: AppError, message: Record<string, unknown>): AppError {
  const { name, version } = message;
  if (error.code === 'model_exists' || error.code === 'already_exists')
    return new AppError('malformed', error.code, error.message, [], { mlflowCode: 'RESOURCE_ALREADY_EXISTS' });
  if (error.code === 'model_not_found')
    return typeof version === 'string'
      ? versionNotFound(String(name), version)
      : new AppError('not_found', error.code, `Registered Model with name=${name} not found`);
  if (error.kind === 'refused') return invalid(error.message);
  const { path = '', message: wrong = '' } = error.errors[0] ?? {};
  const renamed = WIRE_NAMES.get(path);
  const [, most] = /^must have at most (\d+) characters$/.exec(wrong) ?? [];
  if (most && path === `tags.${PROMPT_TEXT_TAG}`)
    return invalid(`Prompt text exceeds max length of ${most} characters.`);
  if (most)
    return invalid(`'${renamed ?? path.replace(/^changes\./, '')}' exceeds the maximum length of ${most} characters`);
  if (renamed) return invalid(error.message.replace(/^\w+/, renamed));
  return error;
}
