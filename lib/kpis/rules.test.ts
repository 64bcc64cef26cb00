import { describe, expect, it } from 'vitest';
import type { MetricPoint } from '../drift/schema.ts';
import { beyond, changeDirection, evaluate, limitState, maySetGoal, readContract } from './rules.ts';
import type { ChangeDirection, Contract } from './schema.ts';

const given = {
  name: 'Approved loans repaid',
  metric: 'roc_auc',
  unit: 'AUC',
  direction: 'higher_is_better',
  target: 100,
  limits: { watch: 90, breach: 80 },
  window: '7d',
  minSamples: { events: 100, positives: 10 },
  rule: { k: 2, m: 3, clearFor: 2 },
  owner: 'product@test.local',
} as const;

function contractOf(changes: object = {}): Contract {
  const read = readContract({ ...given, ...changes });
  if (!read.ok) throw new Error(read.error.message);
  return read.value;
}

/** A point a day; `null` is a day without data, a pair a day with so many rows. */
const series = (...values: (number | null | [value: number, n: number])[]): MetricPoint[] =>
  values.map((value, day) => {
    const [figure, n] = Array.isArray(value) ? value : [value, value === null ? 0 : 500];
    const at = new Date(Date.UTC(2026, 2, 1 + day)).toISOString();
    return { at, value: figure, lo: null, hi: null, n, positives: figure === null ? null : 50 };
  });
const states = (points: MetricPoint[], contract = contractOf()) =>
  evaluate(points, contract).points.map((point) => point.state);
const turns = (points: MetricPoint[], contract = contractOf()) =>
  evaluate(points, contract).transitions.map(({ at, to }) => `${to} ${at.slice(8, 10)}`);

describe('a figure beside its limit', () => {
  const figure = (
    lo: number | null,
    value: number | null,
    hi: number | null,
    n = 500,
    positives: number | null = 50,
  ) => ({
    lo,
    value,
    hi,
    n,
    positives,
  });
  it.each([
    ['the whole interval keeps it', figure(0.82, 0.85, 0.88), 'met'],
    ['an end that equals it keeps it', figure(0.8, 0.85, 0.88), 'met'],
    ['the limit lies inside the interval', figure(0.78, 0.82, 0.86), 'at_risk'],
    ['the value is beyond, the interval is not', figure(0.74, 0.78, 0.82), 'at_risk'],
    ['the whole interval is beyond', figure(0.7, 0.75, 0.79), 'missed'],
    ['49 labels', figure(0.7, 0.75, 0.79, 49), 'too_few_labels'],
    ['9 positives', figure(0.7, 0.75, 0.79, 500, 9), 'too_few_labels'],
    ['positives are not counted', figure(0.82, 0.85, 0.88, 500, null), 'met'],
    ['no value', figure(null, null, null), 'too_few_labels'],
    ['no interval: the value alone', figure(null, 0.79, null), 'missed'],
  ] as const)('%s', (_what, point, state) => {
    expect(limitState(point, 'higher_is_better', 0.8)).toBe(state);
    const mirrored = { ...point, value: flip(point.value), lo: flip(point.hi), hi: flip(point.lo) };
    expect(limitState(mirrored, 'lower_is_better', -0.8)).toBe(state);
  });

  it('an estimate is never green by itself', () => {
    expect(limitState(figure(0.82, 0.85, 0.88), 'higher_is_better', 0.8, { estimated: true })).toBe('at_risk');
    expect(limitState(figure(0.7, 0.75, 0.79), 'higher_is_better', 0.8, { estimated: true })).toBe('missed');
  });
});

const flip = (value: number | null) => (value === null ? null : -value);

describe('a goal over time', () => {
  it('a one-day dip does not open anything', () => {
    expect(states(series(95, 70, 95, 95, 70, 95, 95))).toEqual(['ok', 'pending', 'ok', 'ok', 'pending', 'ok', 'ok']);
    expect(turns(series(95, 70, 95, 95, 70, 95, 95))).toEqual([]);
  });

  it('two bad days of three open a breach, on the day of the second', () => {
    expect(turns(series(95, 70, 95, 70, 95))).toEqual(['alert 04']);
  });

  it('one good day does not close a breach, two in a row do', () => {
    expect(turns(series(70, 70, 95, 70, 95, 95, 95))).toEqual(['alert 02', 'clear 06']);
    expect(states(series(70, 70, 95, 95, 95))).toEqual(['pending', 'breach', 'breach', 'ok', 'ok']);
  });

  it('a day between breach and watch does not count as good', () => {
    expect(turns(series(70, 70, 85, 85, 85, 85))).toEqual(['alert 02']);
  });

  it('missing data never closes a breach', () => {
    const silent = Array.from({ length: 30 }, () => null);
    expect(turns(series(70, 70, ...silent))).toEqual(['alert 02']);
    expect(states(series(70, 70, ...silent)).slice(2)).toEqual(silent.map(() => 'no_data'));
    expect(states(series(70, 70, ...silent, 70)).at(-1)).toBe('breach');
  });

  it('missing data never opens a breach, and does not make two bad days neighbours of old ones', () => {
    expect(turns(series(95, null, null, null))).toEqual([]);
    expect(turns(series(95, 70, null, 95, 95, 70))).toEqual([]);
  });

  it('too few rows, or too few positives, say nothing', () => {
    expect(states(series([70, 99], [70, 99], [70, 99]))).toEqual(['no_data', 'no_data', 'no_data']);
    const few = series(70, 70, 70).map((point) => ({ ...point, positives: 9 }));
    expect(states(few)).toEqual(['no_data', 'no_data', 'no_data']);
  });

  it('a value that equals its limit keeps it', () => {
    expect(states(series(80, 80, 90))).toEqual(['watch', 'watch', 'ok']);
    expect(beyond('lower_is_better', 5, 5)).toBe(false);
  });

  it('where lower is better the same holds upside down', () => {
    const falling = contractOf({ direction: 'lower_is_better', target: 1, limits: { watch: 2, breach: 3 } });
    expect(turns(series(0.5, 4, 4, 1, 1, 1), falling)).toEqual(['alert 03', 'clear 05']);
  });

  it('with the interval rule only a value that is surely over counts', () => {
    const surely = contractOf({ rule: { ...given.rule, type: 'interval' } });
    const around = (hi: number) => series(70, 70, 70).map((point) => ({ ...point, lo: 60, hi }));
    expect(turns(around(81), surely)).toEqual([]);
    expect(turns(around(79), surely)).toEqual(['alert 02']);
  });
});

