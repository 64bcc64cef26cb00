import { and, desc, eq, isNull } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { modelAliases, modelVersions, versionImportance } from '../../../db/schema/models.ts';
import { piece, rowInto } from '../../../db/sql-pieces.ts';
import { contentHash } from '../../base/hash.ts';
import { defineAtOnce } from '../../shell/command.ts';
import { AppError } from '../../shell/errors.ts';
import { findModel, findVersion, holdModel, type VersionRow, versionView, viewVersions } from '../queries.ts';
import { importanceFacts } from '../rules/importance.ts';
import { type RegistryAddress, registryAddress } from '../rules/registry-address.ts';
import { versionCreated } from '../rules/registry-events.ts';
import { registerVersionInput } from '../schema.ts';

const insertVersion = rowInto(modelVersions, 'from head');
const INSERT_TAGS = `insert into version_tags (model_id, version, key, value)
  select ?::uuid, ?::integer, given.key, given.value from head, unnest(?::text[], ?::text[]) as given (key, value)`;
const insertImportance = rowInto(versionImportance, 'from head');
const COUNT_VERSION =
  'update models set last_version = ?::integer, updated_at = ?::timestamptz where id = ?::uuid and exists (select 1 from head)';

/** The next version of a model. The same artifact digest again answers the version it already has. */
export const registerVersion = defineAtOnce('models.register-version', registerVersionInput, async (context, input) => {
  const { tx, emit, actor, now } = context;
  const model = await holdModel(context, input.name);
  const held = input.digest ? await findByDigest(tx, model.id, input.digest) : undefined;
  if (held) return { value: (await viewVersions(tx, model.id, [held]))[0]!, unchanged: true };
  const version = model.lastVersion + 1;
  const { source, location } = await locate(tx, input.source);
  const row: VersionRow = {
    modelId: model.id,
    version,
    source,
    location,
    digest: input.digest ?? null,
    runId: input.runId ?? '',
    runLink: input.runLink ?? '',
    loggedModelId: input.loggedModelId ?? null,
    description: input.description ?? '',
    stage: 'None',
    metrics: input.metrics ?? {},
    params: input.params ?? {},
    signature: input.schema ?? null,
    dataset: input.dataset ?? null,
    createdById: actor.id,
    createdBy: actor.name,
    createdAt: now,
    updatedAt: now,
    deletedAt: null,
  };
  const tags = input.tags ?? {};
  const keys = Object.keys(tags);
  const importance = input.importance && { ...input.importance, sentBy: actor.name, sentAt: now };
  emit(
    versionCreated(model, {
      version,
      source,
      tags,
      runId: input.runId,
      description: input.description,
    }),
  );
  return {
    // Nothing can point at a version that did not exist a moment ago.
    value: versionView(row, tags, []),
    subject: { type: 'version', id: `${model.id}/${version}`, model },
    before: null,
    after: {
      version,
      source,
      digest: input.digest ?? null,
      runId: input.runId ?? '',
      metricsHash: contentHash(input.metrics ?? {}),
      ...(input.importance ? { importance: importanceFacts(input.importance) } : {}),
    },
    writes: [
      insertVersion(row),
      piece(COUNT_VERSION, version, now.toISOString(), model.id),
      ...(keys.length > 0 ? [piece(INSERT_TAGS, model.id, version, keys, Object.values(tags))] : []),
      ...(importance ? [insertImportance({ modelId: model.id, version, ...importance })] : []),
    ],
  };
});

async function findByDigest(tx: Db, modelId: string, digest: string): Promise<VersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(and(eq(modelVersions.modelId, modelId), eq(modelVersions.digest, digest), isNull(modelVersions.deletedAt)));
  return row;
}

/**
 * An address of this registry is resolved once, when stored: what its alias or stage leads to later is another version.
 * Any other source is its own location and is never opened.
 */
async function locate(tx: Db, source: string): Promise<{ source: string; location: string }> {
  const address = registryAddress(source);
  if (!address) return { source, location: source };
  const { name, by } = address;
  const model = await findModel(tx, name);
  if (!model) throw leadsNowhere('not_found', `Registered Model with name=${name} not found`);
  const from = await findAddressed(tx, model.id, address);
  if (from) return { source: `models:/${name}/${from.version}`, location: from.location };
  if ('alias' in by) throw leadsNowhere('malformed', `Registered model alias ${by.alias} not found.`);
  const which = 'version' in by ? `version=${by.version}` : `stage=${by.stage ?? 'latest'}`;
  throw leadsNowhere('not_found', `Model Version (name=${name}, ${which}) not found`);
}

const leadsNowhere = (kind: 'not_found' | 'malformed', message: string): AppError =>
  new AppError(kind, 'source_not_found', message, [{ path: 'source', code: 'source_not_found', message }]);

async function findAddressed(tx: Db, modelId: string, { by }: RegistryAddress): Promise<VersionRow | undefined> {
  if ('version' in by) return findVersion(tx, modelId, by.version);
  const ofModel = and(eq(modelVersions.modelId, modelId), isNull(modelVersions.deletedAt));
  if ('alias' in by) {
    const at = and(eq(modelAliases.modelId, modelId), eq(modelAliases.alias, by.alias));
    const [held] = await tx.select().from(modelAliases).where(at);
    return held && findVersion(tx, modelId, held.version);
  }
  const inStage = by.stage === null ? ofModel : and(ofModel, eq(modelVersions.stage, by.stage));
  const [newest] = await tx.select().from(modelVersions).where(inStage).orderBy(desc(modelVersions.version)).limit(1);
  return newest;
}
