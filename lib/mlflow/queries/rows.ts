import { type Db, statement } from '../../../db/client.ts';
import { keyedRead } from '../../../db/keyed-reads.ts';
import { numbered, type Piece, piece } from '../../../db/sql-pieces.ts';
import type { ModelVersion, RegisteredModel } from '../wire.ts';

/** A model and the length of its trail, which every command that changes it or what hangs on it moves on; null without one. */
export type ModelStamp = { id: string; name: string; revision: number | null };
export type VersionStamp = ModelStamp & { version: number };
export type Window = { where: Piece; order: string; limit: number; offset: number };

export type ModelRow = RegisteredModel & ModelStamp;
export type VersionRow = ModelVersion & VersionStamp;

// A sub-select, not a join: it is asked for the rows of the page alone, after they were sorted.
const REVISION = '(select h.position from audit_heads h where h.stream = models.id::text)';

/** Members of a version as JSON, of a row of `model_versions` and of `models`. */
const VERSION = `'name', models.name, 'version', model_versions.version, 'description', model_versions.description,
  'source', model_versions.source, 'location', model_versions.location, 'runId', model_versions.run_id,
  'runLink', model_versions.run_link, 'loggedModelId', model_versions.logged_model_id, 'stage', model_versions.stage,
  'createdAt', model_versions.created_at, 'updatedAt', model_versions.updated_at,
  'tags', (select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key) from version_tags t
    where t.model_id = model_versions.model_id and t.version = model_versions.version),
  'aliases', (select json_agg(a.alias order by a.alias) from model_aliases a
    where a.model_id = model_versions.model_id and a.version = model_versions.version)`;
const VERSION_ROW = `json_build_object('id', models.id, 'revision', ${REVISION}, ${VERSION})`;

/** A row of `models` as JSON; `latest` is the highest version of each stage. */
const MODEL_ROW = `json_build_object('id', models.id, 'revision', ${REVISION}, 'name', models.name,
  'description', models.description, 'createdAt', models.created_at, 'updatedAt', models.updated_at,
  'tags', (select json_agg(json_build_object('key', t.key, 'value', t.value) order by t.key) from model_tags t
    where t.model_id = models.id),
  'aliases', (select json_agg(json_build_object('alias', a.alias, 'version', a.version::text) order by a.alias)
    from model_aliases a where a.model_id = models.id),
  'latest', (select json_agg(json_build_object(${VERSION}) order by model_versions.version desc) from model_versions
    where model_versions.model_id = models.id and model_versions.version in (select max(v.version)
      from model_versions v where v.model_id = models.id and v.deleted_at is null group by v.stage)))`;

const OF_MODEL = 'model_versions join models on models.id = model_versions.model_id';
const ALIVE = 'model_versions.deleted_at is null';

/** As JSON tells it: moments are text, and no list is empty. */
type Told<T> = { [K in keyof T]: T[K] extends Date ? string : T[K] extends unknown[] ? T[K] | null : T[K] };
type ToldVersion = Told<ModelVersion>;
type ToldVersionRow = ToldVersion & Pick<ModelStamp, 'id' | 'revision'>;
type ToldModelRow = Told<Omit<ModelRow, 'latest'>> & { latest: ToldVersion[] | null };

const commonOfJson = <T, A>({
  createdAt,
  updatedAt,
  tags,
  aliases,
}: {
  createdAt: string;
  updatedAt: string;
  tags: T[] | null;
  aliases: A[] | null;
}) => ({ createdAt: new Date(createdAt), updatedAt: new Date(updatedAt), tags: tags ?? [], aliases: aliases ?? [] });

const versionOfJson = (told: ToldVersion): ModelVersion => ({ ...told, ...commonOfJson(told) });

const versionRowOfJson = ({ id, revision, ...told }: ToldVersionRow): VersionRow => ({
  ...versionOfJson(told),
  id,
  revision,
});

const modelRowOfJson = (told: ToldModelRow): ModelRow => ({
  ...told,
  ...commonOfJson(told),
  latest: (told.latest ?? []).map(versionOfJson),
});

const modelsByName = keyedRead<ToldModelRow>(
  `select models.name as key, ${MODEL_ROW} as answer from models where models.name = any($keys)`,
);

/** A registered model with tags, aliases and latest versions. */
export async function findModelRow(db: Db, name: string): Promise<ModelRow | undefined> {
  const told = await modelsByName(db, name);
  return told && modelRowOfJson(told);
}

/** Keys of two parts: what comes before the first slash, and the model's name. */
const ASKED = 'unnest($keys) asked (key)';
const NAMED = "models.name = substr(asked.key, strpos(asked.key, '/') + 1)";
const NUMBERED = "model_versions.version = split_part(asked.key, '/', 1)::integer";

