import { createWebhook } from '../../../../lib/notifications/commands/create-webhook.ts';
import { readWebhooks } from '../../../../lib/notifications/endpoints.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'webhooks' },
  handle: ({ db, url }) => readWebhooks(db, url.searchParams),
});

export const POST = route({
  policy: { command: 'notifications.create-webhook' },
  status: 201,
  secret: true,
  handle: async ({ run, json }) => run(createWebhook, { protocol: 'standard', ...(await json()) }),
});
