import { expect, it } from 'vitest';
import { readContract } from '../kpis/rules.ts';
import { POINT_STATES, type PointState } from '../kpis/schema.ts';
import { goalSentence } from './sentence.ts';

const contractOf = (unit: string) => {
  const read = readContract({
    name: 'Approved loans',
    metric: 'accuracy',
    unit,
    direction: 'higher_is_better',
    target: 0.8,
    limits: { breach: 0.7125 },
    window: '7d',
    minSamples: 200,
    owner: 'product@test.local',
  });
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
};
const goal = (state: PointState, unit = 'score', value: number | null = 0.71661) => ({
  contract: contractOf(unit),
  state,
  value,
  n: 12_345,
  positives: null as number | null,
});
const numbersIn = (sentence: string) =>
  [...sentence.matchAll(/\d[\d\u202f]*(\.\d+)?/g)].map(([text]) => Number(text.replaceAll('\u202f', '')));

it.each(
  POINT_STATES.flatMap((state) =>
    ['ratio', 'score'].flatMap((unit) => [true, false].map((stale) => [state, unit, stale] as const)),
  ),
)('every number of the sentence is one of the record: %s, %s, stale %s', (state, unit, stale) => {
  const record = goal(state, unit);
  const { target, limits, rule, minSamples } = record.contract;
  const scale = unit === 'ratio' ? 100 : 1;
  const figures = [record.value!, target, limits.breach].map((value) => Number((value * scale).toPrecision(4)));
  const said = numbersIn(goalSentence(record, stale));
  expect(said.length).toBeGreaterThan(2);
  for (const number of said) expect([...figures, record.n, rule.k, rule.m, minSamples.events]).toContain(number);
});

it('says a share in per cent, and another unit by its name', () => {
  expect(goalSentence(goal('ok', 'ratio'), false)).toBe(
    'Approved loans is 71.66\u202f%, on target (target 80\u202f%), from 12\u202f345 cases. Somebody is asked to look when it is below 71.25\u202f% in 2 of 3 windows.',
  );
  expect(goalSentence(goal('ok', 'points'), false)).toContain('is 0.7166 points, on target');
});

it('never calls old figures good, and keeps a breach a breach', () => {
  expect(goalSentence(goal('ok'), true)).toMatch(/we cannot tell now \(it was last 0.7166 score; no new data/);
  expect(goalSentence(goal('breach'), true)).toContain('over its limit');
});

it('says of a goal that cannot be judged what there is too little of', () => {
  const none = goal('no_data', 'ratio', null);
  const said = (record: typeof none) => goalSentence(record, false);
  expect(said({ ...none, n: 123 })).toMatch(/^Approved loans: we cannot tell yet \(123 of 200 cases\)/);
  expect(said(none)).toMatch(/we cannot tell yet \(no figure can be computed from these 12\u202f345 cases\)/);
  const few = { ...goal('no_data', 'ratio'), positives: 3 };
  expect(said({ ...few, contract: { ...few.contract, minSamples: { events: 200, positives: 10 } } })).toMatch(
    /we cannot tell now \(it was last 71\.66\u202f%; 3 of 10 positive cases\)/,
  );
});

it('tells a value from its limit, however near they are', () => {
  const near = { ...goal('breach', 'share'), value: 0.712_499_6 };
  expect(goalSentence(near, false)).toMatch(/is 71\.24996\u202f%, over its limit .* below 71\.25\u202f% in/);
  expect(goalSentence({ ...near, value: 0.7125 }, false)).toContain('is 71.25\u202f%');
});
