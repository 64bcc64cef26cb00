import { deployments } from '../../../db/schema/approvals.ts';
import { newId } from '../../base/ids.ts';
import { lockModel } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict, orThrow } from '../../shell/errors.ts';
import { listDeployments, viewDeployment } from '../queries.ts';
import { rollbackTarget } from '../rules.ts';
import { rollbackInput } from '../schema.ts';
import { takeOver } from './deploy.ts';

/** Back to what served before: one operator and a reason, never a quorum, because safety must be cheaper than risk. */
export const rollback = defineCommand(
  'deployments.rollback',
  rollbackInput,
  async ({ tx, actor, now, emit }, input) => {
    const model = await lockModel(tx, input.model);
    const history = await listDeployments(tx, model.id, input.environment);
    if (history.some((row) => row.state === 'deploying')) {
      throw conflict(
        'deployment_in_flight',
        'A deployment is in flight: its target must report success or failure first.',
      );
    }
    const current = history.find((row) => row.servingFrom !== null && row.servingTo === null);
    const target = orThrow(rollbackTarget(history, input.toDeployment));
    const [started] = await tx
      .insert(deployments)
      .values({
        id: newId(),
        modelId: model.id,
        environment: input.environment,
        version: target.version,
        kind: 'rollback',
        state: 'deploying',
        previousId: current?.id ?? null,
        reason: input.reason,
        createdBy: actor.id,
        createdByName: actor.name,
        createdAt: now,
      })
      .returning();
    const serving = await takeOver({ tx, now, emit }, started!, model.name, 'rolled_back');
    return {
      value: viewDeployment(serving),
      subject: { type: 'deployment', id: serving.id, model },
      before: { version: current?.version ?? null },
      after: { version: target.version, environment: input.environment, restored: target.id },
      reason: input.reason,
    };
  },
);
