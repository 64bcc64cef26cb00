import type { ModelPanel } from '../../lib/board/schema.ts';
import type { MetricPoint } from '../../lib/drift/schema.ts';
import type { Contract, KpiKind } from '../../lib/kpis/schema.ts';

/** What stands in the fields, as typed: a half-written number must not be rewritten under the hand. */
export type Draft = {
  name: string;
  question: string;
  metric: string;
  kind: KpiKind;
  unit: string;
  direction: Contract['direction'];
  target: string;
  watch: string;
  breach: string;
  window: string;
  events: string;
  positives: string;
  k: string;
  m: string;
  owner: string;
};

const text = (value: number | undefined): string => (value === undefined ? '' : String(value));

export function draftOf(contract: Contract): Draft {
  return {
    name: contract.name,
    question: contract.question,
    metric: contract.metric,
    kind: contract.kind,
    unit: contract.unit,
    direction: contract.direction,
    target: text(contract.target),
    watch: text(contract.limits.watch),
    breach: text(contract.limits.breach),
    window: text(contract.window),
    events: text(contract.minSamples.events),
    positives: text(contract.minSamples.positives),
    k: text(contract.rule.k),
    m: text(contract.rule.m),
    owner: contract.owner,
  };
}

/** A first goal starts from the usual reading of the metric; every figure is shown and can be changed. */
export function freshDraft(panel: ModelPanel, owner: string): Draft {
  const metric = panel.performance.metrics[0] ?? 'psi:max';
  return { ...SHAPE, ...startOf(metric), owner };
}

const SHAPE: Draft = {
  name: '',
  question: '',
  metric: '',
  kind: 'model_metric',
  unit: 'score',
  direction: 'higher_is_better',
  target: '',
  watch: '',
  breach: '',
  window: '7',
  events: '200',
  positives: '0',
  k: '2',
  m: '3',
  owner: '',
};
const ERRORS = new Set(['mae', 'rmse', 'bias', 'mape', 'brier', 'log_loss']);

/** What follows from the metric alone. */
export function startOf(metric: string): Partial<Draft> {
  if (metric.startsWith('psi:')) {
    return {
      metric,
      kind: 'data_quality',
      unit: 'psi',
      direction: 'lower_is_better',
      target: '0',
      watch: '0.1',
      breach: '0.2',
    };
  }
  if (metric === 'rows') {
    return {
      metric,
      kind: 'data_quality',
      unit: 'rows',
      direction: 'higher_is_better',
      target: '1000',
      watch: '500',
      breach: '200',
      events: '1',
    };
  }
  const lower = ERRORS.has(metric);
  return {
    metric,
    kind: 'model_metric',
    unit: lower ? 'value' : 'ratio',
    direction: lower ? 'lower_is_better' : 'higher_is_better',
    target: '',
    watch: '',
    breach: '',
  };
}

/** 1,000 or 40,000 may be a thousand or a fraction with three places: only who typed it knows. */
const GROUPED = /^[-−]?[1-9]\d{0,2}(,\d{3})+(\.\d*)? ?%?$/;

/** Reads 0,24 as 0.24 and "24 %" as 0.24; anything else that is no number, or may be two, is null. */
export function readNumber(given: string): number | null {
  if (GROUPED.test(given.trim())) return null;
  const plain = given
    .trim()
    .replace(/[\s\u202f\u00a0]/g, '')
    .replace(',', '.');
  const found = /^([-−]?\d*\.?\d+(?:e-?\d+)?)(%?)$/i.exec(plain);
  if (!found?.[1]) return null;
  const value = Number(found[1].replace('−', '-'));
  if (!Number.isFinite(value)) return null;
  return found[2] ? value / 100 : value;
}

/** What is no number is sent as it was typed: the server then names the field. */
export function contractOf(draft: Draft): Record<string, unknown> {
  const figure = (given: string) => readNumber(given) ?? (given.trim() || undefined);
  return {
    name: draft.name,
    question: draft.question,
    metric: draft.metric,
    kind: draft.kind,
    unit: draft.unit,
    direction: draft.direction,
    target: figure(draft.target),
    limits: { watch: figure(draft.watch), breach: figure(draft.breach) },
    window: figure(draft.window),
    minSamples: { events: figure(draft.events), positives: figure(draft.positives) },
    rule: { k: figure(draft.k), m: figure(draft.m) },
    owner: draft.owner,
  };
}

/** Only what differs is sent, so that two people who change different fields do not undo each other. */
export function changesOf(saved: Draft, draft: Draft): Record<string, unknown> {
  const before = contractOf(saved);
  const changes = Object.fromEntries(
    Object.entries(contractOf(draft)).filter(([key, value]) => JSON.stringify(value) !== JSON.stringify(before[key])),
  );
  // An emptied watch limit is taken away, and leaving it out of a patch would keep it.
  if (changes.limits && draft.watch.trim() === '') changes.limits = { ...changes.limits, watch: null };
  return changes;
}

/** The windows on the screen, for a goal that does not exist yet and so has no series of its own. */
export function pointsFor(panel: ModelPanel, metric: string): MetricPoint[] {
  if (metric === panel.performance.metric) {
    return panel.performance.points.map((p) => ({
      at: p.end,
      value: p.value,
      lo: p.lo,
      hi: p.hi,
      n: p.n,
      positives: p.positives,
    }));
  }
  const { windows, features } = panel.drift;
  if (metric === 'rows')
    return windows.map((w) => ({ at: w.end, value: w.n, lo: null, hi: null, n: w.n, positives: null }));
  if (!metric.startsWith('psi:')) return [];
  const wanted = metric.slice(4);
  return windows.map((window) => {
    const found = features
      .filter((feature) => wanted === 'max' || feature.name === wanted)
      .flatMap((feature) => feature.points.filter((p) => p.start === window.start && p.psi !== null));
    const psi = found.length > 0 ? Math.max(...found.map((p) => p.psi ?? 0)) : null;
    return { at: window.end, value: psi, lo: null, hi: null, n: window.n, positives: null };
  });
}
