import * as z from 'zod';

/**
 * OTLP/HTTP metrics in their JSON encoding (opentelemetry.io/docs/specs/otlp, proto3 JSON: 64-bit integers are strings
 * or numbers, unknown fields are ignored), read as figures of models.
 */
const int64 = z.union([z.string().regex(/^-?\d{1,19}$/), z.number().int()]);
const attribute = z.object({
  key: z.string(),
  value: z
    .object({
      stringValue: z.string().optional(),
      intValue: int64.optional(),
      doubleValue: z.number().optional(),
      boolValue: z.boolean().optional(),
    })
    .optional(),
});
const attributes = z.array(attribute).default([]);
const numberPoint = z.object({
  attributes,
  timeUnixNano: int64,
  asDouble: z.number().optional(),
  asInt: int64.optional(),
});
const numbers = z.object({ dataPoints: z.array(z.unknown()).default([]) });
const metric = z.object({ name: z.string(), gauge: numbers.optional(), sum: numbers.optional() });
export const otlpMetrics = z.object({
  resourceMetrics: z
    .array(
      z.object({
        resource: z.object({ attributes }).optional(),
        scopeMetrics: z.array(z.object({ metrics: z.array(metric).default([]) })).default([]),
      }),
    )
    .default([]),
});
export type OtlpMetrics = z.infer<typeof otlpMetrics>;

/** What `measurements.record-metrics` takes for one model. */
export type OtlpFigure = {
  metric: string;
  value: number;
  at: string;
  n?: number;
  version?: number;
  segment?: string;
};
export type OtlpReading = {
  byModel: Map<string, OtlpFigure[]>;
  /** Data points that are no figure of a model, and why the first of them was not. */
  rejected: number;
  reason: string | null;
};

type Attributes = z.infer<typeof attributes>;
const textOf = (held: Attributes, key: string): string | undefined => {
  const value = held.find((one) => one.key === key)?.value;
  const found = value?.stringValue ?? value?.intValue ?? value?.doubleValue ?? value?.boolValue;
  return found === undefined ? undefined : String(found);
};

const NANOS_PER_MS = 1_000_000n;
const LATEST_MS = BigInt(Date.UTC(9999, 11, 31));

/** A point's moment in ISO 8601; undefined when it is before 1970 or beyond year 9999. */
function momentOf(nanos: string | number): string | undefined {
  const ms = BigInt(nanos) / NANOS_PER_MS;
  return ms < 0n || ms > LATEST_MS ? undefined : new Date(Number(ms)).toISOString();
}

/**
 * The figures of an export request. The model is the attribute `model` of the point or the resource, else the resource's
 * `service.name`; `model.version`, `segment` and `n` (rows behind the figure) are attributes too. Gauges and sums are
 * figures; histograms and summaries are not, and count as rejected.
 */
export function readOtlp({ resourceMetrics }: OtlpMetrics): OtlpReading {
  const byModel = new Map<string, OtlpFigure[]>();
  let [rejected, reason] = [0, null as string | null];
  const reject = (why: string, points = 1) => {
    rejected += points;
    reason ??= why;
  };
  for (const { resource, scopeMetrics } of resourceMetrics) {
    const shared = resource?.attributes ?? [];
    for (const { name, gauge, sum } of scopeMetrics.flatMap((scope) => scope.metrics)) {
      const points = gauge ?? sum;
      if (!points) {
        reject(`${name}: only gauges and sums are figures`);
        continue;
      }
      for (const given of points.dataPoints) {
        const parsed = numberPoint.safeParse(given);
        if (!parsed.success) {
          const issue = parsed.error.issues[0];
          reject(`${name}: ${issue?.path.join('.') || 'data point'}: ${issue?.message ?? 'is not valid'}`);
          continue;
        }
        const { data: point } = parsed;
        const find = (key: string) => textOf(point.attributes, key) ?? textOf(shared, key);
        const model = find('model') ?? textOf(shared, 'service.name');
        const value = point.asDouble ?? (point.asInt === undefined ? undefined : Number(point.asInt));
        const at = momentOf(point.timeUnixNano);
        if (model === undefined) reject(`${name}: no attribute model or service.name says which model it is of`);
        else if (value === undefined) reject(`${name}: asDouble or asInt is missing`);
        else if (at === undefined) reject(`${name}: timeUnixNano is not a moment between 1970 and 9999`);
        else {
          const [version, segment, n] = [find('model.version'), find('segment'), find('n')];
          const figure: OtlpFigure = {
            metric: name,
            value,
            at,
            ...(version === undefined ? {} : { version: Number(version) }),
            ...(segment === undefined ? {} : { segment }),
            ...(n === undefined ? {} : { n: Number(n) }),
          };
          const held = byModel.get(model);
          if (held) held.push(figure);
          else byModel.set(model, [figure]);
        }
      }
    }
  }
  return { byModel, rejected, reason };
}
