import { eq } from 'drizzle-orm';
import { deployments, requests } from '../../../db/schema/approvals.ts';
import { sameDigest, sha256 } from '../../base/hash.ts';
import { lockModelById } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, notFound } from '../../shell/errors.ts';
import { viewDeployment } from '../queries.ts';
import { callbackInput } from '../schema.ts';
import { takeOver } from './deploy.ts';

/** What the target reports. The token fences, the sequence only rises; late and repeated messages are acknowledged and ignored. */
export const callback = defineCommand('deployments.callback', callbackInput, async ({ tx, now, emit }, input) => {
  const [found] = await tx.select().from(deployments).where(eq(deployments.id, input.id));
  if (!found?.callbackHash || !sameDigest(found.callbackHash, sha256(input.token)))
    throw notFound('deployment', input.id);
  const model = await lockModelById(tx, found.modelId);
  const [deployment] = await tx.select().from(deployments).where(eq(deployments.id, input.id)).for('update');
  if (!model || !deployment) throw new AppError('conflict', 'gone', 'The deployment is gone.');
  if (input.sequence <= deployment.sequence || deployment.state !== 'deploying')
    return { value: viewDeployment(deployment), unchanged: true };
  const [noted] = await tx
    .update(deployments)
    .set({
      sequence: input.sequence,
      detail: input.detail ?? deployment.detail,
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
    after: { state: after.state, sequence: input.sequence, status: input.status },
  };
});
