import type { Db } from '../../../db/client.ts';
import type { KeyedRead } from '../../../db/keyed-reads.ts';
import { KeptTexts } from '../../base/kept-texts.ts';
import type { ModelMessage } from '../wire.ts';
import {
  findModelStamp,
  type ModelStamp,
  readAlias,
  readModel,
  readModels,
  readVersion,
  readVersions,
  type Told,
  type VersionStamp,
} from './rows.ts';

/**
 * The protocol's messages of models and versions as text. Gathering tags, aliases and latest versions costs many times
 * what finding the model costs, and what is read a thousand times was changed once: a text is made once for each
 * revision of its model, and every read asks the database which model has that name and which revision it is of.
 */
const KEPT_CHARACTERS = 32 * 1024 * 1024;
const kept = new KeptTexts(KEPT_CHARACTERS);
/** So few are read by key, with what others ask for in the same moment; a page of many has a statement of its own. */
const FEW = 10;
/** Read at once on a miss: the longest page takes its memory for the texts alone, not for the rows. */
const READ_AT_ONCE = 1_000;

/** What was asked for, as the name of its text. */
const ofModel = (name: string): string => `model/${name}`;
const ofVersion = (name: string, version: number): string => `${version}/${name}`;
const ofAlias = (name: string, alias: string): string => `@${alias}/${name}`;
const ofVersions = (name: string): string => `versions/${name}`;

/**
 * The text of one thing that belongs to the model of a name: one look at the model where a text is kept that may still
 * hold, else one read of everything. Either begins before this function returns, so that it travels with the look at who asks.
 */
async function textOf(
  db: Db,
  asked: string,
  name: string,
  read: () => Promise<Told | undefined>,
): Promise<string | undefined> {
  if (kept.has(asked)) {
    const stamp = await findModelStamp(db, name);
    const text = stamp && keptText(asked, stamp);
    if (text !== undefined || !stamp) return text;
  }
  const told = await read();
  return told && keep(asked, told);
}

function keptText(asked: string, { id, revision }: Pick<ModelStamp, 'id' | 'revision'>): string | undefined {
  return revision === null ? undefined : kept.get(asked, { id, revision });
}

function keep(asked: string, { id, revision, text }: Told): string {
  if (revision !== null) kept.set(asked, { id, revision }, text);
  return text;
}

export const findModelText = (db: Db, name: string): Promise<string | undefined> =>
  textOf(db, ofModel(name), name, () => readModel(db, name));

export const findVersionText = (db: Db, name: string, version: number): Promise<string | undefined> =>
  textOf(db, ofVersion(name, version), name, () => readVersion(db, name, version));

export const findAliasText = (db: Db, name: string, alias: string): Promise<string | undefined> =>
  textOf(db, ofAlias(name, alias), name, () => readAlias(db, name, alias));

/** Messages of the versions of a model in one text, as `read` finds them. */
export const findVersionTexts = (db: Db, name: string, read: KeyedRead<Told>): Promise<string | undefined> =>
  textOf(db, ofVersions(name), name, () => read(db, name));

/** One registered model with its latest versions, as its message says. */
export async function findModelMessage(db: Db, name: string): Promise<ModelMessage | undefined> {
  const text = await findModelText(db, name);
  return text === undefined ? undefined : (JSON.parse(text) as ModelMessage);
}

/** What a page is a list of: how its texts are named, and where they are read, one by key or many. */
type Kind<S extends ModelStamp> = {
  askedFor: (stamp: S) => string;
  readOne: (db: Db, missing: S) => Promise<Told | undefined>;
  readMany: (db: Db, missing: S[]) => Promise<(S & Told)[]>;
};

const models: Kind<ModelStamp> = {
  askedFor: ({ name }) => ofModel(name),
  readOne: (db, { name }) => readModel(db, name),
  readMany: readModels,
};

const versions: Kind<VersionStamp> = {
  askedFor: ({ name, version }) => ofVersion(name, version),
  readOne: (db, { name, version }) => readVersion(db, name, version),
  readMany: readVersions,
};

/** The texts in the order of their stamps; what was deleted or renamed meanwhile is left out. */
async function textsOf<S extends ModelStamp>(db: Db, kind: Kind<S>, stamps: S[]): Promise<string[]> {
  const { askedFor } = kind;
  const texts = stamps.map((stamp) => keptText(askedFor(stamp), stamp));
  const missing = stamps.filter((_, i) => texts[i] === undefined);
  if (missing.length === 0) return texts as string[];
  const found = new Map<string, string>();
  const note = (asked: string, told: Told) => found.set(asked, keep(asked, told));
  if (missing.length <= FEW) {
    const one = async (stamp: S) => {
      const told = await kind.readOne(db, stamp);
      if (told) note(askedFor(stamp), told);
    };
    await Promise.all(missing.map(one));
  } else {
    for (let from = 0; from < missing.length; from += READ_AT_ONCE)
      for (const told of await kind.readMany(db, missing.slice(from, from + READ_AT_ONCE))) note(askedFor(told), told);
  }
  return stamps.flatMap((stamp, i) => texts[i] ?? found.get(askedFor(stamp)) ?? []);
}

export const modelTexts = (db: Db, stamps: ModelStamp[]): Promise<string[]> => textsOf(db, models, stamps);
export const versionTexts = (db: Db, stamps: VersionStamp[]): Promise<string[]> => textsOf(db, versions, stamps);
