import { type Db, statement } from '../../../db/client.ts';
import { type KeyedRead, keyedRead } from '../../../db/keyed-reads.ts';
import { type Found, SNAPSHOT } from '../../../db/snapshot.ts';
import { numbered, type Piece, piece } from '../../../db/sql-pieces.ts';

/** A model and the length of its trail, which every command that changes it or what hangs on it moves on; null without one. */
export type ModelStamp = { id: string; name: string; revision: number | null };
export type VersionStamp = ModelStamp & { version: number };
export type Window = { where: Piece; order: string; limit: number; offset: number };

/** The protocol's message of something, as JSON text, and of which revision of its model. */
export type Told = Pick<ModelStamp, 'id' | 'revision'> & { text: string };

// A sub-select, not a join: it is asked for the rows of the page alone, after they were sorted.
const REVISION = '(select h.position from audit_heads h where h.stream = models.id::text)';

const millis = (column: string): string => `(extract(epoch from ${column}) * 1000)::bigint`;
/** Rows as one text with commas between: of an array, whose rows come from the index in their order, and no sort is begun. */
const strung = (item: string, rows: string): string => `array_to_string(array(select ${item} ${rows}), ',')`;
/** A list as JSON text, null when it is empty. */
const listed = (item: string, rows: string): string => `nullif('[' || ${strung(item, rows)} || ']', '[]')`;

/**
 * An object as JSON text, in SQL: what Postgres has made into text needs no reading and writing on the way to the client.
 * `optional` members are left out where they are null.
 */
function object(members: Record<string, string>, optional: Record<string, string> = {}): string {
  const always = Object.entries(members).map(([name, value], i) => `'${i === 0 ? '{' : ','}"${name}":' || ${value}`);
  const sometimes = Object.entries(optional).map(([name, value]) => `coalesce(',"${name}":' || ${value}, '')`);
  return [...always, ...sometimes, "'}'"].join(' || ');
}

const TAG = object({ key: 'to_json(t.key)', value: 'to_json(t.value)' });

/** The message of a row of `model_versions` and of `models`. READY at once: with any other status the client waits for minutes. */
const VERSION = object(
  {
    name: 'to_json(models.name)',
    version: `'"' || model_versions.version || '"'`,
    creation_timestamp: millis('model_versions.created_at'),
    last_updated_timestamp: millis('model_versions.updated_at'),
    user_id: 'to_json(model_versions.created_by)',
    current_stage: 'to_json(model_versions.stage)',
    description: 'to_json(model_versions.description)',
    source: 'to_json(model_versions.source)',
    run_id: 'to_json(model_versions.run_id)',
    status: `'"READY"'`,
    run_link: 'to_json(model_versions.run_link)',
  },
  {
    model_id: 'to_json(model_versions.logged_model_id)',
    tags: listed(
      TAG,
      `from version_tags t where t.model_id = model_versions.model_id and t.version = model_versions.version
        order by t.key`,
    ),
    aliases: listed(
      'to_json(a.alias)',
      `from model_aliases a where a.model_id = model_versions.model_id and a.version = model_versions.version
        order by a.alias`,
    ),
  },
);

/** The message of a row of `models`; the latest versions are the highest of each stage. */
const MODEL = object(
  {
    name: 'to_json(models.name)',
    creation_timestamp: millis('models.created_at'),
    last_updated_timestamp: millis('models.updated_at'),
  },
  {
    description: "to_json(nullif(models.description, ''))",
    latest_versions: listed(
      VERSION,
      `from model_versions where model_versions.model_id = models.id and model_versions.version = any(array(
          select distinct on (v.stage) v.version from model_versions v where v.model_id = models.id and v.deleted_at is null
            order by v.stage, v.version desc))
        order by model_versions.version desc`,
    ),
    tags: listed(TAG, 'from model_tags t where t.model_id = models.id order by t.key'),
    aliases: listed(
      object({ alias: 'to_json(a.alias)', version: `'"' || a.version || '"'` }),
      'from model_aliases a where a.model_id = models.id order by a.alias',
    ),
  },
);

