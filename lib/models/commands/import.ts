import { eq } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { modelAliases, models, modelTags, modelVersions, versionTags } from '../../../db/schema/models.ts';
import type { Actor } from '../../access/schema.ts';
import { newId } from '../../base/ids.ts';
import { defineCommand } from '../../shell/command.ts';
import { findModel, getGuard, lockModel, type ModelRow } from '../queries.ts';
import { type Held, planImport } from '../rules/import-plan.ts';
import { mayChangeStage, mayMoveAlias } from '../rules.ts';
import { type ImportModel, type ImportReport, importModelInput } from '../schema.ts';

/**
 * Brings over what another registry holds of a model, numbers and moments kept. Only what is missing here is added, so
 * that the same import again changes nothing; what differs is in the answer and stays as it is.
 */
export const importModel = defineCommand('models.import', importModelInput, async ({ tx, actor, now }, input) => {
  const existing = await findModel(tx, input.name);
  const model = existing ? await lockModel(tx, input.name) : await createModel(tx, input, actor);
  const plan = planImport(await readHeld(tx, model), input);
  // What serves moves with an approved deployment only, whoever asks.
  const guard = await getGuard(tx, model);
  const aliases = Object.entries(plan.aliases).filter(([alias, version]) => {
    const may = mayMoveAlias(alias, guard);
    if (!may.ok) plan.conflicts.push({ what: `alias ${alias}`, held: 'guarded', offered: String(version) });
    return may.ok;
  });
  const versions = plan.versions.map((version) => {
    if (mayChangeStage('None', version.stage, guard).ok) return version;
    plan.conflicts.push({ what: `version ${version.version} stage`, held: 'guarded', offered: version.stage });
    return { ...version, stage: 'None' as const };
  });
  const report: ImportReport = {
    name: model.name,
    created: !existing,
    versions: versions.map(({ version }) => version),
    tags: Object.keys(plan.tags).length + plan.versionTags.length,
    aliases: aliases.map(([alias]) => alias),
    conflicts: plan.conflicts,
  };
  const described = plan.description !== model.description;
  if (existing && !described && versions.length + report.tags + aliases.length === 0)
    return { value: report, unchanged: true };

  const id = model.id;
  const tags = Object.entries(plan.tags).map(([key, value]) => ({ modelId: id, key, value }));
  if (tags.length > 0) await tx.insert(modelTags).values(tags);
  if (versions.length > 0)
    await tx.insert(modelVersions).values(versions.map((version) => versionRow(id, version, actor)));
  const ofVersions = [
    ...plan.versionTags,
    ...versions.flatMap(({ version, tags }) => Object.entries(tags).map(([key, value]) => ({ version, key, value }))),
  ].map((tag) => ({ modelId: id, ...tag }));
  for (let from = 0; from < ofVersions.length; from += ROWS_PER_INSERT)
    await tx.insert(versionTags).values(ofVersions.slice(from, from + ROWS_PER_INSERT));
  if (aliases.length > 0)
    await tx.insert(modelAliases).values(aliases.map(([alias, version]) => ({ modelId: id, alias, version })));
  const lastVersion = Math.max(model.lastVersion, ...report.versions);
  // A model that came over whole keeps its own moment; one that was here has changed now.
  const updatedAt = existing ? now : model.updatedAt;
  await tx.update(models).set({ lastVersion, description: plan.description, updatedAt }).where(eq(models.id, id));
  return {
    value: report,
    subject: { type: 'model', id, model },
    before: existing ? { versions: model.lastVersion } : null,
    after: { ...report, conflicts: plan.conflicts.length },
  };
});

/** Postgres takes at most 65,535 parameters a statement. */
const ROWS_PER_INSERT = 5_000;

async function createModel(
  tx: Db,
  { name, description, createdAt, updatedAt }: ImportModel,
  actor: Actor,
): Promise<ModelRow> {
  const [made] = await tx
    .insert(models)
    .values({
      id: newId(),
      name,
      description: description ?? null,
      createdBy: actor.name,
      createdAt: new Date(createdAt),
      updatedAt: new Date(updatedAt),
    })
    .onConflictDoNothing()
    .returning();
  // Somebody registered it at the same moment: then it is theirs, and held.
  return made ?? lockModel(tx, name);
}

const versionRow = (modelId: string, version: ImportModel['versions'][number], actor: Actor) => ({
  modelId,
  version: version.version,
  source: version.source,
  location: version.location ?? version.source,
  runId: version.runId,
  runLink: version.runLink,
  loggedModelId: version.loggedModelId ?? null,
  description: version.description,
  stage: version.stage,
  metrics: version.metrics,
  params: version.params,
  dataset: version.dataset ?? null,
  createdById: actor.id,
  createdBy: actor.name,
  createdAt: new Date(version.createdAt),
  updatedAt: new Date(version.updatedAt),
});

async function readHeld(tx: Db, model: ModelRow): Promise<Held> {
  const [tags, aliases, versions, ofVersions] = [
    await tx.select().from(modelTags).where(eq(modelTags.modelId, model.id)),
    await tx.select().from(modelAliases).where(eq(modelAliases.modelId, model.id)),
    await tx.select().from(modelVersions).where(eq(modelVersions.modelId, model.id)),
    await tx.select().from(versionTags).where(eq(versionTags.modelId, model.id)),
  ];
  const tagsOf = Map.groupBy(ofVersions, (tag) => tag.version);
  const named = (rows: { key: string; value: string }[]) =>
    Object.fromEntries(rows.map(({ key, value }) => [key, value]));
  const alive = versions.filter(({ deletedAt }) => deletedAt === null);
  return {
    description: model.description,
    tags: named(tags),
    aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
    versions: new Map(alive.map((row) => [row.version, { ...row, tags: named(tagsOf.get(row.version) ?? []) }])),
    deleted: new Set(versions.filter(({ deletedAt }) => deletedAt !== null).map(({ version }) => version)),
  };
}
