import { and, asc, desc, eq, inArray, isNotNull, isNull, or, type SQL, sql } from 'drizzle-orm';
import { type Db, selecting, statement } from '../../db/client.ts';
import { keyedRead } from '../../db/keyed-reads.ts';
import { deployments } from '../../db/schema/approvals.ts';
import { batches } from '../../db/schema/measurements.ts';
import {
  modelAliases,
  modelProtection,
  models,
  modelTags,
  modelVersions,
  versionImportance,
  versionTags,
} from '../../db/schema/models.ts';
import type { CommandContext, Job, ModelStanding } from '../shell/command.ts';
import { AppError, conflict, notFound } from '../shell/errors.ts';
import { MARKS_PROMPT } from './rules/registry-events.ts';
import { type Guard, SERVING_ALIASES } from './rules.ts';
import type { Favourable, ModelView, Protection, Stage, Tier, VersionView } from './schema.ts';

export type ModelRow = typeof models.$inferSelect;
export type LockedModel = ModelRow & { isPrompt: boolean };
/** What both a lock and a standing tell. */
export type HeldModel = Omit<ModelStanding, 'revision'>;

export type VersionRow = typeof modelVersions.$inferSelect;

export async function findModel(db: Db, name: string): Promise<ModelRow | undefined> {
  const [row] = await db.select().from(models).where(eq(models.name, name));
  return row;
}

/** Those that there are of some names, in no order. */
export async function listModels(db: Db, named: readonly { name: string }[]): Promise<ModelRow[]> {
  const names = named.map(({ name }) => name);
  return db.select().from(models).where(inArray(models.name, names));
}

export async function getModel(db: Db, name: string): Promise<ModelRow> {
  const row = await findModel(db, name);
  if (!row) throw notFound('model', name);
  return row;
}

const IS_PROMPT = `exists (select 1 from model_tags t where t.model_id = models.id and ${MARKS_PROMPT})`;
const modelForUpdate = selecting<typeof models, { isPrompt: boolean }>(
  models,
  'from models where name = $1 for no key update',
  `${IS_PROMPT} as "isPrompt"`,
);

/**
 * Takes the row lock: writers of one model queue here, so that its rules are judged on a state that stays. Whoever adds rows
 * that name the model, as an upload does for as long as it lasts, neither waits for it nor holds it up (`no key`). It is sent
 * at once: a statement that is sent behind it, to travel with it, sees what the writers before have left.
 */
export async function lockModel(tx: Db, name: string): Promise<LockedModel> {
  const [row] = await modelForUpdate(tx, [name]);
  if (!row) throw notFound('model', name);
  return row;
}

/** The same lock on a model that is known by its id; nothing where it is gone. */
export async function lockModelById(tx: Db, id: string): Promise<ModelRow | undefined> {
  const [row] = await tx.select().from(models).where(eq(models.id, id)).for('no key update');
  return row;
}

/** So many files are removed by one job. */
const FILES_A_JOB = 500;

/**
 * Locks models for their deletion, and tells which jobs remove the files that were sent of them once it is committed. The lock is
 * that of the deletion itself: nobody adds a file behind the list. In the order of their ids, as a search's refresh locks them.
 */
export async function lockWithFiles(tx: Db, which: SQL | undefined): Promise<Job[]> {
  const doomed = await tx.select({ id: models.id }).from(models).where(which).orderBy(models.id).for('update');
  const ids = doomed.map(({ id }) => id);
  const files = await tx.select({ path: batches.rawPath }).from(batches).where(inArray(batches.modelId, ids));
  const jobs: Job[] = [];
  for (let from = 0; from < files.length; from += FILES_A_JOB) {
    const uploads = files.slice(from, from + FILES_A_JOB).map(({ path }) => path);
    jobs.push({ name: 'remove-files', data: { uploads } });
  }
  return jobs;
}

