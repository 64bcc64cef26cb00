import * as z from 'zod';
import type { CommandName } from '../access/rules.ts';
import { isUuid, newId } from '../base/ids.ts';
import { createWebhook } from '../notifications/commands/create-webhook.ts';
import { deleteWebhook } from '../notifications/commands/delete-webhook.ts';
import { testWebhook } from '../notifications/commands/test-webhook.ts';
import { updateWebhook } from '../notifications/commands/update-webhook.ts';
import { sendTest } from '../notifications/delivery.ts';
import { getWebhookRow, listWebhooks, viewWebhook, webhookNotFound } from '../notifications/queries.ts';
import { checkEvents } from '../notifications/rules.ts';
import { WEBHOOK_NAME, WEBHOOK_STATUSES, type WebhookView } from '../notifications/schema.ts';
import type { Policy } from '../shell/http.ts';
import { allowedFromEnvironment, checkUrl } from '../shell/outbound.ts';
import { type Context, endpoint } from './endpoint.ts';
import { fields, invalid, page, pageToken, readPageToken } from './wire.ts';

/** Endpoints 22 to 27. Webhooks made elsewhere speak another protocol and do not exist here. */
const PROTOCOL = 'mlflow' as const;
const PER_PAGE = { standard: 100, most: 1000 };
const READ: Policy = { read: 'webhooks' };
const may = (command: CommandName): Policy => ({ command });

const event = z.object({ entity: z.string(), action: z.string() }, 'must be an entity and an action').transform(nameOf);
const events = z.array(event, 'must be a list of events').min(1, 'must not be empty');
const text = z.string('must be a string');
const status = z.enum(WEBHOOK_STATUSES, 'must be ACTIVE or DISABLED').optional();
const newWebhook = {
  name: text.min(1),
  url: text.min(1),
  events,
  description: text.optional(),
  secret: text.optional(),
  status,
};
const changes = { ...newWebhook, name: text.optional(), url: text.optional(), events: z.array(event).optional() };

export const webhookEndpoints = [
  endpoint('POST', 'webhooks', may('notifications.create-webhook'), newWebhook, async ({ run }, input) => {
    assertNameAndUrl(input);
    return { webhook: webhookMessage(await run(createWebhook, { ...set(input), protocol: PROTOCOL })) };
  }),
  endpoint('GET', 'webhooks', READ, { max_results: fields.max_results, page_token: fields.page_token }, list),
  endpoint('GET', 'webhooks/{webhook_id}', READ, {}, async (at) => ({
    webhook: webhookMessage(viewWebhook(await getWebhookRow(at.db, idOf(at), PROTOCOL))),
  })),
  endpoint('PATCH', 'webhooks/{webhook_id}', may('notifications.update-webhook'), changes, async (at, input) => {
    assertNameAndUrl(input);
    const cleared = input.description === '' ? { description: null } : {};
    const changed = { id: idOf(at), protocol: PROTOCOL, changes: { ...set(input), ...cleared } };
    return { webhook: webhookMessage(await at.run(updateWebhook, changed)) };
  }),
  endpoint('DELETE', 'webhooks/{webhook_id}', may('notifications.delete-webhook'), {}, async (at) => {
    await at.run(deleteWebhook, { id: idOf(at), protocol: PROTOCOL });
    return {};
  }),
  endpoint(
    'POST',
    'webhooks/{webhook_id}/test',
    may('notifications.test-webhook'),
    { event: event.optional() },
    async (at, input) => {
      const { id } = await at.run(testWebhook, { id: idOf(at), protocol: PROTOCOL });
      const webhook = await getWebhookRow(at.db, id, PROTOCOL);
      const result = await sendTest(webhook, newId(), input.event, allowedFromEnvironment());
      return {
        result: {
          success: result.success,
          response_status: result.responseStatus ?? undefined,
          response_body: result.responseBody ?? undefined,
          error_message: result.errorMessage ?? undefined,
        },
      };
    },
  ),
];

/** The row of the table that answers this path: a webhook's id stands in the path itself. */
export const endpointOf = (path: string): string => path.replace(/^webhooks\/[^/]+/, 'webhooks/{webhook_id}');

function idOf({ params }: Context): string {
  const id = params.path?.split('/')[1] ?? '';
  if (!isUuid(id)) throw webhookNotFound(id.slice(0, 100));
  return id;
}

async function list({ db }: Context, input: { max_results?: number | undefined; page_token?: string | undefined }) {
  const limit = input.max_results ?? PER_PAGE.standard;
  if (limit < 1 || limit > PER_PAGE.most) throw invalid(`max_results must be between 1 and ${PER_PAGE.most}.`);
  const offset = readPageToken(input.page_token);
  const rows = await listWebhooks(db, { protocol: PROTOCOL, limit: limit + 1, offset });
  const next = rows.length > limit ? pageToken(offset + limit) : undefined;
  return page('webhooks', rows.slice(0, limit).map(webhookMessage), next);
}

/** What the commands refuse as well, in the words that clients of the protocol know; an empty one is unset. */
function assertNameAndUrl({ name, url }: { name?: string | undefined; url?: string | undefined }): void {
  if (name && !WEBHOOK_NAME.test(name))
    throw invalid(
      `Webhook name '${name.slice(0, 100)}' is invalid. It must start and end with a letter or digit, have at most 63 characters, and contain only letters, digits, dots (.), underscores (_), and hyphens (-).`,
    );
  if (!url) return;
  if (url.trim() === '') throw invalid('Webhook URL cannot be empty or just whitespace.');
  const checked = checkUrl(url, allowedFromEnvironment());
  if (checked.ok) return;
  const isScheme = URL.canParse(url) && new URL(url).protocol !== 'https:';
  throw invalid(`Invalid webhook URL${isScheme ? ' scheme' : ''}: it ${checked.error}.`);
}

/** Enumerations are spelled in capitals on the wire, in small letters in what is delivered. */
function nameOf({ entity, action }: { entity: string; action: string }): string {
  const name = `${entity}.${action}`;
  if (name !== name.toUpperCase() || !checkEvents(PROTOCOL, [name.toLowerCase()]).ok)
    throw invalid(`Invalid webhook event: entity ${entity.slice(0, 50)}, action ${action.slice(0, 50)}.`);
  return name.toLowerCase();
}

/** An empty string is how a message says that a text is unset; an empty list likewise. */
const set = (input: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(input).filter(
      ([, value]) => value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0),
    ),
  );

const webhookMessage = (view: WebhookView) => ({
  webhook_id: view.id,
  name: view.name,
  description: view.description ?? undefined,
  url: view.url,
  events: view.events.map((name) => {
    const [entity, action] = name.toUpperCase().split('.');
    return { entity, action };
  }),
  status: view.status,
  creation_timestamp: Date.parse(view.createdAt),
  last_updated_timestamp: Date.parse(view.updatedAt),
});
