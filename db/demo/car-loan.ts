import type { Tier } from '../../lib/models/schema.ts';
import type { Goal } from './made-up.ts';

/** NannyML's synthetic car-loan set (MIT, see car-loan/LICENSE): real input that drifts half-way through. */
export const CAR_LOAN = {
  name: 'car-loan',
  title: 'Car loans',
  description: 'Will this car loan be repaid? Synthetic data set of NannyML, MIT licence.',
  domain: 'Lending',
  tier: 'high' as Tier,
  useCase: 'Grant or decline a car loan',
  metrics: [{ roc_auc: 0.97, accuracy: 0.95 }],
  roles: { timestamp: 'timestamp', score: 'y_pred_proba', prediction: 'y_pred', label: 'repaid' },
  lastDay: new Date('2019-08-29T00:00:00Z'),
  goals: [
    {
      by: 'product',
      contract: {
        name: 'Loans ranked right',
        metric: 'roc_auc',
        kind: 'business_kpi',
        question: 'Do loans that are repaid score above those that are not?',
        unit: 'AUC',
        direction: 'higher_is_better',
        target: 0.965,
        limits: { watch: 0.955, breach: 0.94 },
        window: '14d',
        minSamples: { events: 500, positives: 50 },
        rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
        owner: 'product@demo.local',
      },
      reason: 'Below this the bought score would have done as well.',
    },
    {
      by: 'data',
      contract: {
        name: 'Right decisions',
        metric: 'accuracy',
        kind: 'model_metric',
        question: 'How many loans did we judge rightly?',
        unit: 'share',
        direction: 'higher_is_better',
        target: 0.93,
        limits: { watch: 0.88, breach: 0.85 },
        window: '14d',
        minSamples: { events: 500, positives: 50 },
        rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
        owner: 'data@demo.local',
      },
      reason: 'What the validation report promised, less what chance can do.',
    },
  ] satisfies Goal[],
};
