/** Marks prompts, which live in the registry as models and versions. */
export const PROMPT_TAG = 'mlflow.prompt.is_prompt';
const PROMPT_TYPE_TAG = '_mlflow_prompt_type';
export const PROMPT_TEXT_TAG = 'mlflow.prompt.text';

/** The events of the registry protocol (1.6), as `entity.action`. */
export const REGISTRY_EVENTS = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_tag.deleted',
  'model_version_alias.created',
  'model_version_alias.deleted',
  'prompt.created',
  'prompt_version.created',
  'prompt_tag.set',
  'prompt_tag.deleted',
  'prompt_version_tag.set',
  'prompt_version_tag.deleted',
  'prompt_alias.created',
  'prompt_alias.deleted',
] as const;
export type RegistryEventName = (typeof REGISTRY_EVENTS)[number];
export type RegistryEvent = { name: RegistryEventName; data: Record<string, unknown> };

export type Tags = Readonly<Record<string, string>>;
type Named = { name: string; isPrompt: boolean };

/** The same of a row `t` of a model's or a version's tags, in SQL. */
export const MARKS_PROMPT = `t.key = '${PROMPT_TAG}' and lower(t.value) = 'true'`;
export const isPrompt = (tags: Tags): boolean => tags[PROMPT_TAG]?.toLowerCase() === 'true';

export function modelCreated(name: string, tags: Tags, description: string | null | undefined): RegistryEvent {
  const prompt = isPrompt(tags);
  return {
    name: prompt ? 'prompt.created' : 'registered_model.created',
    // Empty where a version's is null, as the protocol's own server has it.
    data: { name, tags: prompt ? plain(tags) : tags, description: description ?? '' },
  };
}

type NewVersion = {
  version: number;
  source: string;
  runId: string | null | undefined;
  tags: Tags;
  description: string | null | undefined;
};

export function versionCreated(of: Named, { version, source, runId, tags, description }: NewVersion): RegistryEvent {
  const told = { name: of.name, version: String(version) };
  const said = description || null;
  if (!of.isPrompt && !isPrompt(tags))
    return {
      name: 'model_version.created',
      data: { ...told, source, run_id: runId || null, tags, description: said },
    };
  const { [PROMPT_TEXT_TAG]: template = '', ...rest } = plain(tags);
  return { name: 'prompt_version.created', data: { ...told, template, tags: rest, description: said } };
}

export const aliasSet = ({ name, isPrompt }: Named, alias: string, version: number): RegistryEvent => ({
  name: isPrompt ? 'prompt_alias.created' : 'model_version_alias.created',
  data: { name, alias, version: String(version) },
});

export const aliasDeleted = ({ name, isPrompt }: Named, alias: string): RegistryEvent => ({
  name: isPrompt ? 'prompt_alias.deleted' : 'model_version_alias.deleted',
  data: { name, alias },
});

/** Tags of models tell nobody; those of prompts do. */
export const tagSet = ({ name, isPrompt }: Named, key: string, value: string): RegistryEvent[] =>
  isPrompt ? [{ name: 'prompt_tag.set', data: { name, key, value } }] : [];

export const tagDeleted = ({ name, isPrompt }: Named, key: string): RegistryEvent[] =>
  isPrompt ? [{ name: 'prompt_tag.deleted', data: { name, key } }] : [];

type Tag = { version: number; key: string; value: string };

export const versionTagSet = ({ name, isPrompt }: Named, { version, key, value }: Tag): RegistryEvent => ({
  name: isPrompt ? 'prompt_version_tag.set' : 'model_version_tag.set',
  data: { name, version: String(version), key, value },
});

export const versionTagDeleted = ({ name, isPrompt }: Named, { version, key }: Omit<Tag, 'value'>): RegistryEvent => ({
  name: isPrompt ? 'prompt_version_tag.deleted' : 'model_version_tag.deleted',
  data: { name, version: String(version), key },
});

/** The tags without those that only say what kind of prompt it is. */
function plain({ [PROMPT_TAG]: _, [PROMPT_TYPE_TAG]: __, ...rest }: Tags): Tags {
  return rest;
}
