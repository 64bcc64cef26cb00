import * as z from 'zod';
import { AppError } from '../shell/errors.ts';
import type { ColumnRoles, MeasuredColumn } from './schema.ts';

/**
 * Inference events as serving systems log them: CloudEvents 1.0 in binary HTTP mode (KServe's and Seldon's request
 * loggers), with payloads in the V1 protocol (`instances`, `predictions`) or the Open Inference Protocol v2 (tensors).
 */
export type InferenceKind = 'request' | 'response';
export type InferenceEvent = { id: string; kind: InferenceKind; at: Date; service: string; rows: Column[] };
/** One named column of a payload; all columns of a payload have the same length. */
export type Column = { name: string; values: (string | number | boolean | null)[] };

const TYPES: Record<string, InferenceKind> = {
  'org.kubeflow.serving.inference.request': 'request',
  'org.kubeflow.serving.inference.response': 'response',
  'io.seldon.serving.inference.request': 'request',
  'io.seldon.serving.inference.response': 'response',
};
const ID_MAX = 200;

const cell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
const row = z.union([cell, z.array(cell), z.record(z.string(), cell)]);
const tensor = z.object({
  name: z.string().min(1).max(200),
  shape: z.array(z.int().min(0)).max(8),
  data: z.array(z.unknown()),
});
const payload = z.union([
  z.object({ instances: z.array(row) }),
  z.object({ predictions: z.array(row) }),
  z.object({ inputs: z.array(tensor).min(1) }),
  z.object({ outputs: z.array(tensor).min(1) }),
]);
const KIND_OF = { instances: 'request', predictions: 'response', inputs: 'request', outputs: 'response' } as const;

const bad = (code: string, message: string): AppError => new AppError('malformed', code, message);

/** Reads one event. `names` are the model's features in their order: for rows that come without names. */
export function readInference(headers: Headers, body: unknown, names: readonly string[]): InferenceEvent {
  const header = (name: string) => headers.get(`ce-${name}`)?.trim() || undefined;
  if (headers.has('inference-header-content-length'))
    throw new AppError('unsupported_type', 'binary_tensors', 'Binary tensors are not read; send them as JSON.');
  if (header('specversion') !== '1.0') throw bad('not_a_cloud_event', 'ce-specversion must be 1.0 (binary mode).');
  const kind = TYPES[header('type') ?? ''];
  if (!kind) throw bad('unknown_event_type', `ce-type must be one of ${Object.keys(TYPES).join(', ')}.`);
  // Seldon gives each event an id of its own and joins the two by requestid; KServe uses one ce-id for both.
  const id = header('requestid') ?? header('id');
  if (!id || id.length > ID_MAX) throw bad('event_id_missing', `ce-id must have 1 to ${ID_MAX} characters.`);
  const at = new Date(header('time') ?? Number.NaN);
  if (Number.isNaN(at.getTime())) throw bad('event_time_missing', 'ce-time must be an ISO 8601 moment.');
  const parsed = payload.safeParse(body);
  const part = parsed.success ? (Object.keys(parsed.data)[0] as keyof typeof KIND_OF) : undefined;
  if (!parsed.success || part === undefined || KIND_OF[part] !== kind)
    throw bad(
      'unknown_payload',
      kind === 'request'
        ? 'A request must hold instances (V1) or inputs with name, shape and data (Open Inference Protocol v2).'
        : 'A response must hold predictions (V1) or outputs with name, shape and data (Open Inference Protocol v2).',
    );
  const held = Object.values(parsed.data)[0] as z.infer<typeof row>[] | z.infer<typeof tensor>[];
  const order = kind === 'request' ? names : [];
  const rows =
    part === 'inputs' || part === 'outputs'
      ? columnsOfTensors(held as z.infer<typeof tensor>[], order)
      : columnsOfRows(held as z.infer<typeof row>[], order, kind === 'request' ? 'feature' : 'prediction');
  const service = header('inferenceservicename') ?? header('modelid') ?? '';
  return { id, kind, at, service, rows };
}

