import type { KpiPanel } from '../../lib/board/schema.ts';
import type { LinePoint } from '../charts/kernel.ts';

/** Why a window has no figure, or none that counts. */
const REASONS: Record<string, string> = {
  no_labels: 'no outcomes yet',
  too_few_labels: 'too few outcomes to tell',
  undefined_here: 'not defined for these rows',
};

/** The same in words; nothing where there is a figure that counts. */
export const reasonWords = (reason: string | null): string => (reason ? (REASONS[reason] ?? reason) : '');

/** The goal on this very figure, if there is one: its limits as they were in force, and its windows beyond them. */
export function goalOn(kpis: readonly KpiPanel[], metric: string | null) {
  const goal = kpis.find(({ contract }) => contract.metric === metric);
  if (!goal) return { name: '', limits: [], breaches: [] };
  const steps = goal.points.map(({ at, breach }) => ({ at, value: breach }));
  const breaches = goal.points.flatMap((p): LinePoint[] =>
    p.state === 'breach' || p.state === 'pending' ? [{ at: p.at, value: p.value, over: true }] : [],
  );
  const limit = { name: `Limit of ${goal.contract.name}`, tone: 'var(--breach)', dashes: '6 4', steps };
  return { name: goal.contract.name, limits: [limit], breaches };
}
