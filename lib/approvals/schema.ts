import * as z from 'zod';
import type { Role } from '../access/schema.ts';
import { counted, INTEGER_MAX } from '../base/count.ts';
import { exact, line, prose, reason } from '../base/text.ts';
import type { Tier } from '../models/schema.ts';

export const REQUEST_STATES = [
  'draft',
  'in_review',
  'changes_requested',
  'approved',
  'deploying',
  'live',
  'rejected',
  'withdrawn',
  'expired',
  'superseded',
  'rolled_back',
] as const;
export type RequestState = (typeof REQUEST_STATES)[number];

export const DECISIONS = ['approve', 'request_changes', 'reject'] as const;
export type Decision = (typeof DECISIONS)[number];
export const SIGNING_ROLES = ['product', 'data', 'ops', 'validator'] as const satisfies readonly Role[];
export type SigningRole = (typeof SIGNING_ROLES)[number];

/** How a version goes live. With `callback` the target confirms; until then nothing has moved. */
export const rollout = z.strictObject({
  strategy: z.enum(['all', 'shadow', 'canary']).default('all'),
  percent: z.int().min(1).max(100).default(100),
  confirmation: z.enum(['immediate', 'callback']).default('immediate'),
});
export type Rollout = z.output<typeof rollout>;

export const createRequestInput = z.strictObject({
  kind: z.literal('model_deploy').default('model_deploy'),
  model: exact(256),
  version: counted(INTEGER_MAX),
  environment: line(80).default('production'),
  reason,
  rollout: rollout.prefault({}),
  submit: z.boolean().default(true),
});
export const reviseRequestInput = z.strictObject({
  id: counted(),
  version: counted(INTEGER_MAX).optional(),
  reason: reason.optional(),
  rollout: rollout.optional(),
  submit: z.boolean().default(true),
});
export const withdrawRequestInput = z.strictObject({ id: counted(), reason: reason.optional() });
export const decideInput = z.strictObject({
  id: counted(),
  decision: z.enum(DECISIONS),
  as: z.enum(SIGNING_ROLES),
  revision: z.int().min(1),
  evidenceHash: z.string().regex(/^[0-9a-f]{64}$/, 'must be the SHA-256 you saw'),
  note: prose(4000).default(''),
});

/** Who must agree: one person for each slot, from any of its roles. */
export type Slot = { name: string; roles: SigningRole[] };
export type PolicyDocument = {
  version: string;
  tier: Tier | 'unclassified';
  slots: Slot[];
  expiresDays: number;
  validityHours: number;
};

export type Subject = {
  kind: 'model_deploy';
  environment: string;
  modelId: string;
  modelVersion: number;
  source: string;
  digest: string | null;
  kpis: { id: string; version: number }[];
  referenceId: string | null;
  rollout: Rollout;
  baseDeploymentId: string | null;
  tier: Tier | null;
  policyVersion: string;
};
export type Check = { id: string; name: string; verdict: 'pass' | 'watch' | 'fail' | 'not_run'; detail: string };
export type Comparison = { metric: string; live: number | null; candidate: number | null };
export type Evidence = {
  checks: Check[];
  comparisons: Comparison[];
  liveVersion: number | null;
  goals: { name: string; state: string; value: number | null; version: number }[];
  openIncidents: { id: number; name: string; openedAt: string }[];
  dataTo: string | null;
};

export type VoteView = {
  userId: string;
  user: string;
  role: SigningRole;
  decision: Decision;
  note: string;
  revision: number;
  outdated: boolean;
  createdAt: string;
};
export type SlotView = Slot & { filledBy: string | null; eligible: { id: string; name: string }[] };
/** May the viewer do it, and if not, why: the screen shows the control disabled with the words. */
export type Able = { ok: true } | { ok: false; code: string; message: string };

export type RequestView = {
  id: number;
  kind: 'model_deploy';
  model: string;
  version: number;
  environment: string;
  state: RequestState;
  revision: number;
  reason: string;
  policy: PolicyDocument;
  subject: Subject;
  subjectHash: string;
  evidence: Evidence;
  evidenceHash: string;
  slots: SlotView[];
  votes: VoteView[];
  blockedBy: { code: string; message: string }[];
  createdBy: string;
  createdById: string;
  createdAt: string;
  expiresAt: string;
  approvedUntil: string | null;
  can: { decide: Able; deploy: Able; revise: Able; withdraw: Able };
};
