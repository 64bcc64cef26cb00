import type { CommandName } from '../access/rules.ts';
import { deleteModel } from '../models/commands/delete.ts';
import { deleteAlias } from '../models/commands/delete-alias.ts';
import { deleteTag } from '../models/commands/delete-tag.ts';
import { deleteVersion } from '../models/commands/delete-version.ts';
import { deleteVersionTag } from '../models/commands/delete-version-tag.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { renameModel } from '../models/commands/rename.ts';
import { setAlias } from '../models/commands/set-alias.ts';
import { setTag } from '../models/commands/set-tag.ts';
import { setVersionTag } from '../models/commands/set-version-tag.ts';
import { transitionStage } from '../models/commands/transition-stage.ts';
import { updateModel } from '../models/commands/update.ts';
import { updateVersion } from '../models/commands/update-version.ts';
import { findStanding } from '../models/queries.ts';
import type { Command } from '../shell/command.ts';
import { AppError, conflict, notFound } from '../shell/errors.ts';
import type { Asked, Policy, RequestContext, Search } from '../shell/http.ts';
import { type Context, type Endpoint, endpoint, type Fields, keyedEndpoint, searchEndpoint } from './endpoint.ts';
import { findAliasText, findModelMessage, findModelText, findVersionText } from './queries/messages.ts';
import { findLocation } from './queries/rows.ts';
import { searchModels, searchVersions } from './queries/search.ts';
import { maySource, nameTaken } from './rules.ts';
import { endpointOf, webhookEndpoints } from './webhooks.ts';
import {
  byKey,
  fields,
  invalid,
  newModelMessage,
  newVersionMessage,
  page,
  stageOf,
  textOf,
  versionNotFound,
  versionOf,
} from './wire.ts';

const READ: Policy = { read: 'registry' };

const { name, version, key, value, alias, description, tags, source, run_id, run_link, model_id } = fields;
const { filter, max_results, order_by, page_token } = fields;
const search = { filter, max_results, order_by, page_token };
const latest = { name, stages: fields.stages };
const newModel = { name, tags, description };
const newVersion = { name, source, run_id, tags, run_link, description, model_id };
const aVersion = { name, version };
const transition = { ...aVersion, stage: fields.stage, archive_existing_versions: fields.archive_existing_versions };

/** The whole door: one row an endpoint. */
export const endpoints: readonly Endpoint[] = [
  endpoint('POST', 'registered-models/create', may('models.register'), newModel, createModel),
  keyedEndpoint('registered-models/get', READ, { name }, answerModel),
  endpoint('PATCH', 'registered-models/update', may('models.update'), { name, description }, async (at, input) => {
    await at.run(updateModel, { name: input.name, description: input.description ?? null });
    return answerModel(at, input);
  }),
  endpoint('POST', 'registered-models/rename', may('models.rename'), { name, new_name: name }, async (at, input) => {
    await at.run(renameModel, { name: input.name, newName: input.new_name });
    return answerModel(at, { name: input.new_name });
  }),
  endpoint('DELETE', 'registered-models/delete', may('models.delete'), { name }, done(deleteModel)),
  searchEndpoint('registered-models/search', READ, search, searchModels),
  endpoint('POST', 'registered-models/get-latest-versions', READ, latest, latestVersions),
  endpoint('GET', 'registered-models/get-latest-versions', READ, latest, latestVersions),
  endpoint('POST', 'registered-models/set-tag', may('models.set-tag'), { name, key, value }, done(setTag)),
  endpoint('DELETE', 'registered-models/delete-tag', may('models.delete-tag'), { name, key }, done(deleteTag)),
  endpoint('POST', 'registered-models/alias', may('models.set-alias'), { ...aVersion, alias }, doneTo(setAlias)),
  endpoint('DELETE', 'registered-models/alias', may('models.delete-alias'), { name, alias }, done(deleteAlias)),
  keyedEndpoint('registered-models/alias', READ, { name, alias }, byAlias),
  {
    ...endpoint('POST', 'model-versions/create', may('models.register-version'), newVersion, createVersion),
    standing: true,
  },
  keyedEndpoint('model-versions/get', READ, aVersion, answerVersion),
  endpoint(
    'PATCH',
    'model-versions/update',
    may('models.update-version'),
    { ...aVersion, description },
    async (at, input) => {
      await at.run(updateVersion, { ...numbered(input), description: input.description ?? '' });
      return answerVersion(at, input);
    },
  ),
  endpoint('DELETE', 'model-versions/delete', may('models.delete-version'), aVersion, doneTo(deleteVersion)),
  searchEndpoint('model-versions/search', READ, search, searchVersions),
  keyedEndpoint('model-versions/get-download-uri', READ, aVersion, async ({ db }, input) => {
    const location = await findLocation(db, input.name, versionOf(input));
    if (location === undefined) throw versionNotFound(input.name, input.version);
    return { artifact_uri: location };
  }),
  endpoint(
    'POST',
    'model-versions/transition-stage',
    may('models.transition-stage'),
    transition,
    async (at, { archive_existing_versions: archiveExisting, ...input }) => {
      await at.run(transitionStage, { ...numbered(input), stage: stageOf(input.stage), archiveExisting });
      return answerVersion(at, input);
    },
  ),
  endpoint(
    'POST',
    'model-versions/set-tag',
    may('models.set-version-tag'),
    { ...aVersion, key, value },
    doneTo(setVersionTag),
  ),
  endpoint(
    'DELETE',
    'model-versions/delete-tag',
    may('models.delete-version-tag'),
    { ...aVersion, key },
    doneTo(deleteVersionTag),
  ),
  ...webhookEndpoints,
];