const versionsByNumber = keyedRead<ToldVersionRow>(
  `select asked.key, ${VERSION_ROW} as answer from ${ASKED} join models on ${NAMED}
    join model_versions on model_versions.model_id = models.id and ${NUMBERED} and ${ALIVE}`,
);

export async function findVersionRow(db: Db, name: string, version: number): Promise<VersionRow | undefined> {
  const told = await versionsByNumber(db, `${version}/${name}`);
  return told && versionRowOfJson(told);
}

const versionsByAlias = keyedRead<ToldVersionRow>(
  `select asked.key, ${VERSION_ROW} as answer from ${ASKED} join models on ${NAMED}
    join model_aliases held on held.model_id = models.id and held.alias = split_part(asked.key, '/', 1)
    join model_versions on model_versions.model_id = models.id and model_versions.version = held.version and ${ALIVE}`,
);

export async function findAliasRow(db: Db, name: string, alias: string): Promise<VersionRow | undefined> {
  // No alias holds a slash, and the key of this one would be that of another model.
  const told = alias.includes('/') ? undefined : await versionsByAlias(db, `${alias}/${name}`);
  return told && versionRowOfJson(told);
}

const locations = keyedRead<string>(
  `select asked.key, to_json(model_versions.location) as answer from ${ASKED} join models on ${NAMED}
    join model_versions on model_versions.model_id = models.id and ${NUMBERED} and ${ALIVE}`,
);

/** Where a version's files are said to be. */
export const findLocation = (db: Db, name: string, version: number): Promise<string | undefined> =>
  locations(db, `${version}/${name}`);

const stamps = keyedRead<Omit<ModelStamp, 'name'>>(
  `select models.name as key, json_build_object('id', models.id, 'revision', ${REVISION}) as answer from models
    where models.name = any($keys)`,
);

export async function findModelStamp(db: Db, name: string): Promise<ModelStamp | undefined> {
  const stamp = await stamps(db, name);
  return stamp && { ...stamp, name };
}

// Out of a sub-select, the server does not know the length of an array: it would plan anew for each, which costs more than
// the rows, and takes it for short, so that rows are looked up by key.
const modelsById = statement<{ row: ToldModelRow }>(
  `select ${MODEL_ROW} as row from unnest((select $1::uuid[])) asked (id) join models on models.id = asked.id`,
);

/** The models of a page, in no order. */
export async function readModels(db: Db, wanted: ModelStamp[]): Promise<ModelRow[]> {
  const rows = await modelsById(db, [wanted.map(({ id }) => id)]);
  return rows.map(({ row }) => modelRowOfJson(row));
}

const versionsById = statement<{ row: ToldVersionRow }>(
  `select ${VERSION_ROW} as row from unnest((select $1::uuid[]), (select $2::integer[])) asked (id, version)
    join model_versions on model_versions.model_id = asked.id and model_versions.version = asked.version
    join models on models.id = model_versions.model_id`,
);

/** The versions of a page, in no order. */
export async function readVersions(db: Db, wanted: VersionStamp[]): Promise<VersionRow[]> {
  const rows = await versionsById(db, [wanted.map(({ id }) => id), wanted.map(({ version }) => version)]);
  return rows.map(({ row }) => versionRowOfJson(row));
}

/** What is on a page of models. */
export const modelStamps = (window: Window): Piece =>
  page(`select models.id, models.name, ${REVISION} as revision from models where`, window);

/** What is on a page of versions, deleted ones left out. */
export const versionStamps = (window: Window): Piece =>
  page(
    `select models.id, models.name, model_versions.version, ${REVISION} as revision from ${OF_MODEL} where ${ALIVE} and`,
    window,
  );

/**
 * The limit is part of the text: a plan made for any limit sorts everything, where one for a hundred rows walks an index
 * and stops. Few sizes are ever asked for.
 */
function page(select: string, { where, order, limit, offset }: Window): Piece {
  const end = `order by ${order} limit ${limit}${offset > 0 ? ' offset ?' : ''}`;
  return piece(`${select} ${where.text} ${end}`, ...where.values, ...(offset > 0 ? [offset] : []));
}

/** The rows of a page as one text: of a hundred, the driver's reading of each takes as long as finding them. */
export async function readStamps<S extends ModelStamp>(db: Db, { text, values }: Piece): Promise<S[]> {
  const [row] = await statement<{ rows: S[] | null }>(`select json_agg(found) as rows from (${numbered(text)}) found`)(
    db,
    values,
  );
  return row?.rows ?? [];
}
