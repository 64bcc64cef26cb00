import type { Db } from '../../../db/client.ts';
import { KeptTexts } from '../../base/kept-texts.ts';
import { type ModelVersion, modelMessage, type RegisteredModel, versionMessage } from '../wire.ts';
import {
  findAliasStamp,
  findModelStamp,
  findVersionStamp,
  type ModelStamp,
  readModels,
  readVersions,
  type VersionStamp,
} from './rows.ts';

/**
 * The protocol's messages of models and versions as text. Gathering tags, aliases and latest versions costs many times
 * what finding the rows costs, and what is read a thousand times was changed once: a text is made once for each revision
 * of its model, and every read asks the database which revision that is.
 */
const KEPT_CHARACTERS = 32 * 1024 * 1024;
const kept = new KeptTexts(KEPT_CHARACTERS);
/** Read at once on a miss: the longest page takes its memory for the texts alone, not for the rows. */
const READ_AT_ONCE = 1_000;

/** What is told of: how its texts are named, where it is read, and what is said of it. */
type Kind<S extends ModelStamp, R extends S> = {
  keyOf: (stamp: S) => string;
  read: (db: Db, missing: S[]) => Promise<R[]>;
  messageOf: (row: R) => object;
};

const ofModels: Kind<ModelStamp, RegisteredModel & ModelStamp> = {
  keyOf: ({ id }) => id,
  read: (db, missing) =>
    readModels(
      db,
      missing.map(({ id }) => id),
    ),
  messageOf: modelMessage,
};

const ofVersions: Kind<VersionStamp, ModelVersion & VersionStamp> = {
  keyOf: ({ id, version }) => `${id}/${version}`,
  read: readVersions,
  messageOf: versionMessage,
};

/** The texts in the order of their stamps; what was deleted meanwhile is left out. */
async function textsOf<S extends ModelStamp, R extends S>(db: Db, kind: Kind<S, R>, stamps: S[]): Promise<string[]> {
  const texts = new Map<S, string | undefined>(
    stamps.map((stamp) => [stamp, stamp.revision === null ? undefined : kept.get(kind.keyOf(stamp), stamp.revision)]),
  );
  const missing = stamps.filter((stamp) => texts.get(stamp) === undefined);
  for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
    const wanted = missing.slice(from, from + READ_AT_ONCE);
    const read = new Map((await kind.read(db, wanted)).map((row) => [kind.keyOf(row), row]));
    for (const stamp of wanted) {
      const key = kind.keyOf(stamp);
      const row = read.get(key);
      if (!row) continue;
      const text = JSON.stringify(kind.messageOf(row));
      texts.set(stamp, text);
      if (row.revision !== null) kept.set(key, row.revision, text);
    }
  }
  return stamps.flatMap((stamp) => texts.get(stamp) ?? []);
}

export const modelTexts = (db: Db, stamps: ModelStamp[]): Promise<string[]> => textsOf(db, ofModels, stamps);
export const versionTexts = (db: Db, stamps: VersionStamp[]): Promise<string[]> => textsOf(db, ofVersions, stamps);

export async function findModelText(db: Db, name: string): Promise<string | undefined> {
  const stamp = await findModelStamp(db, name);
  return stamp && (await modelTexts(db, [stamp]))[0];
}

export async function findVersionText(db: Db, name: string, version: number): Promise<string | undefined> {
  const stamp = await findVersionStamp(db, name, version);
  return stamp && (await versionTexts(db, [stamp]))[0];
}

export async function findAliasText(db: Db, name: string, alias: string): Promise<string | undefined> {
  const stamp = await findAliasStamp(db, name, alias);
  return stamp && (await versionTexts(db, [stamp]))[0];
}

/** One registered model with its latest versions, read anew. */
export async function findRegisteredModel(db: Db, name: string): Promise<RegisteredModel | undefined> {
  const stamp = await findModelStamp(db, name);
  return stamp && (await readModels(db, [stamp.id]))[0];
}