/** A message with its stamp before it, one space after each part: as JSON, its every quote would be escaped and read again. */
const stamped = (message: string): string => `models.id || ' ' || coalesce(${REVISION}::text, '') || ' ' || ${message}`;
const ID_LENGTH = 36;

function toldOf(stampedText: string): Told {
  const end = stampedText.indexOf(' ', ID_LENGTH + 1);
  const revision = stampedText.slice(ID_LENGTH + 1, end);
  return {
    id: stampedText.slice(0, ID_LENGTH),
    revision: revision === '' ? null : Number(revision),
    text: stampedText.slice(end + 1),
  };
}

const OF_MODEL = 'model_versions join models on models.id = model_versions.model_id';
const ALIVE = 'model_versions.deleted_at is null';

/** A registered model with tags, aliases and latest versions. */
export const readModel = keyedRead<Told>(
  `select models.name as key, ${stamped(MODEL)} as answer from models where models.name = any($keys)`,
  toldOf,
);

/** Keys of two parts: what comes before the first slash, and the model's name. */
const ASKED = 'unnest($keys) asked (key)';
const NAMED = "models.name = substr(asked.key, strpos(asked.key, '/') + 1)";
/** Fenced by its limit: joined to the list of keys, the planner would read all versions of the model and leave out the others. */
const NUMBERED = `cross join lateral (select * from model_versions v
  where v.model_id = models.id and v.version = split_part(asked.key, '/', 1)::integer and v.deleted_at is null
  limit 1) model_versions`;

const versionsByNumber = keyedRead<Told>(
  `select asked.key, ${stamped(VERSION)} as answer from ${ASKED} join models on ${NAMED} ${NUMBERED}`,
  toldOf,
);

export const readVersion = (db: Db, name: string, version: number): Promise<Told | undefined> =>
  versionsByNumber(db, `${version}/${name}`);

const versionsByAlias = keyedRead<Told>(
  `select asked.key, ${stamped(VERSION)} as answer from ${ASKED} join models on ${NAMED}
    join model_aliases held on held.model_id = models.id and held.alias = split_part(asked.key, '/', 1)
    join model_versions on model_versions.model_id = models.id and model_versions.version = held.version and ${ALIVE}`,
  toldOf,
);

export async function readAlias(db: Db, name: string, alias: string): Promise<Told | undefined> {
  // No alias holds a slash, and the key of this one would be that of another model.
  return alias.includes('/') ? undefined : versionsByAlias(db, `${alias}/${name}`);
}

/** A model with more versions is not read by key: whoever asks in the same moment would wait for it. */
export const VERSIONS_BY_KEY_MAX = 32;

/**
 * The messages of all versions of the model that has a name, with commas between; of a model with many, nothing.
 * @param where what else is true of them
 */
export const versionsOfModel = (where: string, order: string): KeyedRead<Told> =>
  keyedRead(
    `select models.name as key, ${stamped(
      strung(
        VERSION,
        `from model_versions where model_versions.model_id = models.id and ${ALIVE} and ${where} order by ${order}`,
      ),
    )} as answer from models where models.name = any($keys) and models.last_version <= ${VERSIONS_BY_KEY_MAX}`,
    toldOf,
  );

/**
 * The messages of the versions that a run made, with commas between; of a run that made many, nothing.
 * @param where what else is true of them
 */
export const versionsOfRun = (where: string, order: string): KeyedRead<string> =>
  keyedRead(
    `select asked.key, ${strung(
      VERSION,
      `from unnest(made.models, made.versions) told (id, version)
        join model_versions on model_versions.model_id = told.id and model_versions.version = told.version
        join models on models.id = told.id where ${where} order by ${order}`,
    )} as answer from ${ASKED} cross join lateral (
        select array_agg(v.model_id) as models, array_agg(v.version) as versions from (
          select v.model_id, v.version from model_versions v
            where v.run_id = asked.key and v.run_id <> '' and v.deleted_at is null limit ${VERSIONS_BY_KEY_MAX + 1}) v) made
      where coalesce(cardinality(made.models), 0) <= ${VERSIONS_BY_KEY_MAX}`,
    (text) => text,
  );

