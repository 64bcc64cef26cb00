import { deleteWebhook } from '../../../../../lib/notifications/commands/delete-webhook.ts';
import { updateWebhook } from '../../../../../lib/notifications/commands/update-webhook.ts';
import { getWebhookRow, viewWebhook } from '../../../../../lib/notifications/queries.ts';
import { route, uuid } from '../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'webhooks' },
  handle: async ({ db, params }) => viewWebhook(await getWebhookRow(db, uuid('webhook', params.id))),
});

export const PATCH = route({
  policy: { command: 'notifications.update-webhook' },
  handle: async ({ run, json, params, ifMatch }) =>
    run(updateWebhook, { id: uuid('webhook', params.id), expectedVersion: ifMatch(), changes: await json() }),
});

export const DELETE = route({
  policy: { command: 'notifications.delete-webhook' },
  handle: ({ run, params }) => run(deleteWebhook, { id: uuid('webhook', params.id) }),
});
