import { and, desc, eq, isNull, type SQL, sql } from 'drizzle-orm';
import { type Db, prepared } from '../../../db/client.ts';
import { modelAliases, models, modelVersions } from '../../../db/schema/models.ts';
import type { ModelVersion, RegisteredModel, Tag } from '../wire.ts';

// Table names are spelled out below: inside a sub-select the query builder would leave a column without its table.

const modelColumns = {
  id: models.id,
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
  modelId: modelVersions.modelId,
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

type Window = { where: SQL | undefined; order: SQL[]; limit: number; offset: number };

/** Registered models with tags, aliases and latest versions: two statements whatever their number. */
export async function listRegisteredModels(
  db: Db,
  { where, order, limit, offset }: Window,
): Promise<RegisteredModel[]> {
  const rows = await db
    .select(modelColumns)
    .from(models)
    .where(where)
    .orderBy(...order)
    .limit(limit)
    .offset(offset);
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const newest = sql`(model_versions.model_id, model_versions.version) in (select v.model_id, max(v.version)
    from model_versions v where v.model_id = any(${sql.param(ids)}::uuid[]) and v.deleted_at is null group by v.model_id, v.stage)`;
  const latest = Map.groupBy(
    await selectVersions(db).where(newest).orderBy(desc(modelVersions.version)),
    (v) => v.modelId,
  );
  return rows.map((row) => ({ ...row, latest: latest.get(row.id) ?? [] }));
}

const modelByName = prepared((db) =>
  db
    .select(modelColumns)
    .from(models)
    .where(eq(models.name, sql.placeholder('name')))
    .prepare('registered_model_by_name'),
);
const latestOfModel = prepared((db) =>
  selectVersions(db)
    .where(
      and(
        eq(models.name, sql.placeholder('name')),
        sql`model_versions.version in (select max(v.version) from model_versions v
          where v.model_id = (select m.id from models m where m.name = ${sql.placeholder('name')})
            and v.deleted_at is null group by v.stage)`,
      ),
    )
    .orderBy(desc(modelVersions.version))
    .prepare('latest_versions_of_model'),
);

export async function findRegisteredModel(db: Db, name: string): Promise<RegisteredModel | undefined> {
  const [[model], latest] = await Promise.all([modelByName(db, { name }), latestOfModel(db, { name })]);
  return model && { ...model, latest };
}

const selectVersions = (db: Db) =>
  db.select(versionColumns).from(modelVersions).innerJoin(models, eq(models.id, modelVersions.modelId)).$dynamic();

const alive = isNull(modelVersions.deletedAt);

/** Versions of any models with tags and aliases: one statement. */
export async function listModelVersions(db: Db, { where, order, limit, offset }: Window): Promise<ModelVersion[]> {
  return selectVersions(db)
    .where(and(alive, where))
    .orderBy(...order)
    .limit(limit)
    .offset(offset);
}

const versionByNumber = prepared((db) =>
  selectVersions(db)
    .where(and(alive, eq(models.name, sql.placeholder('name')), eq(modelVersions.version, sql.placeholder('version'))))
    .prepare('model_version_by_number'),
);

export async function findModelVersion(db: Db, name: string, version: number): Promise<ModelVersion | undefined> {
  const [row] = await versionByNumber(db, { name, version });
  return row;
}

const versionByAlias = prepared((db) =>
  selectVersions(db)
    .innerJoin(
      modelAliases,
      and(eq(modelAliases.modelId, modelVersions.modelId), eq(modelAliases.version, modelVersions.version)),
    )
    .where(and(alive, eq(models.name, sql.placeholder('name')), eq(modelAliases.alias, sql.placeholder('alias'))))
    .prepare('model_version_by_alias'),
);

export async function findByAlias(db: Db, name: string, alias: string): Promise<ModelVersion | undefined> {
  const [row] = await versionByAlias(db, { name, alias });
  return row;
}