/** The same table as the route wrapper wants it. */
export const policies: Readonly<Record<string, Policy>> = Object.fromEntries(
  endpoints.map(({ method, path, policy }) => [`${method} ${path}`, policy]),
);

const byPath = new Map(endpoints.map((row) => [`${row.method} ${row.path}`, row]));

const rowOf = ({ method, params }: Pick<RequestContext, 'method' | 'params'>): Endpoint | undefined =>
  byPath.get(`${method} ${endpointOf(params.path ?? '')}`);

/** Begins what may begin before it is known who asks. */
export const answerAhead = (asked: Asked): Promise<unknown> | undefined => rowOf(asked)?.ahead?.(asked);

/** The search that may travel with the look at who asks. */
export const searchAhead = (asked: Asked): Search | undefined => rowOf(asked)?.search?.(asked);

/** The standing of the model that a short message is about, for a command that goes by it. */
export function standingAhead(asked: Asked & { body: unknown }): ReturnType<typeof findStanding> | undefined {
  const { name } = (asked.body ?? {}) as { name?: unknown };
  return rowOf(asked)?.standing && typeof name === 'string' ? findStanding(asked.db, name) : undefined;
}

/** Answers a request whose policy was found in `policies`. */
export const answer = (context: RequestContext): Promise<unknown> => rowOf(context)!.handle(context);

function may(command: CommandName): Policy {
  return { command };
}

function numbered<I extends { name: string; version: string }>(input: I): Omit<I, 'version'> & { version: number } {
  return { ...input, version: versionOf(input) };
}

/** Runs the command on the fields as they are; there is nothing to tell afterwards. */
function done<I, V>(command: Command<I, V>) {
  return async ({ run }: Context, input: object) => {
    await run(command, input);
    return {};
  };
}

function doneTo<I, V>(command: Command<I, V>) {
  return async ({ run }: Context, input: { name: string; version: string }) => {
    await run(command, numbered(input));
    return {};
  };
}

async function createModel(at: Context, input: Fields<typeof newModel>) {
  try {
    return { registered_model: newModelMessage(await at.run(registerModel, input)) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'model_exists') throw error;
    const held = await findModelMessage(at.db, input.name);
    throw conflict('model_exists', nameTaken(input.name, input.tags ?? {}, byKey(held?.tags) ?? {}));
  }
}

async function createVersion(at: Context, { run_id, run_link, model_id, ...input }: Fields<typeof newVersion>) {
  const { source, tags = {} } = input;
  const allowed = maySource({ source, tags, runId: run_id, modelId: model_id });
  if (!allowed.ok) throw invalid(allowed.error);
  const made = await at.run(registerVersion, { ...input, runId: run_id, runLink: run_link, loggedModelId: model_id });
  return { model_version: newVersionMessage(input.name, made, model_id ?? null) };
}

async function answerModel({ db }: Pick<Context, 'db'>, input: { name: string }) {
  const text = await findModelText(db, input.name);
  if (text === undefined) throw notFound('model', input.name);
  return textOf('registered_model', text);
}

async function answerVersion({ db }: Pick<Context, 'db'>, input: { name: string; version: string }) {
  const text = await findVersionText(db, input.name, versionOf(input));
  if (text === undefined) throw versionNotFound(input.name, input.version);
  return textOf('model_version', text);
}

async function byAlias({ db }: Pick<Context, 'db'>, { name, alias }: { name: string; alias: string }) {
  const isLatest = alias.toLowerCase() === 'latest';
  const text = isLatest ? undefined : await findAliasText(db, name, alias);
  if (text !== undefined) return textOf('model_version', text);
  const model = await findModelMessage(db, name);
  if (!model) throw notFound('model', name);
  if (!isLatest) throw invalid(`Registered model alias ${alias} not found.`);
  const latest = model.latest_versions?.[0];
  if (!latest) throw new AppError('not_found', 'version_not_found', `Latest version not found for model ${name}.`);
  return { model_version: latest };
}

async function latestVersions({ db }: Context, input: { name: string; stages: string[] }) {
  const model = await findModelMessage(db, input.name);
  if (!model) throw notFound('model', input.name);
  const stages = new Set<string>(input.stages.map(stageOf));
  const versions = model.latest_versions?.filter(({ current_stage }) => stages.size === 0 || stages.has(current_stage));
  return page('model_versions', versions ?? [], undefined);
}
