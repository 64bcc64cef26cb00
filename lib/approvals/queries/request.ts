import { and, asc, desc, eq, inArray, isNull, sql } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { users } from '../../../db/schema/access.ts';
import { deployments, requestRevisions, requests, votes } from '../../../db/schema/approvals.ts';
import { models } from '../../../db/schema/models.ts';
import type { Actor, Role } from '../../access/schema.ts';
import { findVersion, lockModelById, type ModelRow } from '../../models/queries.ts';
import { AppError, notFound } from '../../shell/errors.ts';
import {
  isOpen,
  matchSlots,
  mayDecide,
  mayDeploy,
  mayWithdraw,
  movedFields,
  type Situation,
  senderStands,
  subjectStands,
} from '../rules.ts';
import type {
  Able,
  Decision,
  Evidence,
  PolicyDocument,
  RequestState,
  RequestView,
  SigningRole,
  SlotView,
  Subject,
  VoteView,
} from '../schema.ts';
import { buildSubject } from './subject.ts';

export type RequestRow = typeof requests.$inferSelect;
type RevisionRow = typeof requestRevisions.$inferSelect;
type VoteRow = typeof votes.$inferSelect;

export async function findRequest(db: Db, id: number): Promise<{ request: RequestRow; model: ModelRow } | undefined> {
  const [row] = await db
    .select({ request: requests, model: models })
    .from(requests)
    .innerJoin(models, eq(models.id, requests.modelId))
    .where(eq(requests.id, id));
  return row;
}

/** A draft is its author's own until it is sent. */
export const isHidden = (request: RequestRow, actor: Pick<Actor, 'id'>): boolean =>
  request.state === 'draft' && request.createdBy !== actor.id;

/**
 * Takes the model's row lock and then the request's: votes, revisions and deployments of a model never interleave. A draft
 * keeps others from asking: administrators reach it, to clear away what somebody left behind.
 */
export async function lockRequest(
  tx: Db,
  id: number,
  actor: Pick<Actor, 'id' | 'roles'>,
): Promise<{ request: RequestRow; model: ModelRow }> {
  const found = await findRequest(tx, id);
  if (!found) throw notFound('request', String(id));
  const model = await lockModelById(tx, found.model.id);
  const [request] = await tx.select().from(requests).where(eq(requests.id, id)).for('update');
  if (!model || !request || (isHidden(request, actor) && !actor.roles.includes('admin')))
    throw notFound('request', String(id));
  return { request, model };
}

export type Judged = {
  situation: Situation;
  revision: RevisionRow;
  votes: VoteRow[];
  /** Approvals that count: of this revision, by people who hold the role today and are not excluded. */
  counted: VoteRow[];
  filled: (number | null)[];
  people: Map<string, { name: string; roles: Role[] }>;
  inFlight: boolean;
};
type People = Judged['people'];

const mayAsk = (roles: readonly Role[]): boolean => roles.some((role) => ['data', 'ops', 'admin'].includes(role));

/** Everybody who may sign in today. */
async function listPeople(db: Db): Promise<People> {
  const active = await db.select().from(users).where(isNull(users.disabledAt));
  return new Map(active.map((user) => [user.id, { name: user.name, roles: user.roles as Role[] }]));
}

/** Everything the rules need to know about a request at this moment; `known` people are not read again. */
export async function judge(db: Db, request: RequestRow, model: ModelRow, known?: People): Promise<Judged> {
  const revisions = await db.select().from(requestRevisions).where(eq(requestRevisions.requestId, request.id));
  const revision = revisions.find((row) => row.revision === request.revision);
  if (!revision) throw notFound('revision', `${request.id}/${request.revision}`);
  const cast = await db.select().from(votes).where(eq(votes.requestId, request.id)).orderBy(votes.createdAt);
  const people = known ?? (await listPeople(db));
  const version = await findVersion(db, model.id, (revision.subject as Subject).modelVersion);
  const excluded = [
    ...new Set([
      request.createdBy,
      ...revisions.map((row) => row.createdBy),
      ...(version ? [version.createdById] : []),
    ]),
  ];
  const subject = revision.subject as Subject;
  const now = await buildSubject(db, model, {
    version: subject.modelVersion,
    environment: subject.environment,
    rollout: subject.rollout,
  });
  const open = isOpen(request.state as RequestState);
  const situation: Situation = {
    state: request.state as RequestState,
    revision: request.revision,
    evidenceHash: revision.evidenceHash,
    expiresAt: request.expiresAt,
    approvedUntil: request.approvedUntil,
    slots: (request.policy as PolicyDocument).slots,
    excluded,
    senderMayAsk: mayAsk(people.get(revision.createdBy)?.roles ?? []),
    subjectMoved: open ? movedFields(subject, now) : [],
  };
  const counted = cast.filter(
    (vote) =>
      vote.revision === request.revision &&
      vote.evidenceHash === revision.evidenceHash &&
      vote.decision === 'approve' &&
      !excluded.includes(vote.userId) &&
      people.get(vote.userId)?.roles.includes(vote.role as Role),
  );
  const filled = matchSlots(
    situation.slots,
    counted.map((vote) => ({ userId: vote.userId, role: vote.role as SigningRole })),
  );
  const [flying] = await db
    .select({ id: deployments.id })
    .from(deployments)
    .where(
      and(
        eq(deployments.modelId, model.id),
        eq(deployments.environment, subject.environment),
        eq(deployments.state, 'deploying'),
      ),
    );
  return { situation, revision, votes: cast, counted, filled, people, inFlight: flying !== undefined };
}

