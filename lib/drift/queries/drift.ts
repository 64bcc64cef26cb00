import { and, asc, desc, eq, gte, lt } from 'drizzle-orm';
import type { Db } from '../../../db/client.ts';
import { latestWindows, references, windows } from '../../../db/schema/measurements.ts';
import { ownValue } from '../../base/own-value.ts';
import { addMs, DAY_MS, HOUR_MS } from '../../base/time.ts';
import { listColumnPieces } from '../../measurements/pieces.ts';
import { countRecounted, findReference, type Reference } from '../../measurements/queries.ts';
import type { ProfiledColumn } from '../../measurements/schema.ts';
import { type CalendarUnit, calendar, startOfDays } from '../../measurements/windows.ts';
import { findImportance } from '../../models/queries.ts';
import { notFound } from '../../shell/errors.ts';
import { baselines } from '../baseline.ts';
import { compareColumn, compareWindow } from '../compare.ts';
import { importanceOf, ranked, weigh } from '../importance.ts';
import { type Judged, judgedColumn, packJudged } from '../judged.ts';
import { groupPieces, mergePieces } from '../merge.ts';
import { binnedMethods } from '../methods.ts';
import { alarms } from '../rules.ts';
import type { DriftFeature, DriftPoint, DriftView, MethodResult, Season } from '../schema.ts';
import { driftSentence } from '../sentence.ts';
import { openSource, type Range, type Source } from './source.ts';

/** What the words speak of: the last week of the range, enough rows to judge and recent enough to act on. */
const RECENT_DAYS = 7;
/** Windows before the range that still decide whether its first one raises an alarm. */
const LEAD_MS = 8 * DAY_MS;
/** An alarm looks a window back; of hours a few are enough, and every one of them is read from rows. */
const HOURS_LEAD_MS = 6 * HOUR_MS;
const leadMs = (unit: CalendarUnit) => (unit === 'hour' ? HOURS_LEAD_MS : LEAD_MS);

/** The newest version of a model that has a reference: its data can be judged. */
export async function findJudgedVersion(db: Db, modelId: string, preferred: (number | null)[]): Promise<number | null> {
  const rows = await db
    .select({ version: references.version })
    .from(references)
    .where(and(eq(references.modelId, modelId), references.current))
    .orderBy(desc(references.version));
  const [latest] = await db
    .select({ version: latestWindows.version })
    .from(latestWindows)
    .where(eq(latestWindows.modelId, modelId))
    .orderBy(desc(latestWindows.start), desc(latestWindows.version))
    .limit(1);
  for (const version of preferred) if (version !== null && rows.some((row) => row.version === version)) return version;
  return latest?.version ?? rows[0]?.version ?? null;
}

type Window = { start: Date; end: Date; n: number } & Judged;

async function listJudged(db: Db, { reference, stored, pieces: read }: Source, query: DriftQuery): Promise<Window[]> {
  const { unit, timezone, season, to } = query;
  const from = addMs(query.from, -leadMs(unit));
  if (unit !== 'day' || season || !stored) {
    const pieces = await read({ from, to });
    const baselineOf = baselines(reference.profile.windows ?? [], unit, timezone, season);
    const { profile } = reference;
    return groupPieces(pieces, calendar(unit, timezone)).map(({ start, end, n, counts }) => ({
      start,
      end,
      n,
      ...packJudged(profile.columns, compareWindow(profile, counts.columns, baselineOf(start))),
    }));
  }
  const { filled, psi, noiseLimit, states, missing, fresh } = windows;
  return db
    .select({ start: windows.start, end: windows.end, n: windows.n, filled, psi, noiseLimit, states, missing, fresh })
    .from(windows)
    .where(
      and(
        eq(windows.modelId, reference.modelId),
        eq(windows.referenceId, reference.id),
        gte(windows.start, from),
        lt(windows.start, to),
      ),
    )
    .orderBy(asc(windows.start));
}

export type DriftQuery = Range & {
  version: number | null;
  unit: CalendarUnit;
  timezone: string;
  season?: Season | null;
  segment?: string | null;
  features?: string[];
  /** `points`: the windows alone, without the words on the last week and the experts' methods. */
  detail?: 'all' | 'points';
};

/** The experts' methods of one column, a window at a time, from its stored counts. */
async function methodsByWindow(db: Db, source: Source, column: ProfiledColumn, query: DriftQuery) {
  const pieces = source.stored
    ? await listColumnPieces(db, source.reference, column.name, query)
    : await source.pieces(query);
  return new Map(
    groupPieces(pieces, calendar(query.unit, query.timezone)).map((piece) => {
      const counts = ownValue(piece.counts.columns, column.name);
      return [piece.start.getTime(), counts ? binnedMethods(column, counts) : []];
    }),
  );
}

