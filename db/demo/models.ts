import type { Tier } from '../../lib/models/schema.ts';
import type { Random } from './random.ts';

/** A made-up input: a value for a row of the day `day` (negative: days before today; reference rows have no drift). */
export type Feature = {
  name: string;
  weight: number;
  center: number;
  scale: number;
  draw: (random: Random, day: number | null) => number | string;
};

export type Goal = { by: 'product' | 'data' | 'ops'; contract: Record<string, unknown>; reason: string };

export type DemoModel = {
  name: string;
  title: string;
  description: string;
  domain: string;
  tier: Tier;
  useCase: string;
  /** Rows a day; at weekends a third of it. */
  perDay: number;
  /** Share of positives, or the mean outcome of a regression. */
  base: number;
  task: 'binary' | 'regression';
  /** Days before today at which the feed stopped. */
  silentFor: number;
  /** How many of a hundred outcomes follow something the model never saw, on a day. */
  broken: (day: number) => number;
  features: Feature[];
  goals: Goal[];
  metrics: Record<string, number>[];
};

const amount = (
  name: string,
  weight: number,
  center: number,
  scale: number,
  drift: (day: number) => number = () => 0,
): Feature => ({
  name,
  weight,
  center,
  scale,
  draw: (random, day) =>
    Number(Math.max(0, random.normal(center + (day === null ? 0 : drift(day)) * scale, scale)).toFixed(2)),
});
const choice = (
  name: string,
  shares: [string, number][],
  drift?: (day: number) => [string, number][] | null,
): Feature => ({
  name,
  weight: 0,
  center: 0,
  scale: 1,
  draw: (random, day) => random.pick((day === null ? null : drift?.(day)) ?? shares),
});
/** Nothing until `from` days before today, then rising to `top` today. */
const ramp = (from: number, top: number) => (day: number) => (day < -from ? 0 : (top * (day + from)) / from);
const steady = () => 0;

const goal = (by: Goal['by'], contract: Record<string, unknown>, reason: string): Goal => ({ by, contract, reason });
const owners = { product: 'product@demo.local', data: 'data@demo.local', ops: 'ops@demo.local' };
const higher = (
  name: string,
  metric: string,
  kind: string,
  target: number,
  watch: number,
  breach: number,
  question: string,
) => ({
  name,
  metric,
  kind,
  question,
  unit: 'share',
  direction: 'higher_is_better',
  target,
  limits: { watch, breach },
  window: '7d',
  minSamples: { events: 200, positives: 20 },
  rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
  owner: kind === 'model_metric' ? owners.data : owners.product,
});
const shift = (name: string, metric: string) => ({
  name,
  metric,
  kind: 'data_quality',
  question: 'Do today’s cases still look like those the model learned from?',
  unit: 'PSI',
  direction: 'lower_is_better',
  target: 0.05,
  limits: { watch: 0.15, breach: 0.25 },
  window: '7d',
  minSamples: { events: 300 },
  rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
  owner: owners.data,
});
const volume = (perDay: number) => ({
  name: 'Decisions a day',
  metric: 'rows',
  kind: 'data_quality',
  question: 'Do the decisions keep coming?',
  unit: 'rows',
  direction: 'higher_is_better',
  target: perDay,
  limits: { watch: Math.round(perDay * 0.25), breach: Math.round(perDay * 0.1) },
  window: '1d',
  minSamples: { events: 1 },
  rule: { type: 'k_of_m', k: 2, m: 3, clearFor: 2 },
  owner: owners.ops,
});

const START = 'First limits, agreed from the template and last quarter’s figures.';

