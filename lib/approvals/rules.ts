import type { Actor } from '../access/schema.ts';
import { canonicalJson } from '../base/canonical-json.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Tier } from '../models/schema.ts';
import type { PolicyDocument, RequestState, SigningRole, Slot, Subject } from './schema.ts';

export const POLICY_VERSION = '1';
const EXPIRES_DAYS = 14;
const VALIDITY_HOURS = 72;

const SLOTS = {
  low: [{ name: 'Data or operations', roles: ['data', 'ops'] }],
  medium: [
    { name: 'Data', roles: ['data', 'validator'] },
    { name: 'Operations', roles: ['ops'] },
  ],
  // A validator stands in for data, because the requester is usually the data scientist.
  high: [
    { name: 'Product', roles: ['product'] },
    { name: 'Data', roles: ['data', 'validator'] },
    { name: 'Operations', roles: ['ops'] },
  ],
} as const satisfies Record<Tier, readonly { name: string; roles: readonly SigningRole[] }[]>;

/** Whose agreement a deployment needs. What nobody has classified is held to the strictest policy. */
export function policyFor(tier: Tier | null): PolicyDocument {
  const slots = SLOTS[tier ?? 'high'].map((slot) => ({ name: slot.name, roles: [...slot.roles] }));
  return {
    version: POLICY_VERSION,
    tier: tier ?? 'unclassified',
    slots,
    expiresDays: EXPIRES_DAYS,
    validityHours: VALIDITY_HOURS,
  };
}

/** What may follow what (governance 2.2); an end has no way out. */
export const transitions = {
  draft: ['in_review', 'withdrawn', 'expired'],
  in_review: ['changes_requested', 'approved', 'rejected', 'withdrawn', 'expired', 'superseded', 'in_review'],
  changes_requested: ['in_review', 'withdrawn', 'expired'],
  approved: ['in_review', 'deploying', 'live', 'withdrawn', 'expired', 'superseded'],
  deploying: ['approved', 'live'],
  live: ['rolled_back', 'superseded'],
  rejected: [],
  withdrawn: [],
  expired: [],
  superseded: [],
  rolled_back: [],
} as const satisfies Record<RequestState, readonly RequestState[]>;

export const isOpen = (state: RequestState): boolean =>
  ['draft', 'in_review', 'changes_requested', 'approved', 'deploying'].includes(state);

export type CountedVote = { userId: string; role: SigningRole };

/**
 * Fills the slots with voters by maximum bipartite matching (augmenting paths, Kuhn 1955): one person one slot, and
 * never greedily, because the first fit can leave a slot empty that another order would fill.
 * Returns for each slot the index of its voter, or null.
 */
export function matchSlots(slots: readonly Pick<Slot, 'roles'>[], votes: readonly CountedVote[]): (number | null)[] {
  const slotOfPerson = new Map<string, number>();
  const voteOfSlot: (number | null)[] = slots.map(() => null);
  const place = (slot: number, tried: Set<string>): boolean => {
    for (const [index, vote] of votes.entries()) {
      if (!slots[slot]!.roles.includes(vote.role) || tried.has(vote.userId)) continue;
      tried.add(vote.userId);
      const held = slotOfPerson.get(vote.userId);
      if (held === undefined || place(held, tried)) {
        slotOfPerson.set(vote.userId, slot);
        voteOfSlot[slot] = index;
        return true;
      }
    }
    return false;
  };
  for (const slot of slots.keys()) place(slot, new Set());
  return voteOfSlot;
}

export type Situation = {
  state: RequestState;
  revision: number;
  evidenceHash: string;
  expiresAt: Date;
  approvedUntil: Date | null;
  slots: readonly Slot[];
  excluded: readonly string[];
  /** Whether who sent this revision could still ask for it today. */
  senderMayAsk: boolean;
  /** The subject as it would be frozen now. */
  subjectMoved: string[];
};

type Refused = { kind: 'forbidden' | 'conflict'; code: string; message: string };
const no = (kind: Refused['kind'], code: string, message: string): { ok: false; error: Refused } =>
  err({ kind, code, message });

const expired = (situation: Situation, now: Date): boolean =>
  isOpen(situation.state) && situation.state !== 'deploying' && now >= situation.expiresAt;

