import { parseInput } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import type { RequestContext } from '../shell/http.ts';
import { METRICS_MAX, recordMetrics } from './commands/record-metrics.ts';
import { otlpMetrics, readOtlp } from './otlp.ts';

/** What an OTLP exporter reads of the answer: nothing when all was taken, else how many points were not, and why. */
export type OtlpAnswer = { partialSuccess?: { rejectedDataPoints: string; errorMessage: string } };

/**
 * An OTLP/HTTP metrics export in JSON, as an OpenTelemetry Collector sends it (`otlphttp` with `encoding: json` and this
 * server's `/api/otlp` as endpoint). A model that is not registered rejects its points and none of the others'.
 */
export async function receiveOtlpMetrics({ request, json, run }: RequestContext): Promise<OtlpAnswer> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json')
    throw new AppError('unsupported_type', 'unsupported_type', 'Content-Type must be application/json (OTLP in JSON).');
  const reading = readOtlp(parseInput(otlpMetrics, await json()));
  let { rejected, reason } = reading;
  for (const [model, figures] of reading.byModel) {
    for (let from = 0; from < figures.length; from += METRICS_MAX) {
      const part = figures.slice(from, from + METRICS_MAX);
      try {
        const answer = await run(recordMetrics, { model, figures: part });
        rejected += answer.rejected.length;
        reason ??= answer.rejected[0]?.message ?? null;
      } catch (error) {
        // Whoever may not write, or must come again later, has to hear it as a status.
        if (!(error instanceof AppError) || (error.kind !== 'not_found' && error.kind !== 'malformed')) throw error;
        rejected += part.length;
        reason ??= error.message;
      }
    }
  }
  if (rejected === 0) return {};
  return { partialSuccess: { rejectedDataPoints: String(rejected), errorMessage: reason ?? '' } };
}
