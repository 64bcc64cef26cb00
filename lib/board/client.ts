import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import type { AuditRow } from '../audit/schema.ts';
import type { ContractView } from '../contracts/schema.ts';
import type {
  AttributionsView,
  DistributionView,
  DriftView,
  FairnessView,
  PerformanceView,
  SegmentsView,
} from '../drift/schema.ts';
import type { ImportView } from '../imports/schema.ts';
import type { Protection } from '../models/schema.ts';
import type { DeliveryState, DeliveryView, WebhookView } from '../notifications/schema.ts';
import type { BoardView, VersionPage } from './schema.ts';

export type BoardSelection = { m?: string; v?: number; w?: string; f?: string; metric?: string };

export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly requestId: string | null;
  readonly errors: { path: string; code: string; message: string }[];
  readonly body: Record<string, unknown>;

  constructor(status: number, body: Record<string, unknown>) {
    super(typeof body.detail === 'string' ? body.detail : `The server answered ${status}.`);
    this.status = status;
    this.code = typeof body.code === 'string' ? body.code : 'unknown';
    this.requestId = typeof body.requestId === 'string' ? body.requestId : null;
    this.errors = Array.isArray(body.errors) ? (body.errors as ProblemError['errors']) : [];
    this.body = body;
  }
}

/** One call to our own API; a problem document becomes a ProblemError. */
export async function api<T>(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(path, {
    method,
    signal: signal ?? null,
    headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const parsed = text ? (JSON.parse(text) as Record<string, unknown>) : {};
  if (!response.ok) throw new ProblemError(response.status, parsed);
  return parsed as T;
}

export function boardQuery(selection: BoardSelection) {
  const query = new URLSearchParams(
    Object.entries(selection).flatMap(([key, value]) =>
      value === undefined || value === '' ? [] : [[key, String(value)]],
    ),
  );
  return queryOptions({
    queryKey: ['board', selection],
    queryFn: () => api<BoardView>('GET', `/api/v1/board?${query}`),
    placeholderData: (held) => held,
  });
}

/** The names of all models that these words may mean, best first. */
export function foundQuery(words: string) {
  const query = new URLSearchParams({ q: words });
  return queryOptions({
    queryKey: ['board', 'found', words],
    queryFn: async () => {
      const { names } = await api<{ names: string[] }>('GET', `/api/v1/board/found?${query}`);
      return names;
    },
  });
}

/** A question about rows takes seconds: when nobody looks at its answer any more, the server is told so. */
const ask = <T>(path: string, signal: AbortSignal): Promise<T> => api('GET', path, undefined, {}, signal);

type SegmentsAsked = { model: string; by: string; metric: string; version: number | null; from: string; to: string };

/** One metric and the drift of the inputs for each part of a column; read from the rows, so only when asked for. */
export function segmentsQuery({ model, by, metric, version, from, to }: SegmentsAsked) {
  const query = new URLSearchParams({ by, from, to });
  if (metric) query.set('metric', metric);
  if (version !== null) query.set('version', String(version));
  return queryOptions({
    queryKey: ['segments', model, query.toString()],
    queryFn: ({ signal }) => ask<SegmentsView>(`/api/v1/models/${encodeURIComponent(model)}/segments?${query}`, signal),
    staleTime: 60_000,
  });
}

type OverRange = { model: string; version: number | null; from: string; to: string };

function rangeOf({ version, from, to }: OverRange, more: Record<string, string>): URLSearchParams {
  const query = new URLSearchParams({ ...more, from, to });
  if (version !== null) query.set('version', String(version));
  return query;
}

/** How the groups of a protected column fare; read from the rows, so only when asked for. */
export function fairnessQuery(asked: OverRange & { column: string }) {
  const query = rangeOf(asked, { column: asked.column });
  return queryOptions({
    queryKey: ['fairness', asked.model, query.toString()],
    queryFn: ({ signal }) =>
      ask<FairnessView>(`/api/v1/models/${encodeURIComponent(asked.model)}/fairness?${query}`, signal),
    staleTime: 60_000,
  });
}

/** Whether the features move the answers as they did, week by week. */
export function attributionsQuery(asked: OverRange) {
  const query = rangeOf(asked, { window: 'week' });
  return queryOptions({
    queryKey: ['attributions', asked.model, query.toString()],
    queryFn: () =>
      api<AttributionsView>('GET', `/api/v1/models/${encodeURIComponent(asked.model)}/attributions?${query}`),
    staleTime: 60_000,
  });
}

/** One metric of a version window by window; of one segment, `column:name`, where one is named, and then read from the rows. */
export function performanceQuery(
  asked: OverRange & { metric: string; window: 'day' | 'week' | 'month'; segment?: string },
) {
  const { metric, window, segment } = asked;
  const query = rangeOf(asked, { window, ...(metric ? { metric } : {}), ...(segment ? { segment } : {}) });
  return queryOptions({
    // Counts are read again with the board; rows, which take seconds, are not.
    queryKey: [segment ? 'segments' : 'board', 'performance', asked.model, query.toString()],
    queryFn: ({ signal }) =>
      ask<PerformanceView>(`/api/v1/models/${encodeURIComponent(asked.model)}/performance?${query}`, signal),
    staleTime: 60_000,
  });
}

/** How one input was spread in a window, held against the reference. */
export function distributionQuery(asked: OverRange & { feature: string }) {
  const query = rangeOf(asked, { feature: asked.feature });
  return queryOptions({
    queryKey: ['distribution', asked.model, query.toString()],
    queryFn: () =>
      api<DistributionView>('GET', `/api/v1/models/${encodeURIComponent(asked.model)}/distribution?${query}`),
    staleTime: 60_000,
  });
}

/** Every input in one window: how far it is from its reference, and which comes first. */
export function windowDriftQuery(asked: OverRange) {
  const query = rangeOf(asked, { window: 'day' });
  return queryOptions({
    queryKey: ['window-drift', asked.model, query.toString()],
    queryFn: () => api<DriftView>('GET', `/api/v1/models/${encodeURIComponent(asked.model)}/drift?${query}`),
    staleTime: 60_000,
  });
}

/** Which columns of a model are protected, who named them and why. */
export const protectionQuery = (model: string) =>
  queryOptions({
    queryKey: ['protection', model],
    queryFn: () => api<Protection>('GET', `/api/v1/models/${encodeURIComponent(model)}/protected`),
  });

const ACTIVITY_A_PAGE = 60;

/** What happened to a model, newest first: all of it or what is of one noun; page by page. */
export const activityQuery = (model: string, noun: string) =>
  infiniteQueryOptions({
    queryKey: ['board', 'activity', model, noun],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ subject: model, limit: String(ACTIVITY_A_PAGE) });
      if (noun) query.set('action', `${noun}.*`);
      if (pageParam) query.set('cursor', pageParam);
      return api<{ items: AuditRow[]; nextCursor: string | null }>('GET', `/api/v1/audit?${query}`);
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** One version with its origin, its figures beside the live one's, and where it has been. */
export const versionQuery = (model: string, version: number) =>
  queryOptions({
    queryKey: ['board', 'version', model, version],
    queryFn: () => api<VersionPage>('GET', `/api/v1/models/${encodeURIComponent(model)}/versions/${version}`),
  });

const contractPath = (model: string) => `/api/v1/models/${encodeURIComponent(model)}/contract`;

/** The data contract in force for a version; 404 until it has a reference. */
export const contractQuery = (model: string, version: number) =>
  queryOptions({
    queryKey: ['contracts', model, version],
    queryFn: () => api<ContractView>('GET', `${contractPath(model)}?version=${version}`),
    retry: false,
  });

/** Every version of a data contract, newest first; `upTo` is the newest, so that a later one is read anew. */
export const contractVersionsQuery = (model: string, version: number, upTo: number) =>
  queryOptions({
    queryKey: ['contracts', model, version, 'versions', upTo],
    queryFn: async () =>
      (await api<{ items: ContractView[] }>('GET', `${contractPath(model)}/versions?version=${version}`)).items,
  });

/** The imports of other registries, newest first. */
export const importsQuery = () =>
  queryOptions({
    queryKey: ['board', 'imports'],
    queryFn: async () => (await api<{ items: ImportView[] }>('GET', '/api/v1/imports')).items,
  });

/** So many are enough for a screen: a workspace has a handful. */
const WEBHOOKS_MAX = 500;

/** Every webhook of either kind, oldest first. */
export const webhooksQuery = () =>
  queryOptions({
    queryKey: ['webhooks'],
    queryFn: async () => (await api<{ items: WebhookView[] }>('GET', `/api/v1/webhooks?limit=${WEBHOOKS_MAX}`)).items,
  });

const DELIVERIES_A_PAGE = 20;

/** What was told to a webhook, newest first, in one state or all; page by page. */
export const deliveriesQuery = (id: string, state: DeliveryState | '') =>
  infiniteQueryOptions({
    queryKey: ['webhooks', id, 'deliveries', state],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams({ limit: String(DELIVERIES_A_PAGE) });
      if (state) query.set('state', state);
      if (pageParam) query.set('cursor', pageParam);
      return api<{ items: DeliveryView[]; nextCursor: string | null }>(
        'GET',
        `/api/v1/webhooks/${id}/deliveries?${query}`,
      );
    },
    initialPageParam: '',
    getNextPageParam: ({ nextCursor }) => nextCursor,
  });

/** Long before and after the period on the charts: what an overview shows. New every few minutes is soon enough. */
const OVERVIEW_STALE_MS = 300_000;
export type Silhouette = { at: string; value: number | null }[];

/** All that a goal was ever judged on. */
export const goalHistoryQuery = (id: string) =>
  queryOptions({
    queryKey: ['overview', 'goal', id],
    queryFn: async (): Promise<Silhouette> =>
      (await api<{ items: { at: string; value: number | null }[] }>('GET', `/api/v1/kpis/${id}/series`)).items,
    staleTime: OVERVIEW_STALE_MS,
  });

/** The drift of one input over a long range, a point a day. */
export function driftHistoryQuery(asked: OverRange & { feature: string }) {
  const query = rangeOf(asked, { feature: asked.feature, window: 'day', detail: 'points' });
  return queryOptions({
    queryKey: ['overview', 'drift', asked.model, query.toString()],
    queryFn: async (): Promise<Silhouette> => {
      const path = `/api/v1/models/${encodeURIComponent(asked.model)}/drift?${query}`;
      const { features } = await api<DriftView>('GET', path);
      return (features[0]?.points ?? []).map(({ end, psi }) => ({ at: end, value: psi }));
    },
    staleTime: OVERVIEW_STALE_MS,
  });
}
