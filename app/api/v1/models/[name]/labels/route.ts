import { receiveLabels } from '../../../../../../lib/incidents/endpoints.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'measurements.upload' },
  status: 202,
  stream: true,
  handle: receiveLabels,
});
