import type { Decision, RequestState, RequestView, SigningRole } from '../../lib/approvals/schema.ts';

export const ROLE_WORDS = {
  product: 'Product',
  data: 'Data',
  ops: 'Ops',
  validator: 'Validator',
} as const satisfies Record<SigningRole, string>;

export const STATE_WORDS = {
  draft: 'Draft',
  in_review: 'In review',
  changes_requested: 'Changes requested',
  approved: 'Approved',
  deploying: 'Deploying',
  live: 'Live',
  rejected: 'Rejected',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
  superseded: 'Superseded',
  rolled_back: 'Rolled back',
} as const satisfies Record<RequestState, string>;

export const DECISION_WORDS = {
  approve: 'approved',
  request_changes: 'asked for changes',
  reject: 'rejected',
} as const satisfies Record<Decision, string>;

const OPEN: readonly RequestState[] = ['draft', 'in_review', 'changes_requested', 'approved', 'deploying'];
export const isOpen = (request: Pick<RequestView, 'state'>): boolean => OPEN.includes(request.state);

/** The roles this person may sign as, those first that still fill a place. */
export function signingRoles(request: RequestView, roles: readonly string[]): SigningRole[] {
  const slots = [...request.slots].sort((a, b) => Number(a.filledBy !== null) - Number(b.filledBy !== null));
  const held = slots.flatMap((slot) => slot.roles).filter((role) => roles.includes(role));
  return [...new Set(held)];
}
