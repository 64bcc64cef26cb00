import { scoringBinOf } from './bins.ts';
import { type Connection, row } from './duckdb.ts';
import type { CountedColumn, Plan } from './plan.ts';
import type { Onlooker } from './scan.ts';
import type { Association, MeasuredColumn, Task } from './schema.ts';

/** Steps of the score's range. 30 million rows (bounds.ts) of them sum below 2^53: exact, whatever the order of the rows. */
const STEPS = 2 ** 27;
/** A score's square is summed in two halves, so that each sum stays exact. */
const HALF = 2 ** 14;

/** Sums over some rows of a score in whole steps. */
export type Group = { n: number; sum: number };
/** A group of groups with its sum of squares, which may pass 2^53. */
export type Whole = Group & { squares: bigint };

/**
 * Share of the score's variance that lies between a column's groups, and the same without what chance alone explains. `eta2` is the
 * correlation ratio (Pearson 1905). Were the score shuffled over the rows it would still be (k - 1) / (n - 1) on average, over all
 * permutations exactly; `epsilon2` = 1 - (1 - eta2)(n - 1) / (n - k) takes that out (Kelley, PNAS 21, 1935) and is cut at 0.
 * One column at a time: it knows no interactions, and two columns that say the same both get the whole of it.
 * @param groups non-empty, together the rows of `whole`
 * @returns null where the score does not vary or no group has two rows
 */
export function explainedShare(groups: readonly Group[], { n, sum, squares }: Whole) {
  const k = groups.length;
  // n times the total sum of squares, a difference of two large numbers: taken in integers.
  const total = Number(BigInt(n) * squares - BigInt(sum) * BigInt(sum)) / n;
  if (!(total > 0) || n <= k) return null;
  const mean = sum / n;
  const between = groups.reduce((held, group) => held + group.n * (group.sum / group.n - mean) ** 2, 0);
  const eta2 = Math.min(1, between / total);
  return { groups: k, eta2, epsilon2: Math.max(0, 1 - ((1 - eta2) * (n - 1)) / (n - k)) };
}

/** What the model answered, as a number: its score, else an amount it predicted, else whether it said yes (-1 where it said nothing). */
function answerOf(plan: Plan, columns: readonly MeasuredColumn[], task: Task | null) {
  if (columns.some((column) => column.role === 'score')) return { from: 'score', sql: plan.score } as const;
  if (!columns.some((column) => column.role === 'prediction') || task === null || task.task === 'multiclass')
    return null;
  const sql = task.task === 'binary' ? `nullif(${plan.prediction}, -1)` : plan.prediction;
  return { from: 'prediction', sql } as const;
}

/**
 * Watches a scan of the reference and tells how much each column's scoring bins explain of the score. Permutation importance needs the
 * model; this needs only what was uploaded. Rows without a value of the column are a group like any other.
 * @returns undefined where the reference has no score that could be explained
 */
export async function associationCounter(
  connection: Connection,
  plan: Plan,
  counted: readonly CountedColumn[],
  columns: readonly MeasuredColumn[],
  task: Task | null,
): Promise<(Onlooker & { read(): Association | null }) | undefined> {
  const answer = answerOf(plan, columns, task);
  if (!answer) return undefined;
  const explained = new Set(columns.filter(({ role }) => role === 'feature' || role === 'segment').map((c) => c.name));
  const range = await row(
    connection,
    `SELECT min(v) AS low, max(v) AS high FROM (SELECT CAST(${answer.sql} AS DOUBLE) AS v FROM ${plan.relation}) WHERE isfinite(v)`,
  );
  const [low, high] = [Number(range.low), Number(range.high)];
  if (range.low === null || !(high > low) || !Number.isFinite(high - low)) return undefined;

  const places = counted.map(({ bins }) => scoringBinOf(bins));
  const groups = counted.map(({ name }, i) => {
    const size = explained.has(name) ? places[i]!.reduce((most, at) => Math.max(most, at), -1) + 2 : 0;
    return { ns: new Float64Array(size), sums: new Float64Array(size) };
  });
  const total = { n: 0, sum: 0, high: 0, cross: 0, low: 0 };
  let steps = new Float64Array(0);
  let rows = 0;
  return {
    answers(prediction, score, count) {
      const values = answer.from === 'score' ? score : prediction;
      if (steps.length < count) steps = new Float64Array(count);
      rows = count;
      for (let i = 0; i < count; i++) {
        const share = (values[i]! - low) / (high - low);
        // What is missing is spelled by numbers outside the range.
        const step = share >= 0 && share <= 1 ? Math.round(share * STEPS) : -1;
        steps[i] = step;
        if (step < 0) continue;
        const upper = Math.floor(step / HALF);
        const lower = step - upper * HALF;
        total.n++;
        total.sum += step;
        total.high += upper * upper;
        total.cross += upper * lower;
        total.low += lower * lower;
      }
    },
    bins(column, fine) {
      const { ns, sums } = groups[column]!;
      if (ns.length === 0) return;
      const place = places[column]!;
      const missing = ns.length - 1;
      for (let i = 0; i < rows; i++) {
        if (steps[i]! < 0) continue;
        const at = place[fine[i]!]!;
        const group = at < 0 ? missing : at;
        ns[group]!++;
        sums[group]! += steps[i]!;
      }
    },
    read() {
      const half = BigInt(HALF);
      const squares = BigInt(total.high) * half * half + 2n * half * BigInt(total.cross) + BigInt(total.low);
      const whole = { n: total.n, sum: total.sum, squares };
      const found = counted.flatMap(({ name }, i) => {
        const { ns, sums } = groups[i]!;
        const filled = Array.from(ns, (n, at) => ({ n, sum: sums[at]! })).filter(({ n }) => n > 0);
        const share = filled.length === 0 ? null : explainedShare(filled, whole);
        return share ? [[name, share] as const] : [];
      });
      if (found.length === 0) return null;
      return { method: 'epsilon_squared/1', n: total.n, columns: Object.fromEntries(found) };
    },
  };
}
