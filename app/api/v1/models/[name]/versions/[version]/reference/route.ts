import { receiveReference } from '../../../../../../../../lib/incidents/endpoints.ts';
import { route } from '../../../../../../../../lib/shell/http.ts';

/** Reading a reference takes seconds: the answer waits for it, so that what is wrong is said at once. */
export const PUT = route({
  policy: { command: 'measurements.upload' },
  status: 201,
  stream: true,
  handle: receiveReference,
});
