import { readGate } from '../../../../lib/deployments/endpoints.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'registry' },
  handle: ({ db, url, now }) => readGate(db, url.searchParams, now),
});