const able = (result: { ok: true } | { ok: false; error: { code: string; message: string } }): Able =>
  result.ok ? { ok: true } : { ok: false, code: result.error.code, message: result.error.message };

/** A request as one viewer sees it: the facts are the same for all, `can` says what this person may do and why not. */
export async function viewRequest(
  db: Db,
  request: RequestRow,
  model: ModelRow,
  actor: Actor,
  now: Date,
  known?: People,
): Promise<RequestView> {
  const judged = await judge(db, request, model, known);
  const { situation, revision } = judged;
  const subject = revision.subject as Subject;
  return {
    id: request.id,
    kind: 'model_deploy',
    model: model.name,
    version: subject.modelVersion,
    environment: subject.environment,
    state: situation.state,
    revision: request.revision,
    reason: revision.reason,
    policy: request.policy as PolicyDocument,
    subject,
    subjectHash: revision.subjectHash,
    evidence: revision.evidence as Evidence,
    evidenceHash: revision.evidenceHash,
    slots: viewSlots(judged),
    votes: judged.votes.map((vote) => viewVote(vote, judged)),
    blockedBy: blockers(judged, now),
    createdBy: request.createdByName,
    createdById: request.createdBy,
    createdAt: request.createdAt.toISOString(),
    expiresAt: request.expiresAt.toISOString(),
    approvedUntil: request.approvedUntil?.toISOString() ?? null,
    can: abilities(judged, request, actor, now),
  };
}

function abilities(judged: Judged, request: RequestRow, actor: Actor, now: Date): RequestView['can'] {
  const { situation } = judged;
  const roles = situation.slots.flatMap((slot) => slot.roles);
  const role = roles.find((asked) => actor.roles.includes(asked)) ?? roles[0]!;
  const already = judged.votes.some(
    (vote) => vote.userId === actor.id && vote.revision === request.revision && vote.decision === 'approve',
  );
  const decide = able(mayDecide(situation, actor, role, now));
  const isDeployer = ['ops', 'admin'].some((held) => actor.roles.includes(held as Role));
  const mayRevise: Able = !mayAsk(actor.roles)
    ? { ok: false, code: 'role_missing', message: 'Needs one of the roles data, ops, admin.' }
    : isOpen(situation.state) && situation.state !== 'deploying'
      ? { ok: true }
      : { ok: false, code: 'not_open', message: `This request is ${situation.state.replaceAll('_', ' ')}.` };
  return {
    decide:
      decide.ok && already ? { ok: false, code: 'already_signed', message: 'You have signed this revision.' } : decide,
    deploy: isDeployer
      ? able(mayDeploy(situation, judged.filled, judged.inFlight, now))
      : { ok: false, code: 'role_missing', message: 'Needs one of the roles ops, admin.' },
    revise: mayRevise,
    withdraw: able(mayWithdraw(situation.state, actor, request.createdBy)),
  };
}

/** What stands in the way of this revision until who cast it agrees. */
export const asksForChanges =
  (revision: number) =>
  (vote: Pick<VoteRow, 'revision' | 'decision'>): boolean =>
    vote.revision === revision && vote.decision === 'request_changes';

