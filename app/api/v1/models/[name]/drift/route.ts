import { readDrift } from '../../../../../../lib/drift/endpoints.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'common-view' },
  handle: readDrift,
});
