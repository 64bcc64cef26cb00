import { wilson } from '../measurements/intervals.ts';
import { koopman, type Share } from '../measurements/ratio.ts';
import { MIN_LABELS } from '../measurements/rules.ts';
import type { ComparedRate, FairnessGroup, FairnessState } from './schema.ts';

/**
 * Four fifths: a group's rate below this part of the best group's is a sign of adverse impact. A rule of thumb of US employment
 * practice (29 CFR 1607.4 D), no law of other fields and no proof either way.
 */
export const FOUR_FIFTHS = 0.8;
/** Rows below which a group's rate cannot be judged: the same minimum that metrics have. */
export const MIN_GROUP = MIN_LABELS;

/** `named`: a group of a real value, which alone may serve as the base; rows without a value are no group of people. */
export type Group = { name: string; named: boolean; rows: number; selected: Share; rightly: Share; wrongly: Share };

/**
 * Holds every group against the base. The favourable answers are one-sided where the base is the best-off group, as the rule is meant;
 * against a base that people named, and for the two rates among rows with labels, a ratio may be too high as well, from 1 / 0.8.
 * @param wanted the group to hold against, or null for the one with the highest rate among those that can be judged
 */
export function judgeFairness(
  groups: readonly Group[],
  wanted: string | null,
): { base: string | null; groups: FairnessGroup[] } {
  const base = wanted === null ? bestOff(groups) : groups.find(({ name }) => name === wanted);
  const compare = (of: (group: Group) => Share, twoSided: boolean) => (group: Group) =>
    comparedRate(of(group), base && (base === group ? 'itself' : of(base)), twoSided);
  const selected = compare((group) => group.selected, wanted !== null);
  const rightly = compare((group) => group.rightly, true);
  const wrongly = compare((group) => group.wrongly, true);
  return {
    base: base?.name ?? null,
    groups: groups.map((group) => ({
      name: group.name,
      rows: group.rows,
      selected: selected(group),
      rightly: rightly(group),
      wrongly: wrongly(group),
    })),
  };
}

const rateOf = ({ hits, n }: Share): number => (n === 0 ? 0 : hits / n);

/** The group with the highest rate of favourable answers; of equals the larger, then the first by name. */
function bestOff(groups: readonly Group[]): Group | undefined {
  const [best] = groups
    .filter(({ named, selected }) => named && selected.n >= MIN_GROUP)
    .toSorted(
      (a, b) => rateOf(b.selected) - rateOf(a.selected) || b.selected.n - a.selected.n || (a.name < b.name ? -1 : 1),
    );
  return best;
}

function comparedRate(share: Share, base: Share | 'itself' | undefined, twoSided: boolean): ComparedRate {
  const { hits, n } = share;
  const own = n === 0 ? null : { rate: hits / n, ...wilson(hits, n) };
  const rate = { hits, n, rate: own?.rate ?? null, lo: own?.lo ?? null, hi: own?.hi ?? null };
  const alone = { ratio: null, ratioLo: null, ratioHi: null };
  if (base === 'itself') return { ...rate, ...alone, state: n < MIN_GROUP ? 'cannot_judge' : 'base' };
  const interval = base && koopman(share, base);
  if (!base || !interval || base.hits === 0) return { ...rate, ...alone, state: 'cannot_judge' };
  const state = n < MIN_GROUP || base.n < MIN_GROUP ? 'cannot_judge' : ratioState(interval, twoSided);
  return { ...rate, ratio: hits / n / (base.hits / base.n), ratioLo: interval.lo, ratioHi: interval.hi, state };
}

/** What the interval of a ratio says about four fifths, and where it may be too high as well, about five fourths. */
export function ratioState({ lo, hi }: { lo: number; hi: number | null }, twoSided: boolean): FairnessState {
  const top = twoSided ? 1 / FOUR_FIFTHS : Infinity;
  if ((hi !== null && hi < FOUR_FIFTHS) || lo > top) return 'review';
  return lo >= FOUR_FIFTHS && (hi ?? Infinity) <= top ? 'ok' : 'at_risk';
}
