import { and, eq, isNull } from 'drizzle-orm';
import { modelVersions, versionImportance } from '../../../db/schema/models.ts';
import { piece, rowInto } from '../../../db/sql-pieces.ts';
import { contentHash } from '../../base/hash.ts';
import { defineAtOnce } from '../../shell/command.ts';
import { findModel, findVersion, holdModel, type VersionRow, versionView, viewVersions } from '../queries.ts';
import { importanceFacts } from '../rules/importance.ts';
import { versionCreated } from '../rules/registry-events.ts';
import { registerVersionInput } from '../schema.ts';

/** A model's name may itself hold slashes; the last part is the version. */
const REGISTRY_SOURCE = /^models:\/(.+)\/(\d{1,9})$/;

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
  const row: VersionRow = {
    modelId: model.id,
    version,
    source: input.source,
    location: await locate(tx, input.source),
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
      ...input,
      version,
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
      source: input.source,
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

async function findByDigest(
  tx: Parameters<typeof findModel>[0],
  modelId: string,
  digest: string,
): Promise<VersionRow | undefined> {
  const [row] = await tx
    .select()
    .from(modelVersions)
    .where(and(eq(modelVersions.modelId, modelId), eq(modelVersions.digest, digest), isNull(modelVersions.deletedAt)));
  return row;
}

/** `models:/name/version` is resolved once, when stored; any other source is its own location and is never opened. */
async function locate(tx: Parameters<typeof findModel>[0], source: string): Promise<string> {
  const [, name, version] = REGISTRY_SOURCE.exec(source) ?? [];
  if (!name || !version) return source;
  const model = await findModel(tx, name);
  const from = model && (await findVersion(tx, model.id, Number(version)));
  return from?.location ?? source;
}
