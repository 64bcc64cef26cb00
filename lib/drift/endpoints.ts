import type { Db } from '../../db/client.ts';
import { getWorkspace } from '../access/queries.ts';
import { DAY_MS } from '../base/time.ts';
import { getModel, getVersion } from '../models/queries.ts';
import { notFound, refused } from '../shell/errors.ts';
import { badParameter, instant, oneOf, type RequestContext, wholeNumber } from '../shell/http.ts';
import { getAttributions } from './queries/attributions.ts';
import { getDistribution } from './queries/distribution.ts';
import { findJudgedVersion, getDrift } from './queries/drift.ts';
import { getFairness } from './queries/fairness.ts';
import { getImportance } from './queries/importance.ts';
import { getPerformance } from './queries/performance.ts';
import { listSegments } from './queries/segments.ts';
import {
  type AttributionsView,
  type DistributionView,
  type DriftView,
  type FairnessView,
  type ImportanceView,
  type PerformanceView,
  type SegmentsView,
  season as seasons,
} from './schema.ts';

const UNITS = ['hour', 'day', 'week', 'month'] as const;
const DEFAULT_DAYS = 90;
/** Ten years of days is more than anybody charts and still answers. */
const MAX_DAYS = 3_660;
/** Hours are counted from the rows for each question: a week by itself, a month at most. */
const DEFAULT_DAYS_OF_HOURS = 7;
const MAX_DAYS_OF_HOURS = 31;

/** What every question about a stretch of time says. */
async function readRange({ db, params, url, now, request }: RequestContext) {
  const query = url.searchParams;
  const model = await getModel(db, params.name!);
  const to = instant('to', query.get('to')) ?? new Date(now.getTime() + DAY_MS);
  const unit = oneOf('window', UNITS, query.get('window')) ?? 'day';
  const [days, most] = unit === 'hour' ? [DEFAULT_DAYS_OF_HOURS, MAX_DAYS_OF_HOURS] : [DEFAULT_DAYS, MAX_DAYS];
  const from = instant('from', query.get('from')) ?? new Date(to.getTime() - days * DAY_MS);
  if (from >= to) throw badParameter('from', 'must be before to');
  if (to.getTime() - from.getTime() > most * DAY_MS)
    throw badParameter('from', `must be at most ${most} days before to`);
  const season = oneOf('season', seasons.options, query.get('season')) ?? null;
  if (season === 'same_weekday' && unit !== 'day') throw badParameter('season', 'same_weekday needs window=day');
  const wanted = query.get('version') ? wholeNumber('version', query.get('version') ?? undefined) : null;
  const version = wanted ?? (await findJudgedVersion(db, model.id, []));
  const segment = query.get('segment') || null;
  const leaves = request.signal;
  return { model, from, to, leaves, unit, season, segment, version, timezone: (await getWorkspace(db)).timezone };
}

export async function readDrift(context: RequestContext): Promise<DriftView> {
  const { searchParams: query } = context.url;
  const { model, ...range } = await readRange(context);
  const detail = oneOf('detail', ['all', 'points'] as const, query.get('detail')) ?? 'all';
  return getDrift(context.db, model.id, { ...range, features: query.getAll('feature'), detail });
}

export async function readDistribution(context: RequestContext): Promise<DistributionView> {
  const { searchParams: query } = context.url;
  const feature = query.get('feature');
  if (!feature) throw badParameter('feature', 'must name a column');
  const { model, version, segment, ...range } = await readRange(context);
  if (segment) throw refused('segment_unsupported', 'segment', 'A distribution is of all rows.');
  const exact = oneOf('exact', ['true', 'false'] as const, query.get('exact')) === 'true';
  const view =
    version === null ? null : await getDistribution(context.db, model.id, version, feature, { ...range, exact });
  if (!view) throw notFound('data', `${model.name} in this range`);
  return view;
}

export async function readPerformance(context: RequestContext): Promise<PerformanceView> {
  const { searchParams: query } = context.url;
  const { model, ...range } = await readRange(context);
  const metric = query.get('metric');
  return getPerformance(context.db, model.id, { ...range, ...(metric ? { metric } : {}) });
}

/** The segments of one column (`by`), each with its metric and drift over the range. */
export async function readSegments(context: RequestContext): Promise<SegmentsView> {
  const { searchParams: query } = context.url;
  const by = query.get('by');
  if (!by) throw badParameter('by', 'must name a column');
  const { model, from, to, leaves, version } = await readRange(context);
  const metric = query.get('metric');
  return listSegments(context.db, model.id, { from, to, leaves, version, by, ...(metric ? { metric } : {}) });
}

export async function readImportance(db: Db, name: string, version: number): Promise<ImportanceView> {
  const model = await getModel(db, name);
  await getVersion(db, model, version);
  return getImportance(db, model.id, version);
}

/** The groups of one protected column (`column`): rates, their ratios to the base, and whether somebody must look. */
export async function readFairness(context: RequestContext): Promise<FairnessView> {
  const { searchParams: query } = context.url;
  const column = query.get('column');
  if (!column) throw badParameter('column', 'must name a protected column');
  const { model, from, to, leaves, version, segment } = await readRange(context);
  if (segment) throw refused('segment_unsupported', 'segment', 'Fairness is of all rows.');
  return getFairness(context.db, model.id, { from, to, leaves, version, column });
}

export async function readAttributions(context: RequestContext): Promise<AttributionsView> {
  const { model, unit, segment, ...range } = await readRange(context);
  if (unit === 'hour') throw badParameter('window', 'must be day, week or month: attributions are kept by the day');
  if (segment) throw refused('segment_unsupported', 'segment', 'Attributions are of all rows.');
  return getAttributions(context.db, model.id, { ...range, unit });
}
