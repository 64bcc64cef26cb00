import { receiveOtlpMetrics } from '../../../../../lib/measurements/endpoints.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const POST = route({ policy: { command: 'measurements.record-metrics' }, handle: receiveOtlpMetrics });
