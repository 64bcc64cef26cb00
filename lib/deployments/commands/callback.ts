import { eq } from 'drizzle-orm';
import { deployments, requests } from '../../../db/schema/approvals.ts';
import { mayRun } from '../../access/rules.ts';
import { sameDigest, sha256 } from '../../base/hash.ts';
import { lockModelById } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, notFound } from '../../shell/errors.ts';
import { viewDeployment } from '../queries.ts';
import { callbackInput } from '../schema.ts';
import { takeOver } from './deploy.ts';

/**
 * What the target reports. The token fences, the sequence only rises; late and repeated messages are acknowledged and ignored.
 * Where the target stays silent, or its token was lost, whoever may deploy says what became of it and how they know.
 */
export const callback = defineCommand(
  'deployments.callback',
  callbackInput,
  async ({ tx, actor, now, emit }, input) => {
    const [found] = await tx.select().from(deployments).where(eq(deployments.id, input.id));
    const byTarget = input.token !== undefined;
    const mayTell = byTarget
      ? found?.callbackHash && sameDigest(found.callbackHash, sha256(input.token!))
      : found && actor.kind !== 'job' && mayRun(actor, 'deployments.deploy').ok;
    if (!found || !mayTell) throw notFound('deployment', input.id);
    const sequence = input.sequence ?? (byTarget ? missing('sequence') : found.sequence + 1);
    const told = input.detail?.trim() || (byTarget ? undefined : missing('detail'));
    const model = await lockModelById(tx, found.modelId);
    const [deployment] = await tx.select().from(deployments).where(eq(deployments.id, input.id)).for('update');
    if (!model || !deployment) throw new AppError('conflict', 'gone', 'The deployment is gone.');
    if (sequence <= deployment.sequence || deployment.state !== 'deploying')
      return { value: viewDeployment(deployment), unchanged: true };
    const [noted] = await tx
      .update(deployments)
      .set({
        sequence,
        detail: told ?? deployment.detail,
        ...(input.status === 'failed' ? { state: 'failed' } : {}),
      })
      .where(eq(deployments.id, deployment.id))
      .returning();
    const after =
      input.status === 'succeeded' ? await takeOver({ tx, now, emit }, noted!, model.name, 'replaced') : noted!;
    if (input.status !== 'in_progress' && deployment.requestId !== null) {
      await tx
        .update(requests)
        .set({ state: input.status === 'succeeded' ? 'live' : 'approved' })
        .where(eq(requests.id, deployment.requestId));
    }
    return {
      value: viewDeployment(after),
      subject: { type: 'deployment', id: deployment.id, model },
      before: { state: deployment.state, sequence: deployment.sequence },
      after: { state: after.state, sequence, status: input.status },
      ...(byTarget ? {} : { reason: told }),
    };
  },
);

function missing(path: string): never {
  const message = path === 'detail' ? 'must say how you know what became of it' : 'must be sent with the token';
  throw new AppError('malformed', 'invalid_input', `${path}: ${message}`, [{ path, code: 'invalid_input', message }]);
}
