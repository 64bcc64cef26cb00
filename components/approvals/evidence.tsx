'use client';

import type { RequestView } from '../../lib/approvals/schema.ts';
import { useBoard, useWords } from '../board/context.tsx';
import { number } from '../board/format.ts';
import { CHECK_LOOKS, POINT_LOOKS, StateWord } from '../board/states.tsx';

const change = (live: number | null, candidate: number | null): string => {
  if (live === null || candidate === null) return 'not comparable';
  const by = candidate - live;
  if (by === 0) return 'same';
  return by > 0 ? `+${number(by)}` : number(by);
};

export function Evidence({ request }: { request: RequestView }) {
  const words = useWords();
  const { panel, select, showCharts } = useBoard();
  const { comparisons, checks, goals, liveVersion, dataTo } = request.evidence;
  const passed = checks.filter((check) => check.verdict === 'pass').length;
  return (
    <>
      {comparisons.length > 0 && (
        <table className="w-full border-collapse text-xs">
          <caption className="pb-1 text-left font-semibold">
            Compare{dataTo && <span className="font-normal text-muted"> · data to {words.moment(dataTo)}</span>}
          </caption>
          <thead>
            <tr className="border-b border-line text-muted">
              <th scope="col" className="py-1 text-left font-medium">
                Metric
              </th>
              <th scope="col" className="text-right font-medium">
                {liveVersion === null ? 'live' : `v${liveVersion} live`}
              </th>
              <th scope="col" className="text-right font-medium">
                v{request.version}
              </th>
              <th scope="col" className="text-right font-medium">
                change
              </th>
            </tr>
          </thead>
          <tbody>
            {comparisons.map((row) => (
              <tr key={row.metric} className="border-b border-line">
                <th scope="row" className="py-1 text-left font-normal">
                  {row.metric}
                </th>
                <td className="text-right">{row.live === null ? '–' : number(row.live)}</td>
                <td className="text-right">{row.candidate === null ? '–' : number(row.candidate)}</td>
                <td className="text-right">{change(row.live, row.candidate)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {liveVersion !== null && liveVersion !== request.version && panel?.model.name === request.model && (
        <p className="text-xs">
          <button
            type="button"
            className="min-h-6 rounded-sm underline hover:bg-raised"
            onClick={() => {
              void select({ v: null, cmp: request.version });
              showCharts('performance');
            }}
          >
            See v{request.version} against v{liveVersion} over time
          </button>
        </p>
      )}
      {checks.length > 0 && (
        <div>
          <h3 className="text-xs font-semibold" title={words.others('gate')}>
            {words.term('gate')}: {passed} of {checks.length} pass
          </h3>
          <ul className="flex flex-col gap-0.5 text-xs">
            {checks.map((check) => (
              <li key={check.id}>
                <StateWord look={CHECK_LOOKS[check.verdict]} /> <span className="font-medium">{check.name}</span>
                {check.verdict !== 'pass' && check.detail && <span className="text-muted">: {check.detail}</span>}
              </li>
            ))}
          </ul>
        </div>
      )}
      {goals.length > 0 && (
        <details className="text-xs">
          <summary className="min-h-6 font-semibold">Goals at stake ({goals.length})</summary>
          <ul>
            {goals.map((goal) => {
              const look = Object.entries(POINT_LOOKS).find(([state]) => state === goal.state)?.[1];
              return (
                <li key={goal.name}>
                  {look ? <StateWord look={look} /> : goal.state} {goal.name}
                  <span className="text-muted">
                    {' '}
                    {goal.value === null ? '' : number(goal.value)} (limit version {goal.version})
                  </span>
                </li>
              );
            })}
          </ul>
        </details>
      )}
    </>
  );
}
