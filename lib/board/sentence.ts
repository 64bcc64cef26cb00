import type { KpiView } from '../kpis/schema.ts';

/** A number as a sentence shows it: four significant digits, no trailing zeros. */
export const plain = (value: number): string => String(Number(value.toPrecision(4)));

const STATE_WORDS = {
  ok: 'on target',
  watch: 'getting close to its limit',
  pending: 'over its limit; checking whether it lasts',
  breach: 'over its limit',
  no_data: 'unknown',
} as const;

/** A goal in one sentence, made from the record alone: every number in it is a field of the record. */
export function goalSentence(goal: Pick<KpiView, 'contract' | 'state' | 'value' | 'n'>): string {
  const { contract, state, value, n } = goal;
  const side = contract.direction === 'higher_is_better' ? 'below' : 'above';
  const limit = `Somebody is asked to look when it is ${side} ${plain(contract.limits.breach)} in ${contract.rule.k} of ${contract.rule.m} windows.`;
  if (state === 'no_data' || value === null) {
    return `${contract.name}: we cannot tell yet (${n} of ${contract.minSamples.events} cases). ${limit}`;
  }
  return `${contract.name} is ${plain(value)} ${contract.unit}, ${STATE_WORDS[state]} (target ${plain(contract.target)}), from ${n} cases. ${limit}`;
}
