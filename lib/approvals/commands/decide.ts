import { eq } from 'drizzle-orm';
import { requests, votes } from '../../../db/schema/approvals.ts';
import { newId } from '../../base/ids.ts';
import { addMs, HOUR_MS } from '../../base/time.ts';
import { defineCommand } from '../../shell/command.ts';
import { orThrow, refused } from '../../shell/errors.ts';
import { asksForChanges, judge, lockRequest, viewRequest } from '../queries/request.ts';
import { mayDecide, sawWhatStands } from '../rules.ts';
import { type Decision, decideInput, type PolicyDocument, type RequestState } from '../schema.ts';

/** One person's decision, bound to the revision and the evidence they saw. The vote that completes the quorum approves. */
export const decide = defineCommand('approvals.decide', decideInput, async ({ tx, actor, now }, input) => {
  const { request, model } = await lockRequest(tx, input.id, actor);
  const before = await judge(tx, request, model);
  orThrow(mayDecide(before.situation, actor, input.as, now));
  orThrow(sawWhatStands(before.situation, input));
  if (input.decision !== 'approve' && input.note.trim() === '') {
    throw refused('note_required', 'note', 'Say what must change, or why it is rejected.');
  }
  const vote = { decision: input.decision, role: input.as, note: input.note.trim(), createdAt: now };
  await tx
    .insert(votes)
    .values({
      id: newId(),
      requestId: request.id,
      revision: input.revision,
      evidenceHash: input.evidenceHash,
      userId: actor.id,
      userName: actor.name,
      ...vote,
    })
    .onConflictDoUpdate({ target: [votes.requestId, votes.revision, votes.userId, votes.evidenceHash], set: vote });
  const after = await judge(tx, request, model);
  const state = nextState(input.decision, after.filled, after.votes, request.revision);
  const approvedUntil =
    state === 'approved' ? addMs(now, (request.policy as PolicyDocument).validityHours * HOUR_MS) : null;
  const closedAt = state === 'rejected' ? now : null;
  const [updated] = await tx
    .update(requests)
    .set({ state, approvedUntil, closedAt })
    .where(eq(requests.id, request.id))
    .returning();
  return {
    value: await viewRequest(tx, updated!, model, actor, now),
    subject: { type: 'request', id: String(request.id), model },
    before: { state: request.state },
    after: {
      state,
      decision: input.decision,
      as: input.as,
      revision: input.revision,
      evidenceHash: input.evidenceHash,
    },
    ...(vote.note ? { reason: vote.note } : {}),
  };
});

type Cast = { userId: string; revision: number; decision: string };

/** A change request blocks until the person who made it decides otherwise, or a new revision stands. */
function nextState(decision: Decision, filled: (number | null)[], cast: Cast[], revision: number): RequestState {
  if (decision === 'reject') return 'rejected';
  if (cast.some(asksForChanges(revision))) return 'changes_requested';
  return filled.every((voter) => voter !== null) ? 'approved' : 'in_review';
}
