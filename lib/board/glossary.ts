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
