import * as z from 'zod';
import { counted, INTEGER_MAX } from '../base/count.ts';
import { exact, instant, line, prose } from '../base/text.ts';

export const TIERS = ['high', 'medium', 'low'] as const;
export type Tier = (typeof TIERS)[number];
export const STAGES = ['None', 'Staging', 'Production', 'Archived'] as const;
export type Stage = (typeof STAGES)[number];

/** Limits of the registry protocol (1.5), kept before the database so that no SQL text ever answers. */
export const LIMITS = {
  name: 256,
  title: 200,
  description: 5000,
  domain: 80,
  source: 500,
  runId: 32,
  alias: 255,
  tagKey: 250,
  tagValue: 100_000,
  metrics: 500,
  digest: 128,
  importances: 2000,
  column: 255,
  importanceMethod: 200,
  protectedColumns: 20,
} as const;

export const modelName = exact(LIMITS.name);
const description = prose(LIMITS.description);
const ownerEmail = z
  .string()
  .trim()
  .toLowerCase()
  .max(254)
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, 'must be an e-mail address');
const owners = z.strictObject({ product: ownerEmail.nullish(), data: ownerEmail.nullish(), ops: ownerEmail.nullish() });

/** A tag key is a normalised relative path of word characters, dots, dashes, colons, spaces and slashes. */
export const tagKey = z
  .string()
  .min(1, 'must not be empty')
  .max(LIMITS.tagKey, `must have at most ${LIMITS.tagKey} characters`)
  .regex(/^[\p{L}\p{N}_/.\- :]*$/u, 'may hold letters, digits, _ - . : / and spaces only')
  .refine(
    (key) => !key.startsWith('/') && key.split('/').every((part) => part !== '' && part !== '.' && part !== '..'),
    'must be a normalised path',
  );
export const tagValue = prose(LIMITS.tagValue);
const tags = z.record(tagKey, tagValue);

const aliasText = z
  .string()
  .min(1, 'must not be empty')
  .max(LIMITS.alias, `must have at most ${LIMITS.alias} characters`)
  .regex(/^[\p{L}\p{N}_-]+$/u, 'may hold letters, digits, _ and - only');

/** `latest`, and `v` followed by digits, would be mistaken for a version in `models:/` addresses. */
export const aliasName = aliasText.refine(
  (alias) => alias.toLowerCase() !== 'latest' && !/^v\p{Nd}+$/iu.test(alias),
  'is reserved',
);

export const versionNumber = counted(INTEGER_MAX);

/**
 * Undoes percent-encoding until nothing changes, so that `%252e%252e` cannot hide a parent segment; byte by byte, so that
 * what is no encoding, or none of UTF-8, hides nothing either.
 */
function fullyDecoded(source: string): string | null {
  let text = source;
  for (let round = 0; round < 20; round += 1) {
    const next = text.replace(/%[0-9a-f]{2}/gi, (byte) => String.fromCharCode(Number.parseInt(byte.slice(1), 16)));
    if (next === text) return text;
    text = next;
  }
  return null;
}