/** Drift of every column over a range: a point a window, and one sentence on the whole range for what stands out. */
export async function getDrift(db: Db, modelId: string, query: DriftQuery): Promise<DriftView> {
  const found = query.version === null ? undefined : await findReference(db, modelId, query.version);
  if (!found)
    return {
      state: 'no_reference',
      version: query.version,
      windows: [],
      features: [],
      summary: { sentences: [] },
      importanceSource: null,
      importanceMethod: null,
      reference: null,
    };
  const reach = { ...query, from: addMs(query.from, -leadMs(query.unit)) };
  const { segment = null, unit, timezone } = query;
  const source = await openSource(db, found, { segment, unit, timezone, range: reach });
  const { reference } = source;
  const judged = await listJudged(db, source, query);
  const inRange = judged.filter((window) => window.start >= query.from);
  const known = {
    version: query.version,
    reference: {
      rows: reference.rows,
      columns: reference.profile.columns.length,
      batches: await countRecounted(db, found),
    },
  };
  const names = reference.profile.columns
    .map((column) => column.name)
    .filter((name) => !query.features?.length || query.features.includes(name));
  const missing = query.features?.find((name) => !names.includes(name));
  if (missing !== undefined) throw notFound('feature', missing);
  const last = inRange.at(-1);
  const whole = query.detail !== 'points';
  const weekAgo = last && startOfDays(query.timezone, last.end.getTime(), RECENT_DAYS);
  const recentFrom = whole && weekAgo ? new Date(Math.max(query.from.getTime(), weekAgo)) : null;
  const recent = recentFrom ? mergePieces(await source.pieces({ from: recentFrom, to: query.to })) : undefined;
  const weekly = recent && weeklyBaseline(reference, query)(recent.start);
  const only = names.length === 1 ? reference.profile.columns.find((held) => held.name === names[0]) : undefined;
  const methods = only && whole && query.features?.length ? await methodsByWindow(db, source, only, query) : null;
  const importance = importanceOf(reference.profile, await findImportance(db, modelId, reference.version));
  const unranked = names.map((name): Omit<DriftFeature, 'rank'> => {
    const column = reference.profile.columns.find((held) => held.name === name)!;
    const current = recent && ownValue(recent.counts.columns, name);
    const latest = current ? compareColumn(column, current, reference.profile.columns.length, weekly) : null;
    return {
      name,
      role: column.role,
      kind: column.kind,
      ...weigh(importance, column, latest),
      points: pointsOf(reference.profile.columns.indexOf(column), judged, query.from, methods),
      sentence: latest && driftSentence(latest),
      latest,
    };
  });
  const features = ranked(unranked);
  const standing = features.filter(
    (feature) => feature.latest && feature.latest.state !== 'stable' && feature.latest.state !== 'slight',
  );
  return {
    ...known,
    state: inRange.length ? 'ready' : 'no_data',
    windows: inRange.map((window) => ({
      start: window.start.toISOString(),
      end: window.end.toISOString(),
      n: window.n,
    })),
    features,
    importanceSource: importance.source,
    importanceMethod: importance.method,
    summary: { sentences: standing.slice(0, 5).map((feature) => feature.sentence!) },
  };
}

/** A week has every weekday in it, so only months make a season of it. */
function weeklyBaseline(reference: Reference, { timezone, season }: DriftQuery) {
  return baselines(reference.profile.windows ?? [], 'week', timezone, season === 'same_month' ? season : null);
}

function pointsOf(
  place: number,
  judged: Window[],
  from: Date,
  methods: ReadonlyMap<number, MethodResult[]> | null,
): DriftPoint[] {
  // Windows before the range count too: they may confirm its first one.
  const raises = alarms();
  return judged.flatMap((window) => {
    const column = judgedColumn(window, place);
    const raised = column !== undefined && raises(column.state);
    if (window.start < from) return [];
    return [
      {
        start: window.start.toISOString(),
        end: window.end.toISOString(),
        n: column?.n ?? 0,
        psi: column?.psi ?? null,
        noiseLimit: column && column.noiseLimit < Number.MAX_VALUE ? column.noiseLimit : null,
        state: column?.state ?? 'too_few',
        alarm: raised,
        missing: column?.missing ?? 'fine',
        fresh: column?.fresh ?? 'fine',
        ...(methods ? { methods: methods.get(window.start.getTime()) ?? [] } : {}),
      },
    ];
  });
}
