import { ownValue } from '../base/own-value.ts';
import { binCount, scoringBins, scoringCounts } from '../measurements/bins.ts';
import { unpackCounts } from '../measurements/counts.ts';
import type { ColumnCounts, NumericBins, ProfiledColumn, ReferenceProfile } from '../measurements/schema.ts';
import type { Baseline } from './baseline.ts';
import { noiseLimit, PSI_METHOD, psiOfUsedBins, totalVariation } from './psi.ts';
import { ALPHA, driftLimits, shareRise, verdict } from './rules.ts';
import type { DriftResult } from './schema.ts';

/** The largest finite number stands for "no limit": JSON has no infinity, and null would read as zero. */
const NO_LIMIT = Number.MAX_VALUE;

const WHOLE_REFERENCE: Baseline = { noise: new Map() };

/**
 * Every profiled column of a window against the reference, in the profile's order; columns the window lacks are left out.
 * @param looks comparisons made together, where that is more than this window's columns
 */
export function compareWindow(
  profile: ReferenceProfile,
  columns: Record<string, ColumnCounts>,
  baseline: Baseline = WHOLE_REFERENCE,
  looks = profile.columns.length,
): DriftResult[] {
  return profile.columns.flatMap((column) => {
    const current = ownValue(columns, column.name);
    return current ? [compareColumn(column, current, looks, baseline)] : [];
  });
}

/**
 * One column of a window (or of merged windows) against the reference.
 * @param columns how many columns are looked at together: more looks, higher noise limit
 */
export function compareColumn(
  reference: ProfiledColumn,
  current: ColumnCounts,
  columns: number,
  baseline: Baseline = WHOLE_REFERENCE,
): DriftResult {
  const fine = unpackCounts(current.counts);
  const whole = scoringCounts(reference.bins, unpackCounts(reference.counts.counts));
  const seasonal = baseline.season?.counts.get(reference.name);
  const before = seasonal ?? whole;
  const now = scoringCounts(reference.bins, fine);
  const learned = baseline.noise.get(reference.name) ?? null;
  const { found, limit, state } = judgeCounts(before, now, columns, learned);
  const filled = whole.reduce((sum, count) => sum + count, 0);
  return {
    method: PSI_METHOD,
    column: reference.name,
    role: reference.role,
    kind: reference.kind,
    n: found.n,
    referenceN: found.referenceN,
    psi: found.psi,
    tvd: totalVariation(before, now),
    noiseLimit: limit,
    learned,
    against: seasonal && baseline.season ? baseline.season.against : 'reference',
    alpha: ALPHA,
    columns,
    limits: driftLimits(limit),
    state,
    contributions: scoringBins(reference.bins).map((bin, i) => ({
      bin,
      reference: before[i]! / Math.max(1, found.referenceN),
      current: now[i]! / Math.max(1, found.n),
      term: found.terms[i]!,
    })),
    missing: shareRise(absent(current, found.n), absent(reference.counts, filled)),
    fresh: {
      ...shareRise({ hits: current.newCount, n: found.n }, { hits: 0, n: filled }),
      values: current.newValues,
    },
    typical: typical(reference, current, fine),
  };
}

/** PSI of counts on the scoring bins against the reference's, its noise limit, and the state that follows. */
export function judgeCounts(
  before: readonly number[],
  now: readonly number[],
  columns: number,
  learned: number | null = null,
) {
  const found = psiOfUsedBins(before, now);
  const theory = noiseLimit(found.used, found.n, found.referenceN, columns, ALPHA);
  const limit = Math.min(NO_LIMIT, Math.max(theory, learned ?? 0));
  return { found, limit, state: verdict(found.psi, limit, theory) };
}

/** Null and NaN are the same absence, spelled differently by different writers; infinities are values gone wrong. */
function absent(counts: ColumnCounts, filled: number): { hits: number; n: number } {
  const hits = counts.missing + counts.nan;
  return { hits, n: hits + counts.inf + filled };
}

function typical(reference: ProfiledColumn, current: ColumnCounts, fine: readonly number[]): DriftResult['typical'] {
  if (reference.bins.kind !== 'numeric' || reference.median === null || current.moments === null) return null;
  return { reference: reference.median, current: medianFromCounts(reference.bins, fine, current.moments) };
}

/** Median read from fine bins, linear within the bin; off by at most that bin's width (about a thousandth of the rows). */
export function medianFromCounts(
  bins: NumericBins,
  fine: readonly number[],
  range: { n: number; min: number; max: number },
): number {
  let below = 0;
  for (let i = 0; i < binCount(bins); i++) {
    const count = fine[i]!;
    if (count > 0 && below + count >= range.n / 2) {
      const low = Math.max(range.min, bins.edges[i - 1] ?? range.min);
      const high = Math.min(range.max, bins.edges[i] ?? range.max);
      return low + (high - low) * ((range.n / 2 - below) / count);
    }
    below += count;
  }
  return range.max;
}
