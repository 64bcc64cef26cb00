import { recordMetrics } from '../../../../../../lib/measurements/commands/record-metrics.ts';
import { AppError } from '../../../../../../lib/shell/errors.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({
  policy: { command: 'measurements.record-metrics' },
  status: 202,
  handle: async ({ run, body, params }) => {
    const figures = body();
    if (!Array.isArray(figures))
      throw new AppError('malformed', 'invalid_json', 'The body must be a JSON array of figures.');
    return run(recordMetrics, { model: params.name, figures });
  },
});
