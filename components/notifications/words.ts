import { REGISTRY_EVENTS, type RegistryEventName } from '../../lib/models/rules/registry-events.ts';
import { OWN_EVENTS } from '../../lib/notifications/rules.ts';
import type { DeliveryState, Protocol, WebhookView } from '../../lib/notifications/schema.ts';
import { actOf } from '../audit/words.ts';

export const KINDS = {
  standard: 'Standard Webhooks',
  mlflow: 'As MLflow sends them',
} as const satisfies Record<Protocol, string>;

export const DELIVERY_WORDS = {
  pending: '· Waiting',
  delivered: '✓ Delivered',
  failed: '■ Given up',
} as const satisfies Record<DeliveryState, string>;

const REGISTRY_WORDS = {
  'registered_model.created': 'a model was registered',
  'model_version.created': 'a version was registered',
  'model_version_tag.set': 'a tag of a version was set',
  'model_version_tag.deleted': 'a tag of a version was removed',
  'model_version_alias.created': 'an alias was set',
  'model_version_alias.deleted': 'an alias was removed',
  'prompt.created': 'a prompt was registered',
  'prompt_version.created': 'a version of a prompt was registered',
  'prompt_tag.set': 'a tag of a prompt was set',
  'prompt_tag.deleted': 'a tag of a prompt was removed',
  'prompt_version_tag.set': 'a tag of a prompt’s version was set',
  'prompt_version_tag.deleted': 'a tag of a prompt’s version was removed',
  'prompt_alias.created': 'an alias of a prompt was set',
  'prompt_alias.deleted': 'an alias of a prompt was removed',
} as const satisfies Record<RegistryEventName, string>;

const GROUPS: Readonly<Record<string, string>> = {
  models: 'Models and versions',
  measurements: 'Data',
  drift: 'Drift',
  kpis: 'Goals',
  incidents: 'Incidents',
  approvals: 'Approvals',
  deployments: 'Deployments',
  comments: 'Comments',
};

export type EventChoice = { name: string; words: string };
export type EventGroup = { title: string; events: EventChoice[] };

const registryGroup: EventGroup = {
  title: 'Registry, as MLflow names it',
  events: REGISTRY_EVENTS.map((name) => ({ name, words: REGISTRY_WORDS[name] })),
};

/** What a webhook of a kind can be told of, by what it is about. */
export function eventGroups(kind: Protocol): EventGroup[] {
  if (kind === 'mlflow') return [registryGroup];
  const own = [...Map.groupBy(OWN_EVENTS, (name) => name.slice(0, name.indexOf('.')))].map(([noun, names]) => ({
    title: GROUPS[noun] ?? noun,
    events: names.map((name) => ({ name, words: actOf(name) })),
  }));
  return [...own, registryGroup];
}

/** Whether it is told anything now, and if not, why. */
export function statusWords({ status, disabledReason, failingSince }: WebhookView): string {
  if (status === 'DISABLED') return disabledReason ? `■ Switched off: ${disabledReason}` : '○ Paused';
  return failingSince ? '△ On, but failing' : '✓ On';
}
