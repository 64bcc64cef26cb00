import { DAY_MS } from '../../lib/base/time.ts';
import type { DemoModel } from './made-up.ts';
import { Random } from './random.ts';

const REFERENCE_ROWS = 4_000;
/** Outcomes are known two days after the decision. */
const LABEL_DELAY_DAYS = 2;

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

function header(model: DemoModel): string {
  return [
    'id',
    'at',
    ...model.features.map((feature) => feature.name),
    ...(model.task === 'binary' ? ['score'] : []),
    'prediction',
    'outcome',
  ].join(',');
}

/** What the second version knows and the first does not: a signal as strong as `strength`, from a source of its own. */
export type Insight = { strength: number; random: Random };

/** By how much the log odds move on a signal that lies at +strength where the outcome is one, else at -strength. */
const told = ({ strength, random }: Insight, outcome: boolean): number =>
  2 * strength * random.normal(outcome ? strength : -strength, 1);

/** One decision and what came of it. `day` null is a row of the reference. */
function row(
  model: DemoModel,
  random: Random,
  id: string,
  at: Date,
  day: number | null,
  insight: Insight | null,
): string {
  const values = model.features.map((feature) => feature.draw(random, day));
  const z = model.features.reduce((sum, feature, i) => {
    const value = values[i]!;
    return typeof value === 'number' ? sum + (feature.weight * (value - feature.center)) / feature.scale : sum;
  }, 0);
  const known = day === null || day <= -LABEL_DELAY_DAYS;
  if (model.task === 'regression') {
    const expected = model.base + z;
    const outcome = Math.max(0, random.normal(expected, 12));
    return [id, at.toISOString(), ...values, expected.toFixed(1), known ? outcome.toFixed(1) : ''].join(',');
  }
  const odds = z + Math.log(model.base / (1 - model.base));
  const chance = logistic(odds);
  const surprise = day !== null && random.next() < model.broken(day);
  const outcome = surprise ? random.next() < model.base * 1.6 : random.next() < chance;
  const score = insight ? logistic(odds + told(insight, outcome)) : chance;
  return [id, at.toISOString(), ...values, score.toFixed(3), score >= 0.5 ? 1 : 0, known ? (outcome ? 1 : 0) : ''].join(
    ',',
  );
}

const insightOf = (model: DemoModel, version: number, seed: number): Insight | null =>
  version > 1 && model.shadow ? { strength: model.shadow.strength, random: new Random(seed) } : null;

/** The reference as CSV: what the model learned from, the quarter before the history starts. Both versions learned from the same rows. */
export function referenceCsv(model: DemoModel, today: Date, version = 1): string {
  const random = new Random(model.name.length * 7919);
  const insight = insightOf(model, version, model.name.length * 6007);
  const lines = Array.from({ length: REFERENCE_ROWS }, (_, i) =>
    row(model, random, `r${i}`, new Date(today.getTime() - 200 * DAY_MS + i * 1_800_000), null, insight),
  );
  return `${[header(model), ...lines].join('\n')}\n`;
}

/** Decisions of the days `from` to `to` (negative, days before today, both included) as CSV; every version answers the same rows. */
export function observationsCsv(model: DemoModel, today: Date, from: number, to: number, version = 1): string {
  const lines: string[] = [];
  for (let day = from; day <= Math.min(to, -model.silentFor); day += 1) {
    const random = new Random(model.name.length * 104_729 + day);
    const insight = insightOf(model, version, model.name.length * 6007 + day);
    const start = today.getTime() + day * DAY_MS;
    const weekend = [0, 6].includes(new Date(start).getUTCDay());
    const rows = Math.round(model.perDay * (weekend ? 0.34 : 1) * (0.95 + 0.1 * random.next()));
    for (let i = 0; i < rows; i += 1)
      lines.push(row(model, random, `${day + 1000}-${i}`, new Date(start + (i * DAY_MS) / rows), day, insight));
  }
  return `${[header(model), ...lines].join('\n')}\n`;
}
