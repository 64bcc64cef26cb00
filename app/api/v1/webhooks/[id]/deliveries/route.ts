import { readDeliveries } from '../../../../../../lib/notifications/endpoints.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'webhooks' },
  handle: ({ db, params, url }) => readDeliveries(db, params.id, url.searchParams),
});
