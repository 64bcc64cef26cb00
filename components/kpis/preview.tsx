'use client';

import type { MetricPoint } from '../../lib/drift/schema.ts';
import { evaluate } from '../../lib/kpis/rules.ts';
import type { Contract } from '../../lib/kpis/schema.ts';
import { useWords } from '../board/context.tsx';
import { contractOf, type Draft } from './draft.ts';

type Limits = Pick<Contract, 'direction' | 'limits' | 'minSamples' | 'rule'>;
type Outcome = { alerts: number; over: number; unknown: number; first: string | null };

/** What a limit would have done on these windows, by the evaluator that raises the alerts. */
export function outcome(points: readonly MetricPoint[], limits: Limits): Outcome {
  const judged = evaluate(points, limits);
  const alerts = judged.transitions.filter((change) => change.to === 'alert');
  return {
    alerts: alerts.length,
    over: judged.points.filter((p) => p.state === 'breach' || p.state === 'pending').length,
    unknown: judged.points.filter((p) => p.state === 'no_data').length,
    first: alerts[0]?.at ?? null,
  };
}

/** The figures of a draft that decide about alerts; null while one of them is no number. */
export function limitsOf(draft: Draft, saved: Contract | null): Limits | null {
  const typed = contractOf(draft) as {
    limits: { watch?: number; breach?: number };
    minSamples: { events?: number; positives?: number };
    rule: { k?: number; m?: number };
  };
  const { breach, watch } = typed.limits;
  const { events, positives } = typed.minSamples;
  const { k, m } = typed.rule;
  if (breach === undefined || events === undefined || k === undefined || m === undefined) return null;
  return {
    direction: draft.direction,
    limits: { breach, ...(watch === undefined ? {} : { watch }) },
    minSamples: { events, positives: positives ?? 0 },
    rule: { ...(saved?.rule ?? { type: 'k_of_m' as const, clearFor: 3 }), k, m },
  };
}

/** The same evaluator that raises the alerts, run over the windows on the screen while the hand is still on the field. */
export function Preview({
  draft,
  saved,
  points,
}: {
  draft: Draft;
  saved: Contract | null;
  points: readonly MetricPoint[];
}) {
  const words = useWords();
  const limits = limitsOf(draft, saved);
  const before = saved ? outcome(points, saved) : null;
  const after = limits ? outcome(points, limits) : null;
  const moved = saved !== null && (draft.metric !== saved.metric || Number(draft.window) !== saved.window);
  const rows: [string, (o: Outcome) => string][] = [
    ['alerts', (o) => String(o.alerts)],
    ['windows over the limit', (o) => String(o.over)],
    ['windows we could not judge', (o) => String(o.unknown)],
    ['first alert', (o) => (o.first ? words.day(o.first) : 'none')],
  ];
  return (
    <section aria-labelledby="preview" className="rounded-md border border-line bg-ground p-2 text-xs">
      <h3 id="preview" className="font-semibold" title={words.others('backtest')}>
        {words.term('backtest')}
      </h3>
      {points.length === 0 ? (
        <p className="text-muted">
          There are no windows of this metric on the screen to try the limit on. It is judged from the next data on.
        </p>
      ) : after === null ? (
        <p className="text-muted">Type a limit to see what it would have done on the last {points.length} windows.</p>
      ) : (
        <table className="w-full" data-testid="preview">
          <caption className="sr-only">Saved and draft limits on the last {points.length} windows</caption>
          <thead>
            <tr className="text-muted">
              <th scope="col" className="text-left font-normal">
                last {points.length} windows
              </th>
              {before && (
                <th scope="col" className="text-right font-normal">
                  saved
                </th>
              )}
              <th scope="col" className="text-right font-normal">
                draft
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.map(([name, read]) => (
              <tr key={name} className="border-t border-line">
                <th scope="row" className="text-left font-normal">
                  {name}
                </th>
                {before && <td className="text-right">{read(before)}</td>}
                <td className="text-right font-semibold" data-preview={name}>
                  {read(after)}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {moved && (
        <p className="mt-1 text-watch">
          ▲ Metric or period changed: the saved windows only show the limit, not the new figure.
        </p>
      )}
    </section>
  );
}
