import { eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { latestWindows } from '../../db/schema/measurements.ts';
import { MINUTE_MS } from '../base/time.ts';
import { removeBlob, storeBlob } from '../measurements/blobs.ts';
import { upload } from '../measurements/commands/upload.ts';
import { BatchBusy, ReaderBroke } from '../measurements/jobs.ts';
import { getBatch, viewBatch } from '../measurements/queries.ts';
import type { BatchKind, BatchState, BatchView, ColumnRoles, UploadFormat } from '../measurements/schema.ts';
import { getModel, getVersion } from '../models/queries.ts';
import { AppError, conflict } from '../shell/errors.ts';
import { badParameter, type RequestContext, wholeNumber } from '../shell/http.ts';
import { processBatch } from './jobs.ts';

const FORMATS: Record<string, UploadFormat> = {
  'application/vnd.apache.parquet': 'parquet',
  'application/x-parquet': 'parquet',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
  'application/jsonl': 'ndjson',
};

function formatOf(request: Request): UploadFormat {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? '';
  const format = FORMATS[type];
  if (!format)
    throw new AppError(
      'unsupported_type',
      'unsupported_type',
      'Content-Type must be application/vnd.apache.parquet, text/csv or application/x-ndjson.',
    );
  return format;
}

const SINGLE = ['timestamp', 'id', 'prediction', 'score', 'label'] as const;
const MANY = ['segment', 'ignore'] as const;
const ROLES = [...SINGLE, ...MANY, 'attribution'];
const ALLOWED = new Set<string>([...ROLES, 'wait', 'version']);

/** Column roles from the query; an unknown parameter is an error, because a misspelled role would silently make a feature. */
function rolesOf(query: URLSearchParams): ColumnRoles {
  for (const name of query.keys())
    if (!ALLOWED.has(name)) throw badParameter(name, `is not a column role (${ROLES.join(', ')})`);
  const roles: ColumnRoles = {};
  for (const name of SINGLE) {
    const given = query.getAll(name);
    if (given.length > 1) throw badParameter(name, 'must be given once');
    if (given[0]) roles[name] = given[0];
  }
  for (const name of MANY) if (query.has(name)) roles[name] = query.getAll(name).filter(Boolean);
  const attributions = query.getAll('attribution').map(attributionOf);
  if (attributions.length > 0) roles.attributions = Object.fromEntries(attributions);
  return roles;
}

/** `shap_income:income`: a column and the feature it is about. The first colon parts them. */
function attributionOf(given: string): [string, string] {
  const at = given.indexOf(':');
  if (at < 1 || at === given.length - 1) throw badParameter('attribution', 'must be <column>:<feature>');
  return [given.slice(0, at), given.slice(at + 1)];
}

type Received = { batchId: string; repeated: boolean };

/** Durable first, noted second: whoever gets an answer can forget the file. */
async function receive(
  { request, url, params, db, run }: RequestContext,
  kind: BatchKind,
  version: number,
): Promise<Received> {
  const format = formatOf(request);
  const roles = rolesOf(url.searchParams);
  await getVersion(db, await getModel(db, params.name!), version);
  const declared = request.headers.get('content-length');
  const blob = await storeBlob(request.body, declared === null ? null : Number(declared));
  try {
    const noted = await run(upload, {
      model: params.name,
      version,
      kind,
      format,
      roles,
      sha256: blob.sha256,
      bytes: blob.bytes,
      path: blob.path,
    });
    if (noted.repeated) await removeBlob(blob.path);
    return noted;
  } catch (error) {
    await removeBlob(blob.path);
    throw error;
  }
}

/**
 * A reference is read before the answer: 201 with its columns, or what is wrong with it. Who would rather follow the work asks for that
 * with `Prefer: respond-async` (RFC 7240) and gets the batch, 202.
 */
export async function receiveReference(
  context: RequestContext,
): Promise<Pick<BatchView, 'batchId' | 'rows' | 'columns' | 'warnings'> | Response> {
  const version = wholeNumber('version', context.params.version);
  const { batchId } = await receive(context, 'reference', version);
  const preferred = context.headers.get('prefer')?.split(/[,;]/) ?? [];
  if (preferred.some((token) => token.trim().toLowerCase() === 'respond-async')) {
    const headers = {
      'cache-control': 'no-store',
      'preference-applied': 'respond-async',
      'x-request-id': context.requestId,
    };
    return Response.json(await viewBatch(context.db, batchId), { status: 202, headers });
  }
  // The worker's own job may have been quicker, or has to try again; then its result is waited for.
  await processBatch(context.db, batchId).catch((error: unknown) => {
    if (!(error instanceof BatchBusy || error instanceof ReaderBroke)) throw error;
  });
  const view = await settled(context.db, batchId, 2 * MINUTE_MS, context.request.signal);
  if (view.state === 'failed') throw failedUpload(view);
  if (view.state === 'cancelled') throw conflict('batch_cancelled', 'The upload was cancelled while it was read.');
  return { batchId, rows: view.rows, columns: view.columns, warnings: view.warnings };
}

export async function receiveObservations(context: RequestContext): Promise<BatchView> {
  const waitMs = waitOf(context.url);
  const { batchId } = await receive(context, 'observations', wholeNumber('version', context.params.version));
  return settled(context.db, batchId, waitMs, context.request.signal);
}

/** Late ground truth, by id; without a version it belongs to the one with the newest data. */
export async function receiveLabels(context: RequestContext): Promise<BatchView> {
  const waitMs = waitOf(context.url);
  const model = await getModel(context.db, context.params.name!);
  const given = context.url.searchParams.get('version');
  const rows = given
    ? []
    : await context.db
        .select({ version: latestWindows.version })
        .from(latestWindows)
        .where(eq(latestWindows.modelId, model.id));
  const version = given
    ? wholeNumber('version', given)
    : Math.max(model.lastVersion && 1, ...rows.map((row) => row.version));
  const { batchId } = await receive(context, 'labels', version);
  return settled(context.db, batchId, waitMs, context.request.signal);
}

export const waitForBatch = ({ db, params, url, request }: RequestContext): Promise<BatchView> =>
  settled(db, params.id!, waitOf(url), request.signal);

const WAIT_MAX_S = 60;

/** How long to wait for the end, in ms; read before anything is stored, so that a bad one leaves nothing behind. */
function waitOf(url: URL): number {
  const text = url.searchParams.get('wait') ?? '0';
  if (!/^\d{1,3}$/.test(text) || Number(text) > WAIT_MAX_S)
    throw badParameter('wait', `must be 0 to ${WAIT_MAX_S} seconds`);
  return Number(text) * 1000;
}

const LOOK_EVERY_MS = 150;

const ENDED = new Set<string>(['done', 'failed', 'cancelled'] satisfies BatchState[]);

/** The batch once its work has ended, or as it is when the time is up. */
async function settled(db: Db, batchId: string, waitMs: number, signal: AbortSignal): Promise<BatchView> {
  const until = Date.now() + waitMs;
  for (;;) {
    const { batch } = await getBatch(db, batchId);
    if (ENDED.has(batch.state) || Date.now() >= until || signal.aborted) return viewBatch(db, batchId);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

function failedUpload(view: BatchView): AppError {
  const [first] = view.errors;
  const errors = view.errors.map((error) => ({
    path: error.column ?? 'body',
    code: error.code,
    message: error.message,
    ...(error.row === undefined ? {} : { row: error.row }),
  }));
  const kind =
    first?.code === 'too_large'
      ? 'too_large'
      : first?.code === 'timed_out' || first?.code === 'engine_failed'
        ? 'unavailable'
        : 'refused';
  return new AppError(kind, first?.code ?? 'unreadable', first?.message ?? 'The file could not be read.', errors, {
    batchId: view.batchId,
  });
}