/** May this person decide on this request now, in this role? Administrators are not exempt. */
export function mayDecide(
  situation: Situation,
  actor: Pick<Actor, 'kind' | 'id' | 'roles'>,
  role: SigningRole,
  now: Date,
): Result<void, Refused> {
  if (actor.kind !== 'user') return no('forbidden', 'people_only', 'Deciding is for people: a token cannot do it.');
  if (situation.excluded.includes(actor.id)) {
    return no(
      'forbidden',
      'own_request',
      'You asked for this, registered the version or edited the request: somebody else must agree.',
    );
  }
  if (!actor.roles.includes(role)) return no('forbidden', 'role_missing', `You do not hold the role ${role}.`);
  if (!situation.slots.some((slot) => slot.roles.includes(role)))
    return no('forbidden', 'role_not_asked', `This request does not ask for ${role}.`);
  if (expired(situation, now)) return no('conflict', 'expired', 'This request has expired.');
  if (situation.state !== 'in_review' && situation.state !== 'changes_requested') {
    return no(
      'conflict',
      'not_in_review',
      `This request is ${situation.state.replaceAll('_', ' ')}: there is nothing to decide.`,
    );
  }
  return ok(undefined);
}

/** Did the person decide on what stands now? */
export function sawWhatStands(
  situation: Situation,
  seen: { revision: number; evidenceHash: string },
): Result<void, Refused> {
  if (seen.revision !== situation.revision) {
    return no(
      'conflict',
      'revision_moved',
      `You saw revision ${seen.revision}; revision ${situation.revision} stands now. Review the difference.`,
    );
  }
  if (seen.evidenceHash !== situation.evidenceHash)
    return no('conflict', 'evidence_moved', 'The evidence changed after you opened it. Review it again.');
  return subjectStands(situation);
}

export function subjectStands(situation: Situation): Result<void, Refused> {
  if (situation.subjectMoved.length === 0) return ok(undefined);
  const what = situation.subjectMoved.map((field) => SUBJECT_WORDS[field as keyof Subject] ?? field).join(', ');
  return no(
    'conflict',
    'subject_moved',
    `What was asked for has changed since this revision: ${what}. The author must send a new revision.`,
  );
}

/** An approval does not outlive the right of who asked for it. */
export const senderStands = (situation: Situation): Result<void, Refused> =>
  situation.senderMayAsk
    ? ok(undefined)
    : no(
        'conflict',
        'sender_may_not_ask',
        'Who sent this revision may no longer ask for a deployment: somebody who may must send a new one.',
      );

export const SUBJECT_WORDS = {
  kind: 'the kind of request',
  environment: 'the environment',
  modelId: 'the model',
  modelVersion: 'the version',
  source: 'the artifact',
  digest: 'the artifact digest',
  kpis: 'the goals and limits',
  referenceId: 'the reference data',
  rollout: 'the rollout plan',
  baseDeploymentId: 'what is live now',
  tier: 'the risk tier',
  policyVersion: 'the policy',
} as const satisfies Record<keyof Subject, string>;

/** Which fields of the subject differ, by canonical text. */
export function movedFields(before: Subject, after: Subject): (keyof Subject)[] {
  return (Object.keys(SUBJECT_WORDS) as (keyof Subject)[]).filter(
    (key) => canonicalJson(before[key]) !== canonicalJson(after[key]),
  );
}

/** The full re-check at the moment of deployment, with today's roles and today's base. */
export function mayDeploy(
  situation: Situation,
  filled: readonly (number | null)[],
  inFlight: boolean,
  now: Date,
): Result<void, Refused> {
  if (inFlight)
    return no('conflict', 'deployment_in_flight', 'Another deployment of this model to this environment is in flight.');
  if (situation.state !== 'approved')
    return no('conflict', 'not_approved', `This request is ${situation.state.replaceAll('_', ' ')}, not approved.`);
  if (situation.approvedUntil === null || now >= situation.approvedUntil)
    return no('conflict', 'approval_expired', 'The approval is no longer valid: it must be given again.');
  const stands = subjectStands(situation);
  if (!stands.ok) return stands;
  const sent = senderStands(situation);
  if (!sent.ok) return sent;
  const empty = situation.slots.filter((_, index) => filled[index] === null);
  if (empty.length > 0)
    return no(
      'conflict',
      'quorum_lost',
      `The agreement of ${empty.map((slot) => slot.name).join(' and ')} no longer counts.`,
    );
  return ok(undefined);
}

/** Only the author, or an administrator, takes a request back; not while it is being deployed. */
export function mayWithdraw(
  state: RequestState,
  actor: Pick<Actor, 'id' | 'roles'>,
  authorId: string,
): Result<void, Refused> {
  if (actor.id !== authorId && !actor.roles.includes('admin'))
    return no('forbidden', 'not_author', 'Only its author may do this.');
  if (!isOpen(state) || state === 'deploying')
    return no('conflict', 'not_open', `This request is ${state.replaceAll('_', ' ')}.`);
  return ok(undefined);
}
