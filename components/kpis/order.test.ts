import { expect, it } from 'vitest';
import type { KpiPanel } from '../../lib/board/schema.ts';
import type { PointState } from '../../lib/kpis/schema.ts';
import { shownGoals } from './order.ts';

const goals = (...states: PointState[]) => states.map((state, n) => ({ id: `${n} ${state}`, state }) as KpiPanel);
const ids = (shown: readonly KpiPanel[]) => shown.map(({ id }) => id);

it('the goals in most trouble are shown, however late they come, and in their usual order', () => {
  const ordered = goals('ok', 'ok', 'watch', 'ok', 'pending', 'breach');
  expect(ids(shownGoals(ordered, null, 4))).toEqual(['0 ok', '2 watch', '4 pending', '5 breach']);
});

it('the goal on the chart keeps its place among them', () => {
  const ordered = goals('breach', 'ok', 'breach', 'breach', 'breach');
  expect(ids(shownGoals(ordered, ordered[1]!, 4))).toEqual(['0 breach', '1 ok', '2 breach', '3 breach']);
});