export const DEMO_MODELS: DemoModel[] = [
  {
    name: 'churn-eu',
    title: 'Churn prevention, Europe',
    description: 'Who gets an offer before they leave.',
    domain: 'Retention',
    tier: 'medium',
    useCase: 'Contact the customer with an offer',
    perDay: 260,
    base: 0.24,
    task: 'binary',
    silentFor: 0,
    broken: ramp(24, 0.42),
    features: [
      amount('income', 0.9, 42_000, 9_000, ramp(26, 0.85)),
      amount('tenure_months', -1.3, 30, 11),
      amount('tickets_90d', 1.1, 4, 1.6, ramp(20, 0.35)),
      choice('plan', [
        ['basic', 5],
        ['plus', 3],
        ['family', 2],
      ]),
      choice('region', [
        ['north', 4],
        ['south', 3],
        ['east', 2],
        ['west', 1],
      ]),
      choice('device', [
        ['ios', 4],
        ['android', 5],
        ['web', 1],
      ]),
    ],
    goals: [
      goal(
        'product',
        higher(
          'Churn caught',
          'recall',
          'business_kpi',
          0.62,
          0.58,
          0.52,
          'Of the customers who leave, how many did we see coming?',
        ),
        START,
      ),
      goal(
        'data',
        shift('Customers look different', 'psi:income'),
        'Income is the strongest input: a shift there is felt first.',
      ),
      goal(
        'data',
        higher(
          'Ranking quality',
          'roc_auc',
          'model_metric',
          0.84,
          0.8,
          0.76,
          'Does the score put leavers above stayers?',
        ),
        START,
      ),
      goal('ops', volume(260), 'The campaign needs a full list every morning.'),
    ],
    metrics: [
      { recall: 0.64, roc_auc: 0.85 },
      { recall: 0.69, roc_auc: 0.87 },
    ],
  },
  {
    name: 'credit-thin-file',
    title: 'Credit for short histories',
    description: 'Probability of default where the bureau knows little.',
    domain: 'Lending',
    tier: 'high',
    useCase: 'Grant or decline a consumer loan',
    perDay: 180,
    base: 0.16,
    task: 'binary',
    silentFor: 0,
    broken: steady,
    features: [
      amount('debt_ratio', 1.4, 0.42, 0.14),
      amount('months_on_file', -1.1, 19, 6),
      amount('income', -0.7, 31_000, 7_500),
      choice('employment', [
        ['permanent', 6],
        ['temporary', 3],
        ['self-employed', 1],
      ]),
      choice('channel', [
        ['branch', 3],
        ['web', 5],
        ['partner', 2],
      ]),
    ],
    goals: [
      goal(
        'product',
        higher(
          'Defaults ranked right',
          'roc_auc',
          'business_kpi',
          0.82,
          0.79,
          0.76,
          'Do bad loans score worse than good ones?',
        ),
        START,
      ),
      goal('data', shift('Applicants look different', 'psi:max'), START),
      goal('ops', volume(180), START),
    ],
    metrics: [
      { roc_auc: 0.83, accuracy: 0.86 },
      { roc_auc: 0.86, accuracy: 0.88 },
    ],
  },
  {
    name: 'fraud-card',
    title: 'Card fraud',
    description: 'Stops an order and asks for proof.',
    domain: 'Payments',
    tier: 'high',
    useCase: 'Stop the order and ask for proof',
    perDay: 520,
    base: 0.07,
    task: 'binary',
    silentFor: 0,
    broken: steady,
    features: [
      amount('amount', 1.5, 160, 55),
      amount('orders_24h', 1.2, 2.2, 0.9),
      amount('account_age_days', -0.9, 420, 130),
      choice('country', [
        ['DE', 5],
        ['FR', 3],
        ['ES', 2],
        ['PL', 1],
      ]),
      choice('card_type', [
        ['debit', 6],
        ['credit', 4],
      ]),
    ],
    goals: [
      goal(
        'product',
        higher('Fraud caught', 'recall', 'business_kpi', 0.36, 0.3, 0.24, 'Of a hundred frauds, how many do we stop?'),
        START,
      ),
      goal(
        'product',
        higher(
          'Stops that were fraud',
          'precision',
          'guardrail',
          0.6,
          0.5,
          0.42,
          'Of the orders we stop, how many are fraud?',
        ),
        'Honest customers leave when they are stopped.',
      ),
      goal('ops', volume(520), START),
    ],
    metrics: [{ recall: 0.37, precision: 0.66 }],
  },
  {
    name: 'returns-risk',
    title: 'Return risk',
    description: 'Which baskets come back.',
    domain: 'Commerce',
    tier: 'medium',
    useCase: 'Hide pay-later for risky baskets',
    perDay: 300,
    base: 0.3,
    task: 'binary',
    silentFor: 0,
    broken: ramp(12, 0.13),
    features: [
      amount('basket_value', 1.1, 88, 30, ramp(14, 0.4)),
      amount('items', 0.8, 3.4, 1.1),
      amount('past_returns', 1.2, 1.8, 0.8),
      choice(
        'category',
        [
          ['fashion', 6],
          ['home', 3],
          ['toys', 1],
        ],
        (day) =>
          day > -9
            ? [
                ['fashion', 5],
                ['home', 3],
                ['toys', 1],
                ['garden', 1],
              ]
            : null,
      ),
    ],
    goals: [
      goal(
        'product',
        higher(
          'Returns foreseen',
          'recall',
          'business_kpi',
          0.64,
          0.6,
          0.5,
          'Of the baskets that come back, how many did we see?',
        ),
        START,
      ),
      goal('data', shift('Baskets look different', 'psi:basket_value'), START),
      goal('ops', volume(300), START),
    ],
    metrics: [{ recall: 0.64, roc_auc: 0.84 }],
  },
  {
    name: 'demand-weekly',
    title: 'Weekly demand',
    description: 'How much of each article to order.',
    domain: 'Supply',
    tier: 'medium',
    useCase: 'Order quantities for the week',
    perDay: 150,
    base: 100,
    task: 'regression',
    silentFor: 6,
    broken: steady,
    features: [
      amount('price', -9, 12, 3),
      amount('promotion_share', 14, 0.2, 0.08),
      amount('stock_days', 4, 11, 3),
      choice('store_type', [
        ['city', 5],
        ['mall', 3],
        ['outlet', 2],
      ]),
    ],
    goals: [
      goal(
        'product',
        {
          name: 'Pieces off a week',
          metric: 'mae',
          kind: 'business_kpi',
          question: 'By how many pieces are we wrong?',
          unit: 'pieces',
          direction: 'lower_is_better',
          target: 11,
          limits: { watch: 13, breach: 15 },
          window: '7d',
          minSamples: { events: 300 },
          rule: { type: 'k_of_m', k: 3, m: 5, clearFor: 3 },
          owner: owners.product,
        },
        START,
      ),
      goal('ops', volume(150), START),
    ],
    metrics: [{ mae: 9.7 }],
  },
  {
    name: 'recommend-home',
    title: 'Home page recommendations',
    description: 'What a visitor sees first.',
    domain: 'Commerce',
    tier: 'low',
    useCase: 'Order the tiles of the home page',
    perDay: 600,
    base: 0.12,
    task: 'binary',
    silentFor: 0,
    broken: steady,
    features: [
      amount('session_minutes', 1, 7, 2.5),
      amount('visits_30d', 1.1, 5, 1.8),
      choice('device', [
        ['mobile', 7],
        ['desktop', 3],
      ]),
    ],
    goals: [
      goal(
        'product',
        higher(
          'Clicks foreseen',
          'roc_auc',
          'business_kpi',
          0.72,
          0.69,
          0.66,
          'Do clicked tiles score above the others?',
        ),
        START,
      ),
      goal('data', shift('Scores look different', 'psi:score'), START),
      goal('ops', volume(600), START),
    ],
    metrics: [{ roc_auc: 0.77 }],
  },
  {
    name: 'ticket-routing',
    title: 'Ticket routing',
    description: 'Which team answers first.',
    domain: 'Service',
    tier: 'low',
    useCase: 'Send the ticket to a team',
    perDay: 340,
    base: 0.42,
    task: 'binary',
    silentFor: 0,
    broken: steady,
    features: [
      amount('words', 1.3, 64, 20),
      amount('links', 0.9, 1.6, 0.7),
      choice('language', [
        ['de', 5],
        ['en', 4],
        ['fr', 1],
      ]),
      choice('product', [
        ['app', 5],
        ['card', 3],
        ['loan', 2],
      ]),
    ],
    goals: [
      goal(
        'ops',
        higher(
          'First team was right',
          'accuracy',
          'guardrail',
          0.78,
          0.74,
          0.7,
          'How often is the first team the right one?',
        ),
        START,
      ),
      goal('data', shift('Scores look different', 'psi:score'), START),
      goal('ops', volume(340), START),
    ],
    metrics: [{ accuracy: 0.79 }],
  },
];
