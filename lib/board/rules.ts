import type { Actor } from '../access/schema.ts';
import type { RequestView } from '../approvals/schema.ts';
import type { IncidentView } from '../incidents/schema.ts';
import type { KpiView } from '../kpis/schema.ts';
import {
  type CatalogFilter,
  type CatalogRow,
  type CatalogSort,
  FACETS,
  type Facet,
  type FacetCount,
  type Health,
  type InboxItem,
} from './schema.ts';

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

/** What comes next with an incident. */
const INCIDENT_VERBS = {
  open: 'Acknowledge',
  acknowledged: 'Resolve',
  snoozed: 'Resolve',
  recovered: 'Close',
  resolved: 'Close',
} as const satisfies Record<IncidentView['state'], string>;

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
    const spoken = request.votes.find((vote) => vote.userId === actor.id && !vote.outdated);
    // Whoever asked for changes waits for them.
    if (request.can.decide.ok && role && spoken?.decision !== 'request_changes') {
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
    const verb = INCIDENT_VERBS[incident.state];
    const title = `${verb} ${incident.kpi} of ${incident.model}`;
    items.push({
      kind: 'incident',
      id: String(incident.id),
      model: incident.model,
      title,
      detail: incident.state === 'recovered' ? 'Back within its limit.' : 'Over its limit.',
      at: incident.windowStart,
    });
  }
  return items;
}

const UNSET = 'none';
/** The words of a facet that a row stands under; one that has none stands under "none". */
const WORDS = {
  health: (row) => [row.health],
  tier: (row) => [row.tier ?? UNSET],
  domain: (row) => [row.domain ?? UNSET],
  useCase: (row) => [row.useCase ?? UNSET],
  owner: (row) => (row.owners.length > 0 ? row.owners : [UNSET]),
} as const satisfies Record<Facet, (row: CatalogRow) => string[]>;

const fits = (row: CatalogRow, filter: CatalogFilter, except?: Facet): boolean =>
  FACETS.every((facet) => {
    const wanted = filter[facet];
    return facet === except || wanted === undefined || WORDS[facet](row).includes(wanted);
  });

/** The rows that stand under every chosen word. */
export const narrow = (rows: readonly CatalogRow[], filter: CatalogFilter): CatalogRow[] =>
  rows.filter((row) => fits(row, filter));

/** Of each facet its words with the number of rows that choosing it (in place of the one chosen now) would leave. */
export function facetsOf(rows: readonly CatalogRow[], filter: CatalogFilter): Record<Facet, FacetCount[]> {
  const of = (facet: Facet): FacetCount[] => {
    const counts = new Map<string, number>();
    for (const row of rows) {
      if (!fits(row, filter, facet)) continue;
      for (const word of WORDS[facet](row)) counts.set(word, (counts.get(word) ?? 0) + 1);
    }
    return [...counts]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
  };
  return {
    health: of('health'),
    tier: of('tier'),
    domain: of('domain'),
    useCase: of('useCase'),
    owner: of('owner'),
  };
}

const WORST_FIRST: readonly Health[] = ['over_limit', 'checking', 'watch', 'no_data', 'on_target', 'no_goal'];
/** Negative when `a` comes first; rows that are equal come by name. */
const ORDERS = {
  name: () => 0,
  worst: (a, b) => WORST_FIRST.indexOf(a.health) - WORST_FIRST.indexOf(b.health) || b.needsMe - a.needsMe,
  alerts: (a, b) => b.openIncidents - a.openIncidents || (a.since ?? '~').localeCompare(b.since ?? '~'),
  changed: (a, b) => b.updatedAt.localeCompare(a.updatedAt),
  data: (a, b) => (b.lastDataAt ?? '').localeCompare(a.lastDataAt ?? ''),
} as const satisfies Record<CatalogSort, (a: CatalogRow, b: CatalogRow) => number>;

export const sortCatalog = (rows: readonly CatalogRow[], sort: CatalogSort): CatalogRow[] =>
  [...rows].sort((a, b) => ORDERS[sort](a, b) || (a.name < b.name ? -1 : 1));
