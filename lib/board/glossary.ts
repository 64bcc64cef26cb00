import type { MetricName } from '../measurements/schema.ts';

export const LENSES = ['product', 'data', 'ops'] as const;
export type Lens = (typeof LENSES)[number];

/** One fact, three names: the lens changes the word and never the value. */
export const GLOSSARY = {
  model: { product: 'Model', data: 'Registered model', ops: 'Service' },
  version: { product: 'Version', data: 'Model version', ops: 'Release' },
  live: { product: 'in use', data: 'champion', ops: 'deployed' },
  candidate: { product: 'proposed', data: 'challenger', ops: 'release candidate' },
  kpi: { product: 'Goal', data: 'Metric and target', ops: 'SLO' },
  threshold: { product: 'Limit', data: 'Threshold', ops: 'Alert threshold' },
  watch: { product: 'Getting close', data: 'Warning level', ops: 'Warning' },
  breach: { product: 'Over the limit', data: 'Threshold breached', ops: 'Alerting' },
  pending: { product: 'Checking if it lasts', data: 'Pending (k of m windows)', ops: 'Pending' },
  nodata: { product: 'We cannot tell', data: 'No data or too few rows', ops: 'No data' },
  drift: { product: 'Which inputs moved, and when', data: 'Feature drift (PSI)', ops: 'Input-shift signals' },
  driftFeature: {
    product: 'How different from what it learned',
    data: 'Population stability index',
    ops: 'Input-shift signal',
  },
  driftPrediction: { product: 'Answers changed', data: 'Prediction drift', ops: 'Output-shift signal' },
  performance: { product: 'Measured result', data: 'Realized performance, 95% interval', ops: 'Confirmed quality' },
  labelDelay: { product: 'Outcomes arrive later', data: 'Label delay', ops: 'Feedback lag' },
  distribution: {
    product: 'Then and now',
    data: 'Distribution',
    ops: 'Baseline and now',
  },
  reference: { product: 'What it learned from', data: 'Reference', ops: 'Baseline' },
  current: { product: 'Now', data: 'Current', ops: 'Now' },
  window: { product: 'Period', data: 'Window', ops: 'Evaluation interval' },
  backtest: { product: 'What would have happened', data: 'Backtest', ops: 'Dry run' },
  gate: { product: 'Checks', data: 'Validation gates', ops: 'Pre-deploy checks' },
  request: { product: 'Decision needed', data: 'Promotion request', ops: 'Change request' },
  signoff: { product: 'Agreement', data: 'Review', ops: 'Approval' },
  tier: { product: 'Harm if wrong', data: 'Risk tier', ops: 'Criticality' },
  rollback: { product: 'Go back', data: 'Roll back', ops: 'Roll back' },
  incident: { product: 'Open problems', data: 'Open alerts', ops: 'Open incidents' },
} as const satisfies Record<string, Record<Lens, string>>;

export type Term = keyof typeof GLOSSARY;

/** What a metric says, for those who do not know it by its name. */
const METRICS: Readonly<Record<MetricName | 'psi:max' | 'rows', string>> = {
  roc_auc: 'ranking',
  accuracy: 'right answers',
  precision: 'right when it says yes',
  recall: 'cases it catches',
  specificity: 'others it leaves alone',
  f1: 'catching and being right',
  brier: 'error of its probabilities',
  log_loss: 'surprise at the outcome',
  average_precision: 'right at the top of the list',
  balanced_accuracy: 'right in both groups alike',
  mcc: 'agreement beyond chance',
  macro_precision: 'right when it names a class',
  macro_recall: 'cases it catches of each class',
  macro_f1: 'catching and being right, of each class',
  mae: 'usual miss',
  rmse: 'usual miss, large ones count more',
  bias: 'misses to one side',
  mape: 'usual miss in per cent',
  'psi:max': 'input that moved most',
  rows: 'decisions',
};

/** A metric by its name; for product with what it says before. */
export function metricWords(name: string, lens: Lens): string {
  const said = Object.hasOwn(METRICS, name)
    ? METRICS[name as keyof typeof METRICS]
    : name.replace(/^psi:/, 'how far it moved: ');
  return lens === 'product' && said !== name ? `${said} (${name})` : name;
}
