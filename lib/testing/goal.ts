/** A goal on how well a model ranks, as somebody would set it. */
export const rankingGoal = {
  name: 'Ranked right',
  metric: 'roc_auc',
  unit: 'AUC',
  direction: 'higher_is_better',
  target: 0.9,
  limits: { breach: 0.8 },
  window: '7d',
  minSamples: 100,
  owner: 'product@test.local',
};
