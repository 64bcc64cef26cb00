import { apart, grouped, NARROW, significant } from '../base/figures.ts';
import { stateNow } from '../kpis/rules/staleness.ts';
import { isShare } from '../kpis/rules/units.ts';
import type { KpiView } from '../kpis/schema.ts';

/** A number as a sentence shows it: this many significant digits, no trailing zeros. */
const DIGITS = 4;

/** A figure of a goal in its unit; a share in per cent. */
const amount = (value: number, unit: string, digits = DIGITS): string =>
  isShare(unit)
    ? `${grouped(significant(value, digits, 2))}${NARROW}%`
    : `${grouped(significant(value, digits))} ${unit}`;

const whole = (count: number): string => grouped(String(count));

const STATE_WORDS = {
  ok: 'on target',
  watch: 'getting close to its limit',
  pending: 'over its limit; checking whether it lasts',
  breach: 'over its limit',
  no_data: 'unknown',
} as const;

type Said = Pick<KpiView, 'contract' | 'state' | 'value' | 'n' | 'positives'>;

/** What a goal has too little of to be judged. */
function lackOf({ contract: { minSamples }, n, positives }: Said): string {
  if (n < minSamples.events) return `${whole(n)} of ${whole(minSamples.events)} cases`;
  if (positives !== null && positives < minSamples.positives)
    return `${whole(positives)} of ${whole(minSamples.positives)} positive cases`;
  return `no figure can be computed from these ${whole(n)} cases`;
}

/** A goal in one sentence, made from the record alone: every number in it is a field of the record. */
export function goalSentence(goal: Said, stale: boolean): string {
  const { contract, value, n } = goal;
  const state = stateNow(goal, stale);
  const figures = [contract.limits.breach, contract.target, ...(value === null ? [] : [value])];
  const [limitText, targetText, valueText] = apart(figures, (figure, digits) => amount(figure, contract.unit, digits));
  const side = contract.direction === 'higher_is_better' ? 'below' : 'above';
  const limit = `Somebody is asked to look when it is ${side} ${limitText} in ${contract.rule.k} of ${contract.rule.m} windows.`;
  if (value === null) {
    return `${contract.name}: we cannot tell yet (${lackOf(goal)}). ${limit}`;
  }
  if (state === 'no_data') {
    const why = stale ? 'no new data has come since' : lackOf(goal);
    return `${contract.name}: we cannot tell now (it was last ${valueText}; ${why}). ${limit}`;
  }
  return `${contract.name} is ${valueText}, ${STATE_WORDS[state]} (target ${targetText}), from ${whole(n)} ${n === 1 ? 'case' : 'cases'}. ${limit}`;
}
