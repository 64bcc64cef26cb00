import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { type Db, prepared } from '../../../db/client.ts';
import { modelAliases, models, modelVersions } from '../../../db/schema/models.ts';
import type { ModelVersion, RegisteredModel, Tag } from '../wire.ts';

/** A model or version and the length of its model's trail, which every command that changes either moves on; null without one. */
export type ModelStamp = { id: string; revision: number | null };
export type VersionStamp = ModelStamp & { version: number };
export type Window = { where: SQL | undefined; order: SQL[]; limit: number; offset: number };

// Table names are spelled out below: inside a sub-select the query builder would leave a column without its table.

// A sub-select, not a join: it is asked for the rows of the page alone, after they were sorted.
const revisionOfModel = sql<number | null>`(select h.position from audit_heads h where h.stream = models.id::text)`;
const revision = revisionOfModel.mapWith(Number);

const modelColumns = {
  id: models.id,
  revision,
  name: models.name,
  description: models.description,
  createdAt: models.createdAt,
  updatedAt: models.updatedAt,
  tags: sql<Tag[]>`coalesce((select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key)
    from model_tags t where t.model_id = models.id), '[]'::json)`,
  aliases: sql<RegisteredModel['aliases']>`coalesce((select json_agg(json_build_object('alias', a.alias, 'version',
    a.version::text) order by a.alias) from model_aliases a where a.model_id = models.id), '[]'::json)`,
};

const versionColumns = {
  id: modelVersions.modelId,
  revision,
  name: models.name,
  version: modelVersions.version,
  description: modelVersions.description,
  source: modelVersions.source,
  location: modelVersions.location,
  runId: modelVersions.runId,
  runLink: modelVersions.runLink,
  loggedModelId: modelVersions.loggedModelId,
  stage: modelVersions.stage,
  createdAt: modelVersions.createdAt,
  updatedAt: modelVersions.updatedAt,
  tags: sql<Tag[]>`coalesce((select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key)
    from version_tags t where t.model_id = model_versions.model_id and t.version = model_versions.version), '[]'::json)`,
  aliases: sql<string[]>`coalesce((select json_agg(a.alias order by a.alias) from model_aliases a
    where a.model_id = model_versions.model_id and a.version = model_versions.version), '[]'::json)`,
};

const modelStamp = { id: models.id, revision };
const versionStamp = { id: modelVersions.modelId, version: modelVersions.version, revision };

const selectVersions = (db: Db) =>
  db.select(versionColumns).from(modelVersions).innerJoin(models, eq(models.id, modelVersions.modelId)).$dynamic();
const selectVersionStamps = (db: Db) =>
  db.select(versionStamp).from(modelVersions).innerJoin(models, eq(models.id, modelVersions.modelId)).$dynamic();

const alive = isNull(modelVersions.deletedAt);
const named = eq(models.name, sql.placeholder('name'));

/** What is on a page of models. */
export async function listModelStamps(db: Db, window: Window): Promise<ModelStamp[]> {
  const rows = await db.execute<StampRow>(
    sql`select models.id, ${revisionOfModel} as revision from models ${ofPage(window)}`,
  );
  return rows.map(stampOf);
}

/** What is on a page of versions, deleted ones left out. */
export async function listVersionStamps(db: Db, { where, ...window }: Window): Promise<VersionStamp[]> {
  const rows = await db.execute<StampRow & { version: number }>(sql`
    select models.id, model_versions.version, ${revisionOfModel} as revision
    from model_versions join models on models.id = model_versions.model_id
    ${ofPage({ ...window, where: and(alive, where) })}`);
  return rows.map((row) => ({ ...stampOf(row), version: row.version }));
}

type StampRow = { id: string; revision: string | null };
const stampOf = ({ id, revision }: StampRow): ModelStamp => ({
  id,
  revision: revision === null ? null : Number(revision),
});

/**
 * The limit is part of the text: a plan made for any limit sorts everything, where one for a hundred rows walks an index
 * and stops. Few sizes are ever asked for.
 */
function ofPage({ where, order, limit, offset }: Window): SQL {
  const from = offset > 0 ? sql` offset ${offset}` : sql``;
  return sql`where ${where ?? sql`true`} order by ${sql.join(order, sql`, `)} limit ${sql.raw(String(limit))}${from}`;
}

