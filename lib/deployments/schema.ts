import * as z from 'zod';
import { counted, INTEGER_MAX } from '../base/count.ts';
import { exact, line, prose, reason } from '../base/text.ts';

export const DEPLOYMENT_STATES = ['deploying', 'live', 'failed', 'replaced', 'rolled_back'] as const;
export type DeploymentState = (typeof DEPLOYMENT_STATES)[number];

export const deployInput = z.strictObject({ id: counted(), reason: reason.optional() });
/** From the target, which has the token; or, without one, from somebody who may deploy and says in its stead what became of it. */
export const callbackInput = z.strictObject({
  id: z.uuid(),
  token: z.string().min(1).max(200).optional(),
  sequence: z.int().min(1).max(INTEGER_MAX).optional(),
  status: z.enum(['in_progress', 'succeeded', 'failed']),
  detail: prose(2000).optional(),
});
export const rollbackInput = z.strictObject({
  model: exact(256),
  environment: line(80).default('production'),
  reason,
  toDeployment: z.uuid().optional(),
});

export type DeploymentView = {
  id: string;
  environment: string;
  version: number;
  kind: 'deploy' | 'rollback';
  state: DeploymentState;
  request: number | null;
  reason: string;
  detail: string | null;
  createdBy: string;
  createdAt: string;
  servingFrom: string | null;
  servingTo: string | null;
};
