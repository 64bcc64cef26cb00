import { STAGES, type Stage } from '../schema.ts';

/** As far as the column counts. */
const VERSION_MAX = 2_147_483_647;

/** Which version of a model an address means; a stage's newest, where the stage is null the newest of all. */
export type RegistryAddress = {
  name: string;
  by: { version: number } | { alias: string } | { stage: Stage | null };
};

/** `models:/name/version`, `/stage`, `/latest` or `@alias`, as the registry protocol reads it; a name may itself hold slashes. */
export function registryAddress(source: string): RegistryAddress | undefined {
  const [, aliased, alias] = /^models:\/([^/].*)@([^@/]+)$/.exec(source) ?? [];
  if (aliased && alias) return { name: aliased, by: { alias } };
  const [, name, end = ''] = /^models:\/([^/].*)\/([^/]+)$/.exec(source) ?? [];
  if (!name) return undefined;
  if (/^\d+$/.test(end)) return { name, by: { version: Math.min(Number(end), VERSION_MAX) } };
  const stage = STAGES.find((known) => known.toLowerCase() === end.toLowerCase());
  if (stage || end.toLowerCase() === 'latest') return { name, by: { stage: stage ?? null } };
  return undefined;
}
