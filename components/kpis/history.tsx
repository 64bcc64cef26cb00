'use client';

import { useQuery } from '@tanstack/react-query';
import { api } from '../../lib/board/client.ts';
import type { KpiPanel } from '../../lib/board/schema.ts';
import type { KpiVersionView } from '../../lib/kpis/schema.ts';
import { Ago } from '../board/context.tsx';
import { type Draft, draftOf } from './draft.ts';

const DIRECTIONS = {
  created: 'created',
  tightening: 'tighter',
  loosening: 'looser',
  mixed: 'changed',
  neutral: 'changed',
} as const;

/** Every version with what it changed, by whom and why. Nothing here can be altered. */
export function GoalHistory({ goal }: { goal: KpiPanel }) {
  const versions = useQuery({
    queryKey: ['kpis', goal.id, 'versions', goal.version],
    queryFn: () => api<{ items: KpiVersionView[] }>('GET', `/api/v1/kpis/${goal.id}/versions`),
  });
  const items = [...(versions.data?.items ?? [])].sort((a, b) => b.version - a.version);
  const difference = (at: number): string => {
    const [now, before] = [items[at], items[at + 1]];
    if (!now || !before) return '';
    const [next, old] = [draftOf(now.contract), draftOf(before.contract)];
    return (Object.keys(next) as (keyof Draft)[])
      .filter((key) => next[key] !== old[key])
      .map((key) => `${key} ${old[key] || '–'} → ${next[key] || '–'}`)
      .join(', ');
  };
  return (
    <section aria-labelledby="goal-history" className="border-t border-line pt-2">
      <h3 id="goal-history" className="font-semibold">
        History
      </h3>
      {versions.isPending && <p className="text-muted">Reading the versions…</p>}
      {versions.error && <p className="text-breach">{versions.error.message}</p>}
      <ol className="flex flex-col text-xs">
        {items.map((item, at) => (
          <li key={item.version} className="border-b border-line py-1">
            <strong>v{item.version}</strong> {DIRECTIONS[item.direction]} by {item.createdBy},{' '}
            <Ago at={item.createdAt} />
            <span className="block">{difference(at)}</span>
            <span className="block text-muted">“{item.reason}”</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