const modelsAmong = (db: Db, ids: SQL) => db.select(modelColumns).from(models).where(sql`models.id = any(${ids})`);
const newestAmong = (db: Db, ids: SQL) =>
  selectVersions(db)
    .where(
      sql`(model_versions.model_id, model_versions.version) in (select v.model_id, max(v.version)
        from model_versions v where v.model_id = any(${ids}) and v.deleted_at is null group by v.model_id, v.stage)`,
    )
    .orderBy(desc(modelVersions.version));

const oneId = sql`array[${sql.placeholder('id')}]::uuid[]`;
const oneModel = prepared((db) => modelsAmong(db, oneId).prepare('model_by_id'));
const newestOfOne = prepared((db) => newestAmong(db, oneId).prepare('newest_versions_by_id'));

/** Registered models with tags, aliases and latest versions: two statements whatever their number; in no order. */
export async function readModels(db: Db, ids: string[]): Promise<(RegisteredModel & ModelStamp)[]> {
  const among = sql`${sql.param(ids)}::uuid[]`;
  const [id] = ids;
  // The models first: what a command adds between the two is then newer than the stamp, never older.
  const rows = ids.length === 1 ? await oneModel(db, { id }) : await modelsAmong(db, among);
  const versions = ids.length === 1 ? await newestOfOne(db, { id }) : await newestAmong(db, among);
  const latest = Map.groupBy(versions, (version) => version.id);
  return rows.map((row) => ({ ...row, latest: latest.get(row.id) ?? [] }));
}

const oneVersion = prepared((db) =>
  selectVersions(db)
    .where(and(eq(modelVersions.modelId, sql.placeholder('id')), eq(modelVersions.version, sql.placeholder('version'))))
    .prepare('version_by_id'),
);

/** Versions of any models with tags and aliases: one statement; in no order. */
export async function readVersions(
  db: Db,
  keys: { id: string; version: number }[],
): Promise<(ModelVersion & VersionStamp)[]> {
  const [key] = keys;
  if (key && keys.length === 1) return oneVersion(db, { id: key.id, version: key.version });
  const among = sql`select * from unnest(${sql.param(keys.map(({ id }) => id))}::uuid[],
    ${sql.param(keys.map(({ version }) => version))}::integer[])`;
  return selectVersions(db).where(sql`(model_versions.model_id, model_versions.version) in (${among})`);
}

const stampOfModel = prepared((db) => db.select(modelStamp).from(models).where(named).prepare('stamp_of_model'));

export async function findModelStamp(db: Db, name: string): Promise<ModelStamp | undefined> {
  const [row] = await stampOfModel(db, { name });
  return row;
}

const stampOfVersion = prepared((db) =>
  selectVersionStamps(db)
    .where(and(alive, named, eq(modelVersions.version, sql.placeholder('version'))))
    .prepare('stamp_of_version'),
);

export async function findVersionStamp(db: Db, name: string, version: number): Promise<VersionStamp | undefined> {
  const [row] = await stampOfVersion(db, { name, version });
  return row;
}

const stampOfAlias = prepared((db) =>
  selectVersionStamps(db)
    .innerJoin(
      modelAliases,
      and(eq(modelAliases.modelId, modelVersions.modelId), eq(modelAliases.version, modelVersions.version)),
    )
    .where(and(alive, named, eq(modelAliases.alias, sql.placeholder('alias'))))
    .prepare('stamp_of_alias'),
);

export async function findAliasStamp(db: Db, name: string, alias: string): Promise<VersionStamp | undefined> {
  const [row] = await stampOfAlias(db, { name, alias });
  return row;
}

const locationOfVersion = prepared((db) =>
  db
    .select({ location: modelVersions.location })
    .from(modelVersions)
    .innerJoin(models, eq(models.id, modelVersions.modelId))
    .where(and(alive, named, eq(modelVersions.version, sql.placeholder('version'))))
    .prepare('location_of_version'),
);

/** Where a version's files are said to be. */
export async function findLocation(db: Db, name: string, version: number): Promise<string | undefined> {
  const [row] = await locationOfVersion(db, { name, version });
  return row?.location;
}
