import { eq } from 'drizzle-orm';
import { requests } from '../../../db/schema/approvals.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow } from '../../shell/errors.ts';
import { lockRequest, viewRequest } from '../queries/request.ts';
import { mayWithdraw } from '../rules.ts';
import { type RequestState, withdrawRequestInput } from '../schema.ts';

export const withdrawRequest = defineCommand(
  'approvals.withdraw',
  withdrawRequestInput,
  async ({ tx, actor, now }, input) => {
    const { request, model } = await lockRequest(tx, input.id, actor);
    orThrow(mayWithdraw(request.state as RequestState, actor, request.createdBy));
    const [updated] = await tx
      .update(requests)
      .set({ state: 'withdrawn', closedAt: now })
      .where(eq(requests.id, request.id))
      .returning();
    return {
      value: await viewRequest(tx, updated!, model, actor, now),
      subject: { type: 'request', id: String(request.id), model },
      before: { state: request.state },
      after: { state: 'withdrawn' },
      ...(input.reason ? { reason: input.reason } : {}),
    };
  },
);