function blockers(judged: Judged, now: Date): { code: string; message: string }[] {
  const { situation } = judged;
  if (!isOpen(situation.state)) return [];
  const found: { code: string; message: string }[] = [];
  const stands = subjectStands(situation);
  if (!stands.ok) found.push(stands.error);
  const sent = senderStands(situation);
  if (!sent.ok) found.push(sent.error);
  for (const { userName, note } of judged.votes.filter(asksForChanges(situation.revision)))
    found.push({
      code: 'changes_requested',
      message: `${userName} asked for changes: “${note}”. A new revision, or ${userName}’s agreement, ends that.`,
    });
  for (const [index, slot] of viewSlots(judged).entries()) {
    if (judged.filled[index] !== null) continue;
    const who = slot.eligible.map((person) => person.name).join(', ');
    found.push({
      code: 'slot_unfilled',
      message: who
        ? `${slot.name} has not agreed yet (could: ${who}).`
        : `Nobody can agree for ${slot.name}: give somebody else the role.`,
    });
  }
  if (now >= situation.expiresAt && situation.state !== 'deploying')
    found.push({ code: 'expired', message: 'This request has expired.' });
  if (judged.inFlight)
    found.push({ code: 'deployment_in_flight', message: 'Another deployment of this model is in flight.' });
  return found;
}

function viewSlots(judged: Judged): SlotView[] {
  return judged.situation.slots.map((slot, index) => {
    const voter = judged.filled[index];
    const taken = new Set(judged.counted.map((vote) => vote.userId));
    const eligible = [...judged.people]
      .filter(
        ([id, person]) =>
          !judged.situation.excluded.includes(id) &&
          !taken.has(id) &&
          slot.roles.some((role) => person.roles.includes(role)),
      )
      .map(([id, person]) => ({ id, name: person.name }));
    return {
      ...slot,
      filledBy: voter === null || voter === undefined ? null : judged.counted[voter]!.userName,
      eligible,
    };
  });
}

function viewVote(vote: VoteRow, judged: Judged): VoteView {
  const current = vote.revision === judged.situation.revision && vote.evidenceHash === judged.situation.evidenceHash;
  return {
    userId: vote.userId,
    user: vote.userName,
    role: vote.role as SigningRole,
    decision: vote.decision as Decision,
    note: vote.note,
    revision: vote.revision,
    outdated: !current || judged.situation.subjectMoved.length > 0,
    createdAt: vote.createdAt.toISOString(),
  };
}

export type RequestFilter = { modelId?: string; states?: RequestState[]; limit?: number };

const LISTED = 100;
/** More than wait anywhere; beyond it what has waited longest is kept. */
const WAITING_MAX = 5_000;

/** Newest first; of more than the limit (100 unless told) the newest. */
export async function listRequests(db: Db, filter: RequestFilter, actor: Actor, now: Date): Promise<RequestView[]> {
  const rows = await visibleTo(db, actor, filter)
    .orderBy(desc(requests.createdAt), desc(requests.id))
    .limit(filter.limit ?? LISTED);
  return viewAll(db, rows, actor, now);
}

/** Every request in one of the states, newest first: what waits for people must not drop out of sight for what came later. */
export async function listWaiting(
  db: Db,
  states: readonly RequestState[],
  actor: Actor,
  now: Date,
): Promise<RequestView[]> {
  const rows = await visibleTo(db, actor, { states: [...states] })
    .orderBy(asc(requests.createdAt), asc(requests.id))
    .limit(WAITING_MAX);
  return viewAll(db, rows.reverse(), actor, now);
}

const visibleTo = (db: Db, actor: Actor, filter: RequestFilter) =>
  db
    .select({ request: requests, model: models })
    .from(requests)
    .innerJoin(models, eq(models.id, requests.modelId))
    .where(
      and(
        filter.modelId ? eq(requests.modelId, filter.modelId) : undefined,
        filter.states ? inArray(requests.state, filter.states) : undefined,
        // A draft is its author's own until it is sent.
        sql`(${requests.state} <> 'draft' or ${requests.createdBy} = ${actor.id})`,
      ),
    );

type Listed = { request: RequestRow; model: ModelRow };

async function viewAll(db: Db, rows: readonly Listed[], actor: Actor, now: Date): Promise<RequestView[]> {
  if (rows.length === 0) return [];
  const people = await listPeople(db);
  const views = await Promise.all(
    rows.map(({ request, model }) => viewRequest(db, request, model, actor, now, people).catch(leftOutIfGone)),
  );
  return views.filter((view) => view !== undefined);
}

/** A model that is deleted while a list is read takes its requests along, and not the list. */
function leftOutIfGone(error: unknown): undefined {
  if (!(error instanceof AppError) || error.kind !== 'not_found') throw error;
}
