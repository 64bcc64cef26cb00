import type { Actor } from '../access/schema.ts';
import type { RequestView } from '../approvals/schema.ts';
import { addMs, DAY_MS } from '../base/time.ts';
import type { IncidentView } from '../incidents/schema.ts';
import type { KpiView, PointState } from '../kpis/schema.ts';
import type { Health, InboxItem } from './schema.ts';

/** Daily windows, and a day's grace: when the newest window ended before this, the data is stale. */
export const staleBefore = (now: Date): Date => addMs(now, -2 * DAY_MS);

/** Old figures are never good news: without fresh data a goal that was fine is "no data", and a breach stays a breach. */
export const stateNow = (goal: Pick<KpiView, 'state'>, stale: boolean): PointState =>
  stale && goal.state !== 'breach' ? 'no_data' : goal.state;

/** The worst state of a model's goals. Stale data is "no data", whatever the last figure said; a breach stays a breach. */
export function healthOf(goals: readonly Pick<KpiView, 'state'>[], stale: boolean): Health {
  if (goals.length === 0) return stale ? 'no_data' : 'no_goal';
  const states = goals.map((goal) => goal.state);
  if (states.includes('breach')) return 'over_limit';
  if (stale) return 'no_data';
  if (states.includes('pending')) return 'checking';
  if (states.includes('watch')) return 'watch';
  return states.includes('ok') ? 'on_target' : 'no_data';
}

const ROLE_NAMES: Record<string, string> = {
  product: 'Product',
  data: 'Data',
  ops: 'Operations',
  validator: 'Validator',
};

/** What needs this person, and only that: the badge is the length of this list. */
export function inboxOf(
  actor: Actor,
  requests: readonly RequestView[],
  incidents: readonly IncidentView[],
): InboxItem[] {
  const items: InboxItem[] = [];
  for (const request of requests) {
    const common = { id: String(request.id), model: request.model, at: request.createdAt };
    const slot = request.slots.find(
      (held) => held.filledBy === null && held.roles.some((role) => actor.roles.includes(role)),
    );
    const role = slot?.roles.find((held) => actor.roles.includes(held));
    if (request.can.decide.ok && role) {
      const title = `Approve v${request.version} of ${request.model} as ${ROLE_NAMES[role] ?? role}`;
      items.push({ ...common, kind: 'request', title, detail: `${request.createdBy}: ${request.reason}` });
    }
    if (request.can.deploy.ok)
      items.push({
        ...common,
        kind: 'deploy',
        title: `Deploy v${request.version} of ${request.model}`,
        detail: 'Everybody has agreed.',
      });
    const sentBack =
      request.state === 'changes_requested' || request.blockedBy.some((blocker) => blocker.code === 'subject_moved');
    if (sentBack && request.createdById === actor.id) {
      items.push({
        ...common,
        kind: 'revise',
        title: `Revise the request for v${request.version} of ${request.model}`,
        detail: request.blockedBy[0]?.message ?? 'Changes were asked for.',
      });
    }
  }
  for (const incident of incidents) {
    const mine = incident.assignee !== null && incident.assignee === actor.email;
    const unclaimed =
      incident.state === 'open' &&
      incident.assignee === null &&
      actor.roles.some((role) => role === 'data' || role === 'ops' || role === 'product');
    if (!mine && !unclaimed) continue;
    const title = `${incident.state === 'recovered' ? 'Close' : 'Acknowledge'} ${incident.kpi} of ${incident.model}`;
    items.push({
      kind: 'incident',
      id: String(incident.id),
      model: incident.model,
      title,
      detail: 'Over its limit.',
      at: incident.openedAt,
    });
  }
  return items;
}
