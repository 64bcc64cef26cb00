import type { Db } from '../../../db/client.ts';
import { KeptTexts } from '../../base/kept-texts.ts';
import { modelMessage, type RegisteredModel, versionMessage } from '../wire.ts';
import {
  findAliasRow,
  findModelRow,
  findModelStamp,
  findVersionRow,
  type ModelRow,
  type ModelStamp,
  readModels,
  readVersions,
  type VersionRow,
  type VersionStamp,
} from './rows.ts';

/**
 * The protocol's messages of models and versions as text. Gathering tags, aliases and latest versions costs many times
 * what finding the model costs, and what is read a thousand times was changed once: a text is made once for each
 * revision of its model, and every read asks the database which model has that name and which revision it is of.
 */
const KEPT_CHARACTERS = 32 * 1024 * 1024;
const kept = new KeptTexts(KEPT_CHARACTERS);
/** Read at once on a miss: the longest page takes its memory for the texts alone, not for the rows. */
const READ_AT_ONCE = 1_000;

/** What was asked for, as the name of its text. */
const ofModel = (name: string): string => `model/${name}`;
const ofVersion = (name: string, version: number): string => `${version}/${name}`;
const ofAlias = (name: string, alias: string): string => `@${alias}/${name}`;

/**
 * The text of one thing that belongs to the model of a name: one look at the model where a text is kept that may still
 * hold, else one read of everything. Either begins before this function returns, so that it travels with the look at who asks.
 */
async function textOf<R extends ModelStamp>(
  db: Db,
  asked: string,
  name: string,
  read: () => Promise<R | undefined>,
  messageOf: (row: R) => object,
): Promise<string | undefined> {
  if (kept.has(asked)) {
    const stamp = await findModelStamp(db, name);
    const text = stamp && keptText(asked, stamp);
    if (text !== undefined || !stamp) return text;
  }
  const row = await read();
  return row && keep(asked, row, messageOf(row));
}

function keptText(asked: string, { id, revision }: ModelStamp): string | undefined {
  return revision === null ? undefined : kept.get(asked, { id, revision });
}

function keep(asked: string, { id, revision }: ModelStamp, message: object): string {
  const text = JSON.stringify(message);
  if (revision !== null) kept.set(asked, { id, revision }, text);
  return text;
}

export const findModelText = (db: Db, name: string): Promise<string | undefined> =>
  textOf(db, ofModel(name), name, () => findModelRow(db, name), modelMessage);

export const findVersionText = (db: Db, name: string, version: number): Promise<string | undefined> =>
  textOf(db, ofVersion(name, version), name, () => findVersionRow(db, name, version), versionMessage);

export const findAliasText = (db: Db, name: string, alias: string): Promise<string | undefined> =>
  textOf(db, ofAlias(name, alias), name, () => findAliasRow(db, name, alias), versionMessage);

/** One registered model with its latest versions, read anew. */
export const findRegisteredModel = (db: Db, name: string): Promise<RegisteredModel | undefined> =>
  findModelRow(db, name);

/** What a page is a list of: how its texts are named, where it is read, and what is said of it. */
type Kind<S extends ModelStamp, R extends S> = {
  askedFor: (stamp: S) => string;
  read: (db: Db, missing: S[]) => Promise<R[]>;
  messageOf: (row: R) => object;
};

const models: Kind<ModelStamp, ModelRow> = {
  askedFor: ({ name }) => ofModel(name),
  read: readModels,
  messageOf: modelMessage,
};

const versions: Kind<VersionStamp, VersionRow> = {
  askedFor: ({ name, version }) => ofVersion(name, version),
  read: readVersions,
  messageOf: versionMessage,
};

/** The texts in the order of their stamps; what was deleted or renamed meanwhile is left out. */
async function textsOf<S extends ModelStamp, R extends S>(db: Db, kind: Kind<S, R>, stamps: S[]): Promise<string[]> {
  const texts = stamps.map((stamp) => keptText(kind.askedFor(stamp), stamp));
  const missing = stamps.filter((_, i) => texts[i] === undefined);
  if (missing.length === 0) return texts as string[];
  const read = new Map<string, string>();
  for (let from = 0; from < missing.length; from += READ_AT_ONCE) {
    for (const row of await kind.read(db, missing.slice(from, from + READ_AT_ONCE))) {
      const asked = kind.askedFor(row);
      read.set(asked, keep(asked, row, kind.messageOf(row)));
    }
  }
  return stamps.flatMap((stamp, i) => texts[i] ?? read.get(kind.askedFor(stamp)) ?? []);
}

export const modelTexts = (db: Db, stamps: ModelStamp[]): Promise<string[]> => textsOf(db, models, stamps);
export const versionTexts = (db: Db, stamps: VersionStamp[]): Promise<string[]> => textsOf(db, versions, stamps);
