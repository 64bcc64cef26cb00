import { and, eq, inArray } from 'drizzle-orm';
import { environments, requestRevisions, requests } from '../../../db/schema/approvals.ts';
import { contentHash } from '../../base/hash.ts';
import { addMs, DAY_MS } from '../../base/time.ts';
import { getVersion, lockModel } from '../../models/queries.ts';
import type { Tier } from '../../models/schema.ts';
import { defineCommand } from '../../shell/command.ts';
import { conflict, refused } from '../../shell/errors.ts';
import { judge, viewRequest } from '../queries/request.ts';
import { buildEvidence, buildSubject } from '../queries/subject.ts';
import { policyFor } from '../rules.ts';
import { createRequestInput } from '../schema.ts';

/** Asks to put a version live. Revision 1 freezes the subject and the evidence by value. */
export const createRequest = defineCommand(
  'approvals.create',
  createRequestInput,
  async ({ tx, actor, now }, input) => {
    const model = await lockModel(tx, input.model);
    await getVersion(tx, model, input.version);
    const [environment] = await tx.select().from(environments).where(eq(environments.name, input.environment));
    if (!environment)
      throw refused('unknown_environment', 'environment', `There is no environment called ${input.environment}.`);
    const [open] = await tx
      .select({ id: requests.id })
      .from(requests)
      .where(
        and(
          eq(requests.modelId, model.id),
          eq(requests.environment, input.environment),
          inArray(requests.state, ['draft', 'in_review', 'changes_requested', 'approved', 'deploying']),
        ),
      );
    if (open)
      throw conflict(
        'request_open',
        `Request ${open.id} for this model and environment is open: revise or withdraw it first.`,
        { request: open.id },
      );
    const policy = policyFor(model.tier as Tier | null);
    const asked = { version: input.version, environment: input.environment, rollout: input.rollout };
    const subject = await buildSubject(tx, model, asked);
    const evidence = await buildEvidence(tx, model, asked, now);
    const [request] = await tx
      .insert(requests)
      .values({
        kind: input.kind,
        modelId: model.id,
        version: input.version,
        environment: input.environment,
        state: input.submit ? 'in_review' : 'draft',
        revision: 1,
        policy,
        createdBy: actor.id,
        createdByName: actor.name,
        createdAt: now,
        submittedAt: input.submit ? now : null,
        expiresAt: addMs(now, policy.expiresDays * DAY_MS),
      })
      .returning();
    const frozen = { subject, subjectHash: contentHash(subject), evidence, evidenceHash: contentHash(evidence) };
    await tx.insert(requestRevisions).values({
      requestId: request!.id,
      revision: 1,
      ...frozen,
      reason: input.reason,
      createdBy: actor.id,
      createdAt: now,
    });
    if (input.submit) await assertSomebodyCanAgree(tx, request!, model);
    return {
      value: await viewRequest(tx, request!, model, actor, now),
      subject: { type: 'request', id: String(request!.id), model },
      before: null,
      after: {
        state: request!.state,
        revision: 1,
        version: input.version,
        environment: input.environment,
        subjectHash: frozen.subjectHash,
        evidenceHash: frozen.evidenceHash,
      },
      reason: input.reason,
    };
  },
);

/** Said when the request is sent and not after days of waiting: a slot that nobody may fill. */
export async function assertSomebodyCanAgree(...[tx, request, model]: Parameters<typeof judge>): Promise<void> {
  const { situation, people } = await judge(tx, request, model);
  for (const slot of situation.slots) {
    const someone = [...people].some(
      ([id, person]) => !situation.excluded.includes(id) && slot.roles.some((role) => person.roles.includes(role)),
    );
    if (!someone) {
      throw refused(
        'slot_without_people',
        'policy',
        `Nobody but the people behind this request holds ${slot.roles.join(' or ')}: give somebody else the role first.`,
      );
    }
  }
}
