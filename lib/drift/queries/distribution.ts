import type { Db } from '../../../db/client.ts';
import { ownValue } from '../../base/own-value.ts';
import { DAY_MS } from '../../base/time.ts';
import { compareRows } from '../../measurements/engine.ts';
import { listColumnPieces } from '../../measurements/pieces.ts';
import { findReference, listBatchesWithin, listParquet, type Reference } from '../../measurements/queries.ts';
import type { CalendarUnit } from '../../measurements/windows.ts';
import { notFound, refused } from '../../shell/errors.ts';
import { baselines } from '../baseline.ts';
import { compareColumn } from '../compare.ts';
import { mergePieces } from '../merge.ts';
import { binnedMethods, exactMethods } from '../methods.ts';
import type { DistributionView, MethodResult, Season } from '../schema.ts';
import { driftSentence } from '../sentence.ts';
import type { Range } from './source.ts';
import { takeTurn } from './turns.ts';

/** `exact` reads the rows themselves besides the stored counts: seconds instead of milliseconds. */
export type DistributionQuery = Range & { timezone: string; season?: Season | null; exact?: boolean };

/** How one input is spread in a range beside the reference, over the bins the score is computed on, and every method's answer. */
export async function getDistribution(
  db: Db,
  modelId: string,
  version: number,
  feature: string,
  query: DistributionQuery,
): Promise<DistributionView | null> {
  const reference = await findReference(db, modelId, version);
  const column = reference?.profile.columns.find((held) => held.name === feature);
  if (!reference || !column) throw notFound('feature', feature);
  const pieces = await listColumnPieces(db, reference, feature, query);
  const whole = mergePieces(pieces);
  const counts = whole && ownValue(whole.counts.columns, feature);
  if (!whole || !counts) return null;
  const unit = unitOf(whole);
  // More than a day has several weekdays in it, which make no season together.
  const season = query.season === 'same_weekday' && unit !== 'day' ? null : (query.season ?? null);
  const baseline = baselines(reference.profile.windows ?? [], unit, query.timezone, season)(whole.start);
  const result = compareColumn(column, counts, reference.profile.columns.length, baseline);
  const exact = query.exact ? await methodsOfRows(db, reference, feature, whole, query.leaves) : [];
  return {
    feature,
    kind: column.kind,
    from: whole.start.toISOString(),
    to: whole.end.toISOString(),
    n: result.n,
    referenceN: result.referenceN,
    bins: result.contributions,
    state: result.state,
    psi: result.psi,
    noiseLimit: Math.min(result.noiseLimit, 99),
    against: result.against,
    methods: [...binnedMethods(column, counts), ...exact],
    sentence: driftSentence(result),
  };
}

async function methodsOfRows(
  db: Db,
  reference: Reference,
  feature: string,
  { start, end }: { start: Date; end: Date },
  leaves: AbortSignal | undefined,
): Promise<MethodResult[]> {
  const numeric = reference.columns.some((column) => column.name === feature && column.kind === 'numeric');
  if (!numeric) throw refused('not_numeric', 'exact', `The rows of "${feature}" have no order to compare.`);
  const batchIds = await listBatchesWithin(db, reference, { from: start, to: end });
  const [files, [own]] = [await listParquet(db, batchIds), await listParquet(db, [reference.batchId])];
  const observations = files.flatMap(({ timestamp, ...file }) => (timestamp ? [{ ...file, timestamp }] : []));
  if (!own || observations.length < batchIds.length)
    throw refused('rows_not_kept', 'exact', 'The rows of this range are not kept any more.');
  const job = {
    reference: own,
    observations,
    column: feature,
    from: start.toISOString(),
    to: end.toISOString(),
  };
  const answer = await takeTurn(() => compareRows(job, { signal: leaves }), leaves);
  if (!answer.ok) throw refused('rows_unreadable', 'exact', answer.errors[0]?.message ?? 'The rows cannot be read.');
  return answer.exact ? exactMethods(answer.exact) : [];
}

/** The calendar unit nearest to a range's length: whose noise its windows teach. */
function unitOf({ start, end }: { start: Date; end: Date }): CalendarUnit {
  const days = (end.getTime() - start.getTime()) / DAY_MS;
  if (days < 4) return 'day';
  return days < 18 ? 'week' : 'month';
}
