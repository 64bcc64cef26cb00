import { eq, sum } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { auditHeads } from '../../db/schema/audit.ts';
import { latestWindows } from '../../db/schema/measurements.ts';

/** Views of one model that are kept; each is some hundred kilobytes. */
const KEPT_MAX = 40;
const kept = new Map<string, Promise<unknown>>();

/**
 * How far a model's record has come: the length of its trail, which every command that changes it moves on under a lock,
 * and its judged windows. What was computed at one stamp holds as long as the stamp does.
 */
export async function stampOf(db: Db, modelId: string): Promise<string> {
  const [[head], [judged]] = await Promise.all([
    db.select({ position: auditHeads.position }).from(auditHeads).where(eq(auditHeads.stream, modelId)),
    db
      .select({ revision: sum(latestWindows.revision).mapWith(Number) })
      .from(latestWindows)
      .where(eq(latestWindows.modelId, modelId)),
  ]);
  return [modelId, head?.position ?? 0, judged?.revision ?? 0].join(' ');
}

/**
 * The answer to a question about a stamp, computed once for everybody who looks at it: a change of one model makes every
 * open screen read its board again. A failure is not kept.
 */
export function remembered<T>(stamp: string, question: unknown, compute: () => Promise<T>): Promise<T> {
  const key = `${stamp} ${JSON.stringify(question)}`;
  const held = kept.get(key) as Promise<T> | undefined;
  // What is asked for again moves to the end: the first is then the one nobody asked for the longest.
  kept.delete(key);
  const answer = held ?? compute();
  kept.set(key, answer);
  answer.catch(() => kept.delete(key));
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
  return answer;
}