const standings = keyedRead<ModelStanding>(`
  select models.name as key, json_build_object('id', models.id, 'name', models.name, 'lastVersion', models.last_version,
    'isPrompt', ${IS_PROMPT},
    'revision', (select h.position from audit_heads h where h.stream = models.id::text)) as answer
  from models where models.name = any($keys)`);

/** A model as it stands, for a command at once. */
export const findStanding = (db: Db, name: string): Promise<ModelStanding | undefined> => standings(db, name);

/** The model a command is about: locked, or while the command is tried at once, as it stands. */
export async function holdModel({ tx, unlocked }: CommandContext, name: string): Promise<HeldModel> {
  if (!unlocked) return lockModel(tx, name);
  const ahead = await unlocked.ahead;
  const model = ahead?.name === name ? ahead : await findStanding(tx, name);
  if (!model) throw notFound('model', name);
  unlocked.relied = model;
  return model;
}

const versionByNumber = selecting(
  modelVersions,
  'from model_versions where model_id = $1::uuid and version = $2::integer and deleted_at is null',
);

export async function findVersion(db: Db, modelId: string, version: number): Promise<VersionRow | undefined> {
  const [row] = await versionByNumber(db, [modelId, version]);
  return row;
}

export async function getVersion(db: Db, model: ModelRow, version: number): Promise<VersionRow> {
  const row = await findVersion(db, model.id, version);
  if (!row) throw versionNotFound(model, version);
  return row;
}

export const versionNotFound = ({ name }: ModelRow, version: number): AppError =>
  new AppError('not_found', 'version_not_found', `Model Version (name=${name}, version=${version}) not found`);

/** Of a row `m` of models: whether it has served, and the aliases that environments serve. */
export const SERVING = `exists (select 1 from deployments d where d.model_id = m.id and d.serving_from is not null) as served,
  array(select serving_alias from environments) as "servingAliases"`;
export type Serving = { served: boolean; servingAliases: string[] };

const servingOf = statement<Serving>(`select ${SERVING} from models m where m.id = $1::uuid`);

/** What the serving-alias rules need to know of a model. */
export async function getGuard(db: Db, model: ModelRow): Promise<Guard> {
  const [row] = await servingOf(db, [model.id]);
  return guardFrom(model, row!);
}

/** Under the model's lock: whether a model or a version may go. What has served is a record, what is on its way there will be. */
export async function assertUnused(tx: Db, modelId: string, version?: number): Promise<void> {
  const [use] = await tx
    .select({ served: sql<boolean>`bool_or(${deployments.servingFrom} is not null)` })
    .from(deployments)
    .where(
      and(
        eq(deployments.modelId, modelId),
        version === undefined ? undefined : eq(deployments.version, version),
        or(isNotNull(deployments.servingFrom), eq(deployments.state, 'deploying')),
      ),
    );
  const what = version === undefined ? 'model' : 'version';
  if (use?.served) throw conflict(`${what}_has_served`, `This ${what} has served: its record must stay.`);
  if (use?.served === false)
    throw conflict('deployment_in_flight', `This ${what} is being deployed: wait for what becomes of it.`);
}

export const guardFrom = (model: ModelRow, { served, servingAliases }: Serving): Guard => ({
  tier: model.tier as Tier | null,
  everServed: served,
  servingAliases: [...SERVING_ALIASES, ...servingAliases],
});

async function tagsByModel(db: Db, ids: string[]): Promise<Map<string, Record<string, string>>> {
  const rows = ids.length
    ? await db.select().from(modelTags).where(inArray(modelTags.modelId, ids)).orderBy(asc(modelTags.key))
    : [];
  const byModel = new Map<string, Record<string, string>>();
  for (const row of rows) byModel.set(row.modelId, { ...byModel.get(row.modelId), [row.key]: row.value });
  return byModel;
}

async function aliasesByModel(db: Db, ids: string[]): Promise<Map<string, Record<string, number>>> {
  const rows = ids.length
    ? await db.select().from(modelAliases).where(inArray(modelAliases.modelId, ids)).orderBy(asc(modelAliases.alias))
    : [];
  const byModel = new Map<string, Record<string, number>>();
  for (const row of rows) byModel.set(row.modelId, { ...byModel.get(row.modelId), [row.alias]: row.version });
  return byModel;
}

