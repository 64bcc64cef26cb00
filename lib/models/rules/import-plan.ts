import { canonicalJson } from '../../base/canonical-json.ts';
import type { ImportModel, ImportReport } from '../schema.ts';

type Conflict = ImportReport['conflicts'][number];
type OfferedVersion = ImportModel['versions'][number];

/** What is held of the model here. `deleted` are numbers that were given once and deleted. */
export type Held = {
  description: string | null;
  tags: Readonly<Record<string, string>>;
  aliases: Readonly<Record<string, number>>;
  versions: ReadonlyMap<number, HeldVersion>;
  deleted: ReadonlySet<number>;
};
export type HeldVersion = {
  source: string;
  runId: string;
  runLink: string;
  description: string;
  stage: string;
  tags: Readonly<Record<string, string>>;
};

export type ImportPlan = {
  description: string | null;
  tags: Record<string, string>;
  aliases: Record<string, number>;
  versions: OfferedVersion[];
  versionTags: { version: number; key: string; value: string }[];
  conflicts: Conflict[];
};

/** What of the offer is missing here, and what of it differs from what is held: the first is added, the second only told. */
export function planImport(held: Held, offered: ImportModel): ImportPlan {
  const conflicts: Conflict[] = [];
  const tell = (what: string, had: unknown, wanted: unknown): void =>
    void conflicts.push({ what, held: shown(had), offered: shown(wanted) });
  const missing = <T>(
    what: string,
    have: Readonly<Record<string, T>>,
    want: Readonly<Record<string, T>>,
  ): [string, T][] =>
    Object.entries(want).filter(([key, value]) => {
      const here = Object.hasOwn(have, key) ? have[key] : undefined;
      if (here !== undefined && here !== value) tell(`${what} ${key}`, here, value);
      return here === undefined;
    });
  if (offered.description && held.description && held.description !== offered.description)
    tell('description', held.description, offered.description);
  const versionTags: ImportPlan['versionTags'] = [];
  const versions = offered.versions.filter((version) => {
    const what = `version ${version.version}`;
    if (held.deleted.has(version.version)) tell(what, 'deleted', version.source);
    if (held.deleted.has(version.version)) return false;
    const here = held.versions.get(version.version);
    if (!here) return true;
    for (const field of ['source', 'runId', 'runLink', 'description', 'stage'] as const)
      if (here[field] !== version[field]) tell(`${what} ${field}`, here[field], version[field]);
    for (const [key, value] of missing(`${what} tag`, here.tags, version.tags))
      versionTags.push({ version: version.version, key, value });
    return false;
  });
  const known = new Set([...held.versions.keys(), ...versions.map(({ version }) => version)]);
  const aliases = missing('alias', held.aliases, offered.aliases).filter(([alias, version]) => {
    if (!known.has(version)) tell(`alias ${alias}`, 'no such version', version);
    return known.has(version);
  });
  return {
    description: held.description ?? offered.description ?? null,
    tags: Object.fromEntries(missing('tag', held.tags, offered.tags)),
    aliases: Object.fromEntries(aliases),
    versions,
    versionTags,
    conflicts,
  };
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : canonicalJson(value)).slice(0, 200);
