import { redeliver } from '../../../../../../../../lib/notifications/commands/redeliver.ts';
import { route, uuid } from '../../../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'notifications.redeliver' },
  handle: ({ run, params }) => run(redeliver, { id: uuid('webhook', params.id), deliveryId: params.delivery }),
});
