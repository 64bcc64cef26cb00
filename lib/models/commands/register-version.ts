import { and, eq, isNull } from 'drizzle-orm';
import { inserting, statement } from '../../../db/client.ts';
import { modelVersions, versionImportance, versionTags } from '../../../db/schema/models.ts';
import { contentHash } from '../../base/hash.ts';
import { defineCommand } from '../../shell/command.ts';
import { findModel, findVersion, lockModel, type VersionRow, versionView, viewVersions } from '../queries.ts';
import { importanceFacts } from '../rules/importance.ts';
import { versionCreated } from '../rules/registry-events.ts';
import { registerVersionInput } from '../schema.ts';

/** A model's name may itself hold slashes; the last part is the version. */
const REGISTRY_SOURCE = /^models:\/(.+)\/(\d{1,9})$/;

const insertVersion = inserting(modelVersions);
const countVersion = statement(
  'update models set last_version = $2::integer, updated_at = $3::timestamptz where id = $1::uuid',
);

/** The next version of a model. The same artifact digest again answers the version it already has. */
export const registerVersion = defineCommand(
  'models.register-version',
  registerVersionInput,
  async ({ tx, emit, actor, now }, input) => {
    const model = await lockModel(tx, input.name);
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
    const sent = Promise.all([insertVersion(tx, row), countVersion(tx, [model.id, version, now.toISOString()])]);
    const tags = Object.entries(input.tags ?? {}).map(([key, value]) => ({ modelId: model.id, version, key, value }));
    if (tags.length > 0) await Promise.all([sent, tx.insert(versionTags).values(tags)]);
    if (input.importance) {
      const importance = { ...input.importance, modelId: model.id, version, sentBy: actor.name, sentAt: now };
      await Promise.all([sent, tx.insert(versionImportance).values(importance)]);
    }
    emit(
      versionCreated(model, {
        ...input,
        version,
        tags: input.tags ?? {},
        runId: input.runId,
        description: input.description,
      }),
    );
    return {
      // Nothing can point at a version that did not exist a moment ago.
      value: versionView(row, input.tags ?? {}, []),
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
      sent,
    };
  },
);

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