describe('a contract that says too little', () => {
  const faults = (changes: object) => {
    const read = readContract({ ...given, ...changes });
    return read.ok ? [] : [read.error.kind, ...read.error.errors.map((error) => error.path)];
  };

  it.each(['owner', 'direction', 'window', 'minSamples', 'limits', 'target', 'unit', 'metric', 'name'])(
    'without %s is refused, naming it',
    (field) => {
      expect(faults({ [field]: undefined })).toEqual(['refused', field]);
    },
  );

  it.each([
    ['a breach limit better than the target', { limits: { breach: 101 } }, 'limits.breach'],
    ['a breach limit at the target', { limits: { breach: 100 } }, 'limits.breach'],
    ['a watch limit worse than the breach limit', { limits: { watch: 70, breach: 80 } }, 'limits.watch'],
    ['a watch limit better than the target', { limits: { watch: 110, breach: 80 } }, 'limits.watch'],
    ['an end of the alert on the bad side of its start', { rule: { clearAt: 70 } }, 'rule.clearAt'],
    ['more bad days asked for than are looked at', { rule: { k: 4, m: 3 } }, 'rule.k'],
    ['limits for the other direction', { direction: 'lower_is_better' }, 'limits.breach'],
  ])('%s is refused, naming the field', (_what, changes, path) => {
    expect(faults(changes)).toContain(path);
    expect(faults(changes)[0]).toBe('refused');
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, '80', null])('a limit of %s is refused', (breach) => {
    expect(faults({ limits: { breach } })).toEqual(['refused', 'limits.breach']);
  });

  it('an unknown field is malformed, naming it', () => {
    expect(faults({ limits: { breach: 80, critical: 70 } })).toEqual(['malformed', 'limits.critical']);
  });

  it('a week is a week however it is said', () => {
    expect([7, '7d', { length: '7d' }].map((window) => contractOf({ window }).window)).toEqual([7, 7, 7]);
    expect(contractOf({ limits: { warn: 90, breach: 80 } }).limits).toEqual({ watch: 90, breach: 80 });
  });
});

describe('what a change does', () => {
  const changes: [string, object, ChangeDirection][] = [
    ['nothing', {}, 'neutral'],
    ['another owner and question', { owner: 'ops@test.local', question: 'Why?' }, 'neutral'],
    ['a lower breach limit', { limits: { watch: 90, breach: 75 } }, 'loosening'],
    ['a higher breach limit', { limits: { watch: 90, breach: 85 } }, 'tightening'],
    ['no watch limit', { limits: { breach: 80 } }, 'loosening'],
    ['a lower watch limit', { limits: { watch: 85, breach: 80 } }, 'loosening'],
    ['more bad days asked for', { rule: { ...given.rule, k: 3 } }, 'loosening'],
    ['fewer bad days asked for', { rule: { ...given.rule, k: 1 } }, 'tightening'],
    ['more days looked at', { rule: { ...given.rule, m: 5 } }, 'tightening'],
    ['more rows asked for', { minSamples: { events: 200, positives: 10 } }, 'loosening'],
    ['fewer positives asked for', { minSamples: { events: 100, positives: 5 } }, 'tightening'],
    ['a longer window', { window: '14d' }, 'loosening'],
    ['fewer good days to close', { rule: { ...given.rule, clearFor: 1 } }, 'loosening'],
    ['certainty asked for', { rule: { ...given.rule, type: 'interval' } }, 'loosening'],
    ['a stricter limit over a longer window', { limits: { watch: 90, breach: 85 }, window: '14d' }, 'mixed'],
    ['another metric', { metric: 'accuracy' }, 'mixed'],
    ['another direction', { direction: 'lower_is_better', target: 70, limits: { breach: 80 } }, 'mixed'],
  ];
  it.each(changes)('%s', (_what, change, direction) => {
    expect(changeDirection(contractOf(), contractOf(change))).toBe(direction);
  });

  it('back again is the opposite', () => {
    const opposite: Partial<Record<ChangeDirection, ChangeDirection>> = {
      loosening: 'tightening',
      tightening: 'loosening',
    };
    for (const [what, change, direction] of changes)
      expect([what, changeDirection(contractOf(change), contractOf())]).toEqual([
        what,
        opposite[direction] ?? direction,
      ]);
  });
});

describe('whose goal it is', () => {
  it.each([
    ['business_kpi', ['product']],
    ['model_metric', ['product', 'data']],
    ['guardrail', ['product', 'data', 'ops']],
    ['data_quality', ['data', 'ops']],
  ] as const)('a %s is set by %j, and by an administrator', (kind, setters) => {
    const may = (['product', 'data', 'ops', 'validator', 'auditor', 'viewer', 'admin'] as const).filter(
      (role) => maySetGoal({ roles: [role] }, kind).ok,
    );
    expect(may).toEqual([...setters, 'admin']);
  });
});
