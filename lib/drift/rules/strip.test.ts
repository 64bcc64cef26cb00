import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DriftFeature, DriftPoint, DriftState, DriftView } from '../schema.ts';
import { columnsOf, inOrder, isOver, ROWS, thinned, worstByColumn } from './strip.ts';

const day = (i: number): string => new Date(Date.UTC(2026, 0, 1 + i)).toISOString();
const point = (i: number, psi: number | null, state: DriftState = 'stable'): DriftPoint => ({
  start: day(i),
  end: day(i + 1),
  n: 100,
  psi,
  noiseLimit: 0.02,
  state,
  alarm: false,
  missing: 'fine',
  fresh: 'fine',
});
const feature = (name: string, points: DriftPoint[], priority: number | null = null): DriftFeature => ({
  name,
  role: 'feature',
  kind: 'numeric',
  importance: null,
  priority,
  rank: 1,
  points,
  sentence: null,
  latest: null,
});
const viewOf = (features: DriftFeature[]): DriftView => ({
  state: 'ready',
  version: 1,
  windows: (features[0]?.points ?? []).map(({ start, end, n }) => ({ start, end, n })),
  features,
  summary: { sentences: [] },
  importanceSource: null,
  importanceMethod: null,
  reference: null,
});

describe('the strip of inputs by time', () => {
  it('shows the worst day of a column, not its average, and a judged one before one of too few rows', () => {
    const points = Array.from({ length: 365 }, (_, i) => point(i, 0.01));
    points[100] = point(100, 0.9, 'changed_a_lot');
    points[101] = point(101, 7, 'too_few');
    const columns = columnsOf(viewOf([feature('age', points)]).windows);
    const worst = worstByColumn(points, columns);
    expect(columns.length).toBeLessThanOrEqual(32);
    expect(worst.filter((held) => held && isOver(held)).map((held) => held!.start)).toEqual([day(100)]);
  });

  it('leaves no column with a change out, however many windows share one', () => {
    const states = fc.array(fc.constantFrom<DriftState>('stable', 'changed', 'too_few'), {
      minLength: 1,
      maxLength: 400,
    });
    fc.assert(
      fc.property(states, (all) => {
        const points = all.map((state, i) => point(i, 0.2, state));
        const columns = columnsOf(viewOf([feature('age', points)]).windows);
        worstByColumn(points, columns).forEach((worst, i) => {
          const inside = points.filter(({ start }) => start >= columns[i]!.start && start < columns[i]!.end);
          expect(isOver(worst!)).toBe(inside.some(isOver));
        });
      }),
    );
  });

  it('is sent with every day of the chosen input, and of the others with what can be drawn', () => {
    const days = Array.from({ length: 365 }, (_, i) => i);
    const features = Array.from({ length: 50 }, (_, f) =>
      feature(
        `f${f}`,
        days.map((i) => point(i, f / 100 + (i % 50 === f % 50 ? 0.3 : 0))),
        f,
      ),
    );
    const view = viewOf(features);
    const sent = thinned(view, 'f3');
    expect(sent.features.find(({ name }) => name === 'f3')!.points).toHaveLength(365);
    expect(sent.features.filter(({ points }) => points.length > 0)).toHaveLength(ROWS + 1);
    expect(sent.windows).toHaveLength(365);
    const columns = columnsOf(view.windows);
    for (const { name } of inOrder(view.features, 'importance').slice(0, ROWS)) {
      const [full, thin] = [view, sent].map((held) => held.features.find((one) => one.name === name)!);
      expect(worstByColumn(thin!.points, columns)).toEqual(worstByColumn(full!.points, columns));
    }
  });
});