/** The public form of some models, in their order: three queries whatever their number. */
export async function viewModels(db: Db, rows: ModelRow[]): Promise<ModelView[]> {
  const ids = rows.map((row) => row.id);
  const [tags, aliases] = await Promise.all([tagsByModel(db, ids), aliasesByModel(db, ids)]);
  return rows.map((row) => modelView(row, tags.get(row.id) ?? {}, aliases.get(row.id) ?? {}));
}

export const modelView = (row: ModelRow, tags: Record<string, string>, aliases: Record<string, number>): ModelView => ({
  id: row.id,
  name: row.name,
  title: row.title,
  description: row.description,
  domain: row.domain,
  useCase: row.useCase,
  tier: row.tier as Tier | null,
  owners: { product: row.ownerProduct, data: row.ownerData, ops: row.ownerOps },
  tags,
  aliases,
  latestVersion: row.lastVersion,
  demo: row.demo,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
  updatedAt: row.updatedAt.toISOString(),
  etag: row.version,
});

export async function viewModel(db: Db, row: ModelRow): Promise<ModelView> {
  const [view] = await viewModels(db, [row]);
  return view!;
}

/** A model's versions, newest first, deleted ones left out. */
export async function listVersions(db: Db, modelId: string): Promise<VersionView[]> {
  const rows = await db
    .select()
    .from(modelVersions)
    .where(and(eq(modelVersions.modelId, modelId), isNull(modelVersions.deletedAt)))
    .orderBy(desc(modelVersions.version));
  return viewVersions(db, modelId, rows);
}

export async function viewVersions(db: Db, modelId: string, rows: VersionRow[]): Promise<VersionView[]> {
  const versions = rows.map((row) => row.version);
  const [tags, aliases] = await Promise.all([
    db
      .select()
      .from(versionTags)
      .where(and(eq(versionTags.modelId, modelId), inArray(versionTags.version, versions)))
      .orderBy(asc(versionTags.key)),
    db.select().from(modelAliases).where(eq(modelAliases.modelId, modelId)).orderBy(asc(modelAliases.alias)),
  ]);
  const tagsOf = Map.groupBy(tags, (tag) => tag.version);
  return rows.map((row) =>
    versionView(
      row,
      Object.fromEntries((tagsOf.get(row.version) ?? []).map((tag) => [tag.key, tag.value])),
      aliases.filter((alias) => alias.version === row.version).map((alias) => alias.alias),
    ),
  );
}

/** The public form of a version with its tags and aliases. */
export const versionView = (row: VersionRow, tags: Record<string, string>, aliases: string[]): VersionView => ({
  version: row.version,
  source: row.source,
  digest: row.digest,
  runId: row.runId,
  runLink: row.runLink,
  description: row.description,
  stage: row.stage as Stage,
  metrics: row.metrics,
  params: row.params,
  tags,
  aliases,
  dataset: row.dataset,
  createdBy: row.createdBy,
  createdAt: row.createdAt.toISOString(),
});

/** What was sent on how much each column of a version matters, as it was sent. */
export async function findImportance(db: Db, modelId: string, version: number) {
  const [row] = await db
    .select()
    .from(versionImportance)
    .where(and(eq(versionImportance.modelId, modelId), eq(versionImportance.version, version)));
  return row;
}

/** Which columns of a model are protected; none until somebody names them. */
export async function viewProtection(db: Db, modelId: string): Promise<Protection> {
  const [row] = await db.select().from(modelProtection).where(eq(modelProtection.modelId, modelId));
  if (!row) return { columns: [], favourable: 'positive', reason: null, namedBy: null, namedAt: null };
  const { columns, favourable, reason, namedBy, namedAt } = row;
  return { columns, favourable: favourable as Favourable, reason, namedBy, namedAt: namedAt.toISOString() };
}