function columnsOfRows(rows: readonly z.infer<typeof row>[], names: readonly string[], plain: string): Column[] {
  const records = rows.map((held) => {
    if (typeof held === 'object' && held !== null && !Array.isArray(held)) return held;
    const cells = Array.isArray(held) ? held : [held];
    return Object.fromEntries(cells.map((value, i) => [nameAt(names, plain, i, cells.length), value]));
  });
  const all = [...new Set(records.flatMap((record) => Object.keys(record)))];
  return all.map((name) => ({ name, values: records.map((record) => record[name] ?? null) }));
}

const nameAt = (names: readonly string[], plain: string, i: number, width: number): string =>
  names.length === width ? names[i]! : width === 1 ? plain : `${plain}_${i}`;

/** Row-major, flat or nested; the first dimension are the rows (v2 specification, "tensor data"). */
function columnsOfTensors(tensors: readonly z.infer<typeof tensor>[], names: readonly string[]): Column[] {
  const columns = tensors.flatMap(({ name, shape, data }) => {
    const cells = z.array(cell).safeParse(data.flat(Number.POSITIVE_INFINITY));
    const [rows, width] = [shape[0] ?? 1, shape.slice(1).reduce((product, size) => product * size, 1)];
    if (!cells.success || cells.data.length !== rows * width)
      throw bad('tensor_shape', `The tensor ${name} has shape [${shape}] and ${data.flat(8).length} values.`);
    const order = tensors.length === 1 ? names : [];
    return Array.from({ length: width }, (_, i) => ({
      name: width === 1 ? name : nameAt(order, name, i, width),
      values: Array.from({ length: rows }, (__, at) => cells.data[at * width + i] ?? null),
    }));
  });
  if (new Set(columns.map(({ values }) => values.length)).size > 1)
    throw bad('tensor_shape', 'The tensors of one payload must have the same number of rows.');
  return columns;
}

export type Pair = { id: string; at: Date; request: Column[]; response: Column[] };
const ID = 'event_id';
const AT = 'event_time';

/**
 * Requests with their responses as the lines of an NDJSON upload, and its column roles. What the model answered becomes
 * the columns that the reference knows as score and prediction: by name, else by what it looks like (two shares that
 * sum to one are the probabilities of no and yes).
 */
export function uploadOf(
  pairs: readonly Pair[],
  reference: readonly MeasuredColumn[],
): { ndjson: string; roles: ColumnRoles } {
  const named = (role: MeasuredColumn['role']) => reference.find((column) => column.role === role)?.name;
  const [id, at] = [named('id') ?? ID, named('timestamp') ?? AT];
  const [score, prediction] = [named('score'), named('prediction')];
  const used = new Set<'score' | 'prediction'>();
  const lines = pairs.flatMap(({ id: event, at: moment, request, response }) => {
    const rows = Math.min(...[...request, ...response].map(({ values }) => values.length));
    return Array.from({ length: rows }, (_, i) => {
      const line: Record<string, unknown> = { [id]: rows === 1 ? event : `${event}/${i}`, [at]: moment.toISOString() };
      for (const { name, values } of request) line[name] = values[i];
      for (const [role, value] of answersOf(response, i, score, prediction)) {
        used.add(role);
        line[role === 'score' ? (score ?? 'score') : (prediction ?? 'prediction')] = value;
      }
      return JSON.stringify(line);
    });
  });
  const roles: ColumnRoles = { id, timestamp: at };
  if (used.has('score')) roles.score = score ?? 'score';
  if (used.has('prediction')) roles.prediction = prediction ?? 'prediction';
  return { ndjson: `${lines.join('\n')}\n`, roles };
}

type Answer = ['score' | 'prediction', Column['values'][number]];

function answersOf(response: readonly Column[], i: number, score?: string, prediction?: string): Answer[] {
  const byName = response.flatMap(({ name, values }): Answer[] => {
    if (name === score) return [['score', values[i] ?? null]];
    return name === prediction ? [['prediction', values[i] ?? null]] : [];
  });
  if (byName.length > 0) return byName;
  const values = response.map((column) => column.values[i] ?? null);
  const [no, yes] = values;
  if (values.length === 2 && typeof no === 'number' && typeof yes === 'number' && Math.abs(no + yes - 1) < 1e-6)
    return [['score', yes]];
  const [only] = values;
  if (only === undefined) return [];
  const isShare = typeof only === 'number' && !Number.isInteger(only);
  return [[score !== undefined && (isShare || prediction === undefined) ? 'score' : 'prediction', only]];
}
