import { and, desc, eq, inArray, isNull } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { requests } from '../../db/schema/approvals.ts';
import { modelVersions } from '../../db/schema/models.ts';
import { atOneMoment } from '../../db/snapshot.ts';
import { findTokenActor } from '../access/queries.ts';
import { mayRun } from '../access/rules.ts';
import { judge } from '../approvals/queries/request.ts';
import { findServing } from '../approvals/queries/subject.ts';
import { mayDeploy } from '../approvals/rules.ts';
import type { Subject } from '../approvals/schema.ts';
import { readInference } from '../measurements/inference.ts';
import { findReferenceColumns } from '../measurements/queries.ts';
import { spool } from '../measurements/spool.ts';
import { getModel, getVersion } from '../models/queries.ts';
import { denied } from '../shell/command.ts';
import { AppError } from '../shell/errors.ts';
import { badParameter, type RequestContext, wholeNumber } from '../shell/http.ts';
import { findServingAt } from './queries.ts';

type Gate = { ok: boolean; reasons: string[]; request: number | null; approvedBy: string[]; validUntil: string | null };

/** May this artifact go there now? What CI, an admission hook or a person asks before acting; `exit=1` says no with a 412. */
export async function readGate(db: Db, query: URLSearchParams, now: Date): Promise<Response> {
  const [name, environment] = [query.get('model'), query.get('environment')];
  if (!name) throw badParameter('model', 'must name a model');
  if (!environment) throw badParameter('environment', 'must name an environment');
  // A deployment that is made meanwhile was allowed before and serves afterwards: between its steps nobody may be told no.
  const gate = await atOneMoment(db, (read) => judgeGate(read, name, environment, query, now));
  const status = !gate.ok && query.get('exit') === '1' ? 412 : 200;
  return Response.json({ data: gate }, { status, headers: { 'cache-control': 'no-store' } });
}

async function judgeGate(db: Db, name: string, environment: string, query: URLSearchParams, now: Date): Promise<Gate> {
  const closed = (reason: string): Gate => ({
    ok: false,
    reasons: [reason],
    request: null,
    approvedBy: [],
    validUntil: null,
  });
  const model = await getModel(db, name);
  const digest = query.get('digest');
  const [byDigest] = digest
    ? await db
        .select()
        .from(modelVersions)
        .where(
          and(eq(modelVersions.modelId, model.id), eq(modelVersions.digest, digest), isNull(modelVersions.deletedAt)),
        )
    : [];
  if (digest && !byDigest) return closed('No version of this model has this digest.');
  if (!digest && !query.get('version')) throw badParameter('version', 'or digest must be given');
  const version = byDigest?.version ?? wholeNumber('version', query.get('version') ?? undefined);
  const serving = await findServing(db, model.id, environment);
  if (serving?.version === version)
    return { ok: true, reasons: [], request: serving.requestId, approvedBy: [], validUntil: null };
  const [request] = await db
    .select()
    .from(requests)
    .where(
      and(
        eq(requests.modelId, model.id),
        eq(requests.environment, environment),
        eq(requests.version, version),
        inArray(requests.state, ['in_review', 'changes_requested', 'approved', 'deploying']),
      ),
    )
    .orderBy(desc(requests.id))
    .limit(1);
  if (!request) return closed('Nobody has asked to put this version there.');
  const judged = await judge(db, request, model);
  const deploying = request.state === 'deploying' && (judged.revision.subject as Subject).modelVersion === version;
  const may = deploying ? { ok: true as const } : mayDeploy(judged.situation, judged.filled, judged.inFlight, now);
  return {
    ok: may.ok,
    reasons: may.ok ? [] : [may.error.message],
    request: request.id,
    approvedBy: judged.counted.map((vote) => vote.userName),
    validUntil: request.approvedUntil?.toISOString() ?? null,
  };
}

/**
 * One logged request or response of a serving system (KServe, Seldon): durable before the answer, which is an empty 200
 * because these loggers take anything else for a failure. The model is the inference service's name or `model`, the
 * version is the one that served then, or `version`.
 */
export async function receiveInference({ request, params, url, db, now, json }: RequestContext): Promise<Response> {
  const actor = await findTokenActor(db, params.token ?? '', now);
  // Without a token this address does not exist.
  if (!actor) throw new AppError('not_found', 'endpoint_not_found', 'There is nothing at this address.');
  const allowed = mayRun(actor, 'measurements.upload');
  if (!allowed.ok) throw denied(allowed.error);
  const body = await json();
  const service = request.headers.get('ce-inferenceservicename') ?? request.headers.get('ce-modelid') ?? '';
  const name = url.searchParams.get('model') ?? service.trim();
  if (!name) throw badParameter('model', 'must name a model, or the event its ce-inferenceservicename');
  const model = await getModel(db, name);
  const asked = url.searchParams.get('version');
  const serving = asked === null ? await findServingAt(db, model.id, 'production', now) : undefined;
  const number = asked === null ? (serving?.version ?? model.lastVersion) : wholeNumber('version', asked);
  const { version } = await getVersion(db, model, number);
  const reference = await findReferenceColumns(db, model.id, version);
  const features = (reference?.columns ?? [])
    .filter((column) => column.role === 'feature')
    .map(({ name: held }) => held);
  await spool(db, { id: model.id, version }, readInference(request.headers, body, features), now);
  return new Response(null, { status: 200, headers: { 'cache-control': 'no-store' } });
}
