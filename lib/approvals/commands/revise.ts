import { eq } from 'drizzle-orm';
import { requestRevisions, requests } from '../../../db/schema/approvals.ts';
import { contentHash } from '../../base/hash.ts';
import { getVersion } from '../../models/queries.ts';
import type { Tier } from '../../models/schema.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict } from '../../shell/errors.ts';
import { judge, lockRequest, viewRequest } from '../queries/request.ts';
import { buildEvidence, buildSubject } from '../queries/subject.ts';
import { isOpen, policyFor } from '../rules.ts';
import { type RequestState, reviseRequestInput, type Subject } from '../schema.ts';
import { assertSomebodyCanAgree } from './create.ts';

/** A new revision: what is asked and the evidence are frozen anew, and every earlier signature is outdated. */
export const reviseRequest = defineCommand(
  'approvals.revise',
  reviseRequestInput,
  async ({ tx, actor, now }, input) => {
    const { request, model } = await lockRequest(tx, input.id, actor);
    const state = request.state as RequestState;
    if (!isOpen(state) || state === 'deploying')
      throw conflict('not_open', `This request is ${state.replaceAll('_', ' ')}.`);
    if (now >= request.expiresAt) throw conflict('expired', 'This request has expired.');
    const { revision: held } = await judge(tx, request, model);
    const subjectHeld = held.subject as Subject;
    const asked = {
      version: input.version ?? subjectHeld.modelVersion,
      environment: subjectHeld.environment,
      rollout: input.rollout ?? subjectHeld.rollout,
    };
    await getVersion(tx, model, asked.version);
    const subject = await buildSubject(tx, model, asked);
    const evidence = await buildEvidence(tx, model, asked, now);
    const revision = request.revision + 1;
    const frozen = { subject, subjectHash: contentHash(subject), evidence, evidenceHash: contentHash(evidence) };
    const reason = input.reason ?? held.reason;
    await tx
      .insert(requestRevisions)
      .values({ requestId: request.id, revision, ...frozen, reason, createdBy: actor.id, createdAt: now });
    const [updated] = await tx
      .update(requests)
      .set({
        revision,
        version: asked.version,
        state: input.submit || state !== 'draft' ? 'in_review' : 'draft',
        submittedAt: request.submittedAt ?? now,
        approvedUntil: null,
        policy: policyFor(model.tier as Tier | null),
      })
      .where(eq(requests.id, request.id))
      .returning();
    await assertSomebodyCanAgree(tx, updated!, model);
    return {
      value: await viewRequest(tx, updated!, model, actor, now),
      subject: { type: 'request', id: String(request.id), model },
      before: {
        revision: request.revision,
        state: request.state,
        subjectHash: held.subjectHash,
        evidenceHash: held.evidenceHash,
      },
      after: {
        revision,
        state: updated!.state,
        version: asked.version,
        subjectHash: frozen.subjectHash,
        evidenceHash: frozen.evidenceHash,
      },
      reason,
    };
  },
);
