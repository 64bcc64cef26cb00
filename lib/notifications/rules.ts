import { type CommandName, permissions } from '../access/rules.ts';
import { err, ok, type Result } from '../base/result.ts';
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../base/time.ts';
import {
  aliasDeleted,
  aliasSet,
  modelCreated,
  PROMPT_TAG,
  REGISTRY_EVENTS,
  type RegistryEventName,
  tagDeleted,
  tagSet,
  versionCreated,
  versionTagDeleted,
  versionTagSet,
} from '../models/rules/registry-events.ts';
import type { Protocol } from './schema.ts';

/** Commands whose success outsiders may be told of. Accounts, sessions and the webhooks themselves are nobody's news. */
const NEWS = /^(models|measurements|drift|kpis|incidents|approvals|deployments|comments)\./;
export const OWN_EVENTS: readonly CommandName[] = (Object.keys(permissions) as CommandName[]).filter((name) =>
  NEWS.test(name),
);

const known: Readonly<Record<Protocol, ReadonlySet<string>>> = {
  mlflow: new Set(REGISTRY_EVENTS),
  standard: new Set([...REGISTRY_EVENTS, ...OWN_EVENTS]),
};

/** The registry protocol has its own fourteen events; Standard Webhooks carry those and ours. */
export function checkEvents(protocol: Protocol, events: readonly string[]): Result<void, string> {
  const unknown = events.find((name) => !known[protocol].has(name));
  return unknown === undefined ? ok(undefined) : err(`${unknown} is not a known event`);
}

type Message = { name: string; at: Date; data: Record<string, unknown> };

/** The exact text that is signed and sent. */
export function bodyOf(protocol: Protocol, { name, at, data }: Message): string {
  const timestamp = at.toISOString();
  if (protocol === 'standard') return JSON.stringify({ type: name, timestamp, data });
  const [entity, action] = name.split('.');
  return JSON.stringify({ entity, action, timestamp, data });
}

/** Waits between attempts, as Standard Webhooks recommends: ten attempts over three days. */
const STANDARD_WAITS_MS: readonly number[] = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
/** Receivers of the registry protocol know three attempts within seconds. */
export const RETRY_WAITS_MS: Readonly<Record<Protocol, readonly number[]>> = {
  standard: STANDARD_WAITS_MS,
  mlflow: [5 * SECOND_MS, ...STANDARD_WAITS_MS],
};
/** Receivers that come back together would be met by every sender at once: each wait is up to a fifth off. */
const JITTER = 0.2;
/** A receiver that has failed without a success between for so long is taken to be gone. */
export const FAILING_MAX_MS = 5 * DAY_MS;
const GONE = 410;

export type Attempt = { status: number | null; retryAfterMs: number | null };
/** Why a webhook has to be disabled, and since when it would have to be failing still; null where that does not matter. */
export type Disabling = { reason: string; failingSince: Date | null };
export type Verdict =
  | { state: 'delivered' }
  | { state: 'failed'; disable: Disabling | null }
  | { state: 'pending'; nextAttemptAt: Date; disable: Disabling | null };

/**
 * What follows from an attempt, the `attempts`-th. `failingSince` is the webhook's first failure since its last success,
 * `chance` a number from 0 to 1.
 */
export function judgeAttempt(
  { status, retryAfterMs }: Attempt,
  { attempts, failingSince, protocol }: { attempts: number; failingSince: Date | null; protocol: Protocol },
  now: Date,
  chance: number,
): Verdict {
  if (status !== null && status >= 200 && status < 300) return { state: 'delivered' };
  if (status === GONE)
    return { state: 'failed', disable: { reason: 'The receiver answered 410 Gone.', failingSince: null } };
  const tooLong = failingSince !== null && failingSince < addMs(now, -FAILING_MAX_MS);
  const disable = tooLong ? { reason: 'Nothing could be delivered for five days.', failingSince } : null;
  const wait = RETRY_WAITS_MS[protocol][attempts - 1];
  if (wait === undefined) return { state: 'failed', disable };
  const jittered = wait * (1 - JITTER + 2 * JITTER * chance);
  const asked = Math.min(retryAfterMs ?? 0, DAY_MS);
  return { state: 'pending', nextAttemptAt: addMs(now, Math.max(jittered, asked)), disable };
}

const model = { name: 'example_model', isPrompt: false };
const prompt = { name: 'example_prompt', isPrompt: true };
const tags = { example_key: 'example_value' };
const tag = { version: 1, key: 'example_key', value: 'example_value' };
const made = { version: 1, source: 'models:/123', runId: 'abcd1234abcd5678', tags };

/** What a test sends: the examples that the registry protocol documents. */
export const EXAMPLES: Readonly<Record<RegistryEventName, Record<string, unknown>>> = {
  'registered_model.created': modelCreated(model.name, tags, 'An example registered model').data,
  'model_version.created': versionCreated(model, { ...made, description: 'An example model version' }).data,
  'model_version_tag.set': versionTagSet(model, tag).data,
  'model_version_tag.deleted': versionTagDeleted(model, tag).data,
  'model_version_alias.created': aliasSet(model, 'example_alias', 1).data,
  'model_version_alias.deleted': aliasDeleted(model, 'example_alias').data,
  'prompt.created': modelCreated(prompt.name, { ...tags, [PROMPT_TAG]: 'true' }, 'An example prompt').data,
  'prompt_version.created': versionCreated(prompt, {
    ...made,
    tags: { ...tags, 'mlflow.prompt.text': 'Hello {{name}}!' },
    description: 'An example prompt version',
  }).data,
  'prompt_tag.set': tagSet(prompt, tag.key, tag.value)[0]!.data,
  'prompt_tag.deleted': tagDeleted(prompt, tag.key)[0]!.data,
  'prompt_version_tag.set': versionTagSet(prompt, tag).data,
  'prompt_version_tag.deleted': versionTagDeleted(prompt, tag).data,
  'prompt_alias.created': aliasSet(prompt, 'example_alias', 1).data,
  'prompt_alias.deleted': aliasDeleted(prompt, 'example_alias').data,
};

/** The data of one of our own events: which thing it was, not what it says; who may read it fetches it. */
export const ownData = (subject: { type: string; id: string }, modelName: string | null): Record<string, unknown> => ({
  subject,
  model: modelName,
});