/** A tag that more models bear is not read by key, for the same reason. */
export const MODELS_BY_KEY_MAX = 10;

/**
 * The messages of the models that bear a tag, ordered by name, with commas between; of a tag that many bear, nothing. Fenced
 * by its offset: the list of ids would be made anew wherever it is named.
 * @param where what else is true of them
 */
export function modelsOfTag(where: string): (db: Db, key: string, value: string) => Promise<string | undefined> {
  const read = keyedRead<string>(
    `select asked.key, ${strung(MODEL, `from models where models.id = any(borne.ids) and ${where} order by models.name`)} as answer
      from (select key, strpos(key, '=') as sign from ${ASKED}) asked cross join lateral (
        select array(select t.model_id from model_tags t where t.key = left(asked.key, asked.sign - 1)
          and left(t.value, 200) = left(substr(asked.key, asked.sign + 1), 200) and t.value = substr(asked.key, asked.sign + 1)
          limit ${MODELS_BY_KEY_MAX + 1}) as ids offset 0) borne
      where cardinality(borne.ids) <= ${MODELS_BY_KEY_MAX}`,
    (text) => text,
  );
  // No tag's key holds the sign, and what is asked for would be taken for the tag of another key.
  return async (db, key, value) => (key.includes('=') ? undefined : read(db, `${key}=${value}`));
}

const locations = keyedRead<string>(
  `select asked.key, model_versions.location as answer from ${ASKED} join models on ${NAMED} ${NUMBERED}`,
  (location) => location,
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

export type ToldModel = Told & { name: string };
export type ToldVersion = ToldModel & { version: number };

// Out of a sub-select, the server does not know the length of an array: it would plan anew for each, which costs more than
// the rows, and takes it for short, so that rows are looked up by key.
const modelsById = statement<{ name: string; told: string }>(
  `select models.name, ${stamped(MODEL)} as told from unnest((select $1::uuid[])) asked (id)
    join models on models.id = asked.id`,
);

/** The models of a page, in no order. */
export async function readModels(db: Db, wanted: ModelStamp[]): Promise<ToldModel[]> {
  const rows = await modelsById(db, [wanted.map(({ id }) => id)]);
  return rows.map(({ name, told }) => ({ name, ...toldOf(told) }));
}

const versionsById = statement<{ name: string; version: number; told: string }>(
  `select models.name, model_versions.version, ${stamped(VERSION)} as told
    from unnest((select $1::uuid[]), (select $2::integer[])) asked (id, version)
    join model_versions on model_versions.model_id = asked.id and model_versions.version = asked.version
    join models on models.id = model_versions.model_id`,
);

/** The versions of a page, in no order. */
export async function readVersions(db: Db, wanted: VersionStamp[]): Promise<ToldVersion[]> {
  const rows = await versionsById(db, [wanted.map(({ id }) => id), wanted.map(({ version }) => version)]);
  return rows.map(({ name, version, told }) => ({ name, version, ...toldOf(told) }));
}

export type Few = { texts: string | null };

/**
 * The messages of the models whose name matches a pattern, ordered by name, with commas between; null where many match.
 * It is planned once for all patterns: planning costs twice what finding them does. Fenced by what is materialized: with
 * the limit in sight the planner would rather read the table until it has come by enough.
 * @param where what else is true of them
 */
export const fewModels = (matching: Piece, where: string): Piece =>
  piece(
    `with hit as materialized (select models.id from models where ${matching.text})
      select case when cardinality(few.ids) <= ${MODELS_BY_KEY_MAX} then
        ${strung(MODEL, `from models where models.id = any(few.ids) and ${where} order by models.name`)} end as texts
      from (select array(select id from hit limit ${MODELS_BY_KEY_MAX + 1}) as ids offset 0) few`,
    ...matching.values,
  );

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
export async function readStamps(db: Db, { text, values }: Piece): Promise<Found> {
  const [row] = await statement<{ rows: unknown[] | null; snapshot: string }>(
    `select json_agg(found) as rows, ${SNAPSHOT} as snapshot from (${numbered(text)}) found`,
  )(db, values);
  return { rows: row?.rows ?? [], snapshot: row?.snapshot ?? '' };
}