/** Whether it may lead out of where it seems to be, or holds a NUL. */
export function climbsOut(source: string): boolean {
  const plain = fullyDecoded(source);
  return plain === null || plain.includes('\u0000') || plain.split(/[/\\?#]/).includes('..');
}

const source = exact(LIMITS.source).refine(
  (text) => !climbsOut(text),
  'must not climb out with ".." segments or hold NUL characters',
);

export const registerModelInput = z.strictObject({
  name: modelName,
  title: line(LIMITS.title).nullish(),
  description: description.nullish(),
  domain: line(LIMITS.domain).nullish(),
  useCase: line(LIMITS.title).nullish(),
  tier: z.enum(TIERS).nullish(),
  owners: owners.optional(),
  tags: tags.optional(),
});

export const updateModelInput = z.strictObject({
  name: modelName,
  expectedVersion: z.int().optional(),
  title: line(LIMITS.title).nullish(),
  description: description.nullish(),
  domain: line(LIMITS.domain).nullish(),
  useCase: line(LIMITS.title).nullish(),
  tier: z.enum(TIERS).nullish(),
  owners: owners.optional(),
});

export const renameModelInput = z.strictObject({ name: modelName, newName: modelName });
export const deleteModelInput = z.strictObject({ name: modelName });

const metrics = z
  .record(line(250), z.number())
  .refine((all) => Object.keys(all).length <= LIMITS.metrics, `must have at most ${LIMITS.metrics} metrics`);
const params = z
  .record(line(250), prose(6000))
  .refine((all) => Object.keys(all).length <= LIMITS.metrics, `must have at most ${LIMITS.metrics} params`);

/** How much each column matters, in any unit: only the shares count. */
const importance = {
  method: line(LIMITS.importanceMethod),
  values: z
    .record(exact(LIMITS.column), z.number().min(0, 'must not be negative').max(1e300))
    .refine((all) => Object.keys(all).length <= LIMITS.importances, `must have at most ${LIMITS.importances} columns`)
    .refine((all) => Object.values(all).some((value) => value > 0), 'must have a value above zero'),
};
/** `values: null` takes back what was sent. */
export const setImportanceInput = z
  .strictObject({
    name: modelName,
    version: versionNumber,
    method: importance.method.optional(),
    values: importance.values.nullable(),
  })
  .refine(({ method, values }) => values === null || method !== undefined, {
    path: ['method'],
    message: 'must say how the values were measured',
  });

export const registerVersionInput = z.strictObject({
  name: modelName,
  source,
  digest: line(LIMITS.digest).nullish(),
  runId: prose(LIMITS.runId).nullish(),
  runLink: prose(LIMITS.source).nullish(),
  loggedModelId: prose(LIMITS.name).nullish(),
  description: description.nullish(),
  metrics: metrics.optional(),
  params: params.optional(),
  tags: tags.optional(),
  schema: z.json().optional(),
  dataset: z.json().optional(),
  importance: z.strictObject(importance).optional(),
});

export const updateVersionInput = z.strictObject({ name: modelName, version: versionNumber, description });
export const versionInput = z.strictObject({ name: modelName, version: versionNumber });
export const setTagInput = z.strictObject({ name: modelName, key: tagKey, value: tagValue });
export const deleteTagInput = z.strictObject({ name: modelName, key: tagKey });
export const setVersionTagInput = setTagInput.extend({ version: versionNumber });
export const deleteVersionTagInput = deleteTagInput.extend({ version: versionNumber });
export const setAliasInput = z.strictObject({ name: modelName, alias: aliasName, version: versionNumber });
export const deleteAliasInput = z.strictObject({ name: modelName, alias: aliasText });
export const transitionStageInput = z.strictObject({
  name: modelName,
  version: versionNumber,
  stage: z.enum(STAGES),
  archiveExisting: z.boolean().default(false),
});

/** What was sent on how much each column matters; `shares` add up to one. */
export type SentImportance = { method: string; shares: Record<string, number>; sentBy: string; sentAt: string };

export const ANSWERS = ['positive', 'negative'] as const;
/** The model's answer that people hope for: a loan paid back is a model's "positive", or its "negative" where it predicts default. */
export type Favourable = (typeof ANSWERS)[number];

/** Columns by which people must not fare worse; `base` is the group that others are held against, else the best-off one. */
export type Protection = {
  columns: { column: string; base: string | null }[];
  favourable: Favourable;
  reason: string | null;
  namedBy: string | null;
  namedAt: string | null;
};

export type Owners = { product: string | null; data: string | null; ops: string | null };

export type VersionView = {
  version: number;
  source: string;
  digest: string | null;
  runId: string;
  runLink: string;
  description: string;
  stage: Stage;
  metrics: Record<string, number>;
  params: Record<string, string>;
  tags: Record<string, string>;
  aliases: string[];
  dataset: unknown;
  createdBy: string;
  createdAt: string;
};

export type ModelView = {
  id: string;
  name: string;
  title: string | null;
  description: string | null;
  domain: string | null;
  useCase: string | null;
  tier: Tier | null;
  owners: Owners;
  tags: Record<string, string>;
  aliases: Record<string, number>;
  latestVersion: number;
  demo: boolean;
  createdBy: string;
  createdAt: string;
  updatedAt: string;
  etag: number;
};

/** A model as another registry holds it, or a part of its versions; numbers and moments are kept. */
export const importModelInput = z.strictObject({
  name: modelName,
  description: description.nullish(),
  createdAt: instant,
  updatedAt: instant,
  tags: tags.default({}),
  aliases: z.record(aliasName, versionNumber).default({}),
  versions: z
    .array(
      z.strictObject({
        version: versionNumber,
        source,
        /** Where the artifacts are; without it, the source. */
        location: exact(LIMITS.source).optional(),
        runId: prose(LIMITS.runId).default(''),
        runLink: prose(LIMITS.source).default(''),
        loggedModelId: prose(LIMITS.name).nullish(),
        description: description.default(''),
        stage: z.enum(STAGES).default('None'),
        tags: tags.default({}),
        metrics: metrics.default({}),
        params: params.default({}),
        dataset: z.json().nullish(),
        createdAt: instant,
        updatedAt: instant,
      }),
    )
    .max(1000, 'must have at most 1000 versions')
    .default([]),
});
export type ImportModel = z.output<typeof importModelInput>;

/** What an import did. A conflict is something held here that differs: it stays as it is. */
export type ImportReport = {
  name: string;
  created: boolean;
  versions: number[];
  tags: number;
  aliases: string[];
  conflicts: { what: string; held: string; offered: string }[];
};
