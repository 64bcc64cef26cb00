import { and, eq, isNull, ne, sql } from 'drizzle-orm';
import { deployments, environments, requests } from '../../../db/schema/approvals.ts';
import { modelAliases } from '../../../db/schema/models.ts';
import { judge, lockRequest } from '../../approvals/queries/request.ts';
import { findServing } from '../../approvals/queries/subject.ts';
import { mayDeploy } from '../../approvals/rules.ts';
import type { Subject } from '../../approvals/schema.ts';
import { sha256 } from '../../base/hash.ts';
import { newId, newTokenSecret } from '../../base/ids.ts';
import { aliasSet } from '../../models/rules/registry-events.ts';
import { type CommandContext, defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { type DeploymentRow, viewDeployment } from '../queries.ts';
import { type DeploymentView, deployInput } from '../schema.ts';

/** Puts an approved request live, after a full re-check with today's roles and today's base. */
export const deploy = defineCommand('deployments.deploy', deployInput, async ({ tx, actor, now, emit }, input) => {
  const { request, model } = await lockRequest(tx, input.id, actor);
  const judged = await judge(tx, request, model);
  orThrow(mayDeploy(judged.situation, judged.filled, judged.inFlight, now));
  const subject = judged.revision.subject as Subject;
  const serving = await findServing(tx, model.id, subject.environment);
  const token = subject.rollout.confirmation === 'callback' ? newTokenSecret() : null;
  const [started] = await tx
    .insert(deployments)
    .values({
      id: newId(),
      modelId: model.id,
      environment: subject.environment,
      version: subject.modelVersion,
      kind: 'deploy',
      state: 'deploying',
      requestId: request.id,
      revision: request.revision,
      previousId: serving?.id ?? null,
      callbackHash: token && sha256(token),
      reason: input.reason ?? judged.revision.reason,
      createdBy: actor.id,
      createdByName: actor.name,
      createdAt: now,
    })
    .returning();
  const deployment = token ? started! : await takeOver({ tx, now, emit }, started!, model.name, 'replaced');
  const state = token ? 'deploying' : 'live';
  await tx.update(requests).set({ state }).where(eq(requests.id, request.id));
  const value: DeploymentView & { callbackToken?: string } = {
    ...viewDeployment(deployment),
    ...(token ? { callbackToken: token } : {}),
  };
  return {
    value,
    subject: { type: 'deployment', id: deployment.id, model },
    before: { version: serving?.version ?? null, request: request.state },
    after: {
      version: subject.modelVersion,
      request: state,
      requestId: request.id,
      revision: request.revision,
      environment: subject.environment,
    },
    reason: started!.reason,
  };
});

/**
 * Moves the serving pointer, and with it the alias clients load by, inside the caller's transaction and under the
 * model's row lock: at no instant do none or two versions serve.
 */
export async function takeOver(
  { tx, now, emit }: Pick<CommandContext, 'tx' | 'now' | 'emit'>,
  next: DeploymentRow,
  modelName: string,
  leaving: 'replaced' | 'rolled_back',
): Promise<DeploymentRow> {
  const { modelId, environment, version } = next;
  const here = and(eq(deployments.modelId, modelId), eq(deployments.environment, environment));
  const left = await tx
    .update(deployments)
    .set({ servingTo: now, state: leaving })
    .where(
      and(
        here,
        isNull(deployments.servingTo),
        sql`${deployments.servingFrom} is not null`,
        ne(deployments.id, next.id),
      ),
    )
    .returning();
  const [serving] = await tx
    .update(deployments)
    .set({ state: 'live', servingFrom: now })
    .where(eq(deployments.id, next.id))
    .returning();
  for (const row of left) {
    if (row.requestId === null) continue;
    await tx
      .update(requests)
      .set({ state: leaving === 'rolled_back' ? 'rolled_back' : 'superseded', closedAt: now })
      .where(and(eq(requests.id, row.requestId), eq(requests.state, 'live')));
  }
  const [target] = await tx.select().from(environments).where(eq(environments.name, environment));
  if (target) {
    await tx
      .insert(modelAliases)
      .values({ modelId, alias: target.servingAlias, version })
      .onConflictDoUpdate({ target: [modelAliases.modelId, modelAliases.alias], set: { version } });
    emit(aliasSet({ name: modelName, isPrompt: false }, target.servingAlias, version));
  }
  return serving!;
}
