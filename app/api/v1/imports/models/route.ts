import { importModel } from '../../../../../lib/models/commands/import.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'models.import' },
  handle: async ({ run, json }) => run(importModel, await json()),
});
