'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { segmentsQuery } from '../../lib/board/client.ts';
import { byGap } from '../../lib/drift/rules/segments.ts';
import type { SegmentsView, SegmentView } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number } from '../board/format.ts';
import { useShownRange } from '../board/pin.ts';
import { DRIFT_WORDS } from '../board/states.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { Choice } from '../ui/field.tsx';
import { segmentLabel } from './bins.ts';
import { SegmentsOverTime } from './segments-over-time.tsx';

const ABSENT = {
  ready: '',
  no_labels:
    'Outcomes have not arrived yet: the table says how each segment’s inputs moved, not how right the answers were.',
  no_data: 'No data in this period.',
  no_reference: 'There is no reference yet to hold the segments against.',
} as const satisfies Record<SegmentsView['state'], string>;

const BAR_PX = 120;

/** Where on the common scale of all segments this one's interval lies, beside the mean of them all. */
function Interval({ segment, low, high, middle }: { segment: SegmentView; low: number; high: number; middle: number }) {
  if (segment.value === null || segment.lo === null || segment.hi === null) return null;
  const at = (value: number) => ((value - low) / (high - low || 1)) * BAR_PX;
  return (
    <svg width={BAR_PX} height={14} aria-hidden className="block">
      <line x1={at(middle)} x2={at(middle)} y1={0} y2={14} stroke="var(--control)" strokeDasharray="2 2" />
      <line x1={at(segment.lo)} x2={at(segment.hi)} y1={7} y2={7} stroke="var(--live)" strokeWidth={2} />
      <circle cx={at(segment.value)} cy={7} r={3.5} fill="var(--live)" />
    </svg>
  );
}

function Rows({ view }: { view: SegmentsView }) {
  const bounds = view.segments.flatMap((s) => [s.lo, s.hi]).filter((value) => value !== null);
  const [low, high] = [Math.min(...bounds), Math.max(...bounds)];
  const { middle, segments } = byGap(view.segments);
  return (
    <ChartFrame
      id="segments"
      title={`${view.metric ?? 'Rows'} by ${view.by}`}
      sentence={
        bounds.length > 0
          ? '95% interval of each part, the farthest from the mean of all (dashed) first; too small parts are not judged.'
          : ''
      }
      columns={[
        view.by,
        'Rows',
        'Outcomes',
        view.metric ?? 'Metric',
        '95% low',
        '95% high',
        'Inputs',
        'Inputs that changed',
      ]}
      rows={segments.map((s) => [
        s.name,
        s.rows,
        s.n,
        s.reason ? null : s.value,
        s.reason ? null : s.lo,
        s.reason ? null : s.hi,
        DRIFT_WORDS[s.drift],
        s.drifted.map(({ column }) => column).join(', '),
      ])}
    >
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section aria-label={`Segments of ${view.by}`} tabIndex={0} className="overflow-x-auto">
        <table className="w-full border-collapse text-sm">
          <caption className="sr-only">Segments of {view.by}</caption>
          <thead>
            <tr>
              {[view.by, 'Rows', view.metric ?? 'Metric', '95% interval', 'Inputs'].map((column) => (
                <th key={column} scope="col" className="border-b border-line py-1 pr-3 text-left font-semibold">
                  {column}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {segments.map((segment) => (
              <tr key={segment.name} className="border-b border-line align-top">
                <th scope="row" title={segment.name} className="py-1 pr-3 text-left font-normal">
                  {segmentLabel(segment.segment)}
                </th>
                <td className="py-1 pr-3">{count(segment.rows)}</td>
                <td className="py-1 pr-3">
                  {segment.value === null || segment.reason ? (
                    <span className="text-muted">○ we cannot judge ({count(segment.n)} outcomes)</span>
                  ) : (
                    number(segment.value)
                  )}
                </td>
                <td className="py-1 pr-3 text-xs text-muted">
                  {!segment.reason && <Interval segment={segment} low={low} high={high} middle={middle} />}
                  {segment.lo !== null && segment.hi !== null && !segment.reason && (
                    <>
                      {number(segment.lo)} to {number(segment.hi)}
                    </>
                  )}
                </td>
                <td className="py-1">
                  {DRIFT_WORDS[segment.drift]}
                  {segment.drifted.length > 0 && (
                    <span className="block text-xs text-muted">
                      {segment.drifted
                        .slice(0, 3)
                        .map(({ column }) => column)
                        .join(', ')}
                      {segment.drifted.length > 3 && ` and ${segment.drifted.length - 3} more`}
                    </span>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </ChartFrame>
  );
}

/** One metric and the drift of the inputs, part by part: an average that holds can hide a part that does not. */
export function SegmentTable() {
  const words = useWords();
  const { panel } = usePanel();
  const { from, to } = useShownRange();
  const columns = panel.drift.features.map(({ name }) => name);
  const textual = panel.drift.features.find(({ role, kind }) => role === 'feature' && kind !== 'numeric');
  const [by, setBy] = useState(textual?.name ?? columns[0] ?? '');
  const [metric, setMetric] = useState(panel.performance.metric ?? '');
  const query = useQuery({
    ...segmentsQuery({
      model: panel.model.name,
      by,
      metric,
      version: panel.version,
      from,
      to,
    }),
    enabled: by !== '',
  });
  return (
    <>
      <div className="grid grid-cols-2 gap-2">
        <Choice
          label="By"
          value={by}
          onChange={(event) => setBy(event.target.value)}
          options={columns.map((name) => ({ value: name, label: name }))}
        />
        {panel.performance.metrics.length > 0 && (
          <Choice
            label="Metric"
            value={metric}
            onChange={(event) => setMetric(event.target.value)}
            options={panel.performance.metrics.map((name) => ({ value: name, label: words.metric(name) }))}
          />
        )}
      </div>
      <div aria-live="polite">
        {query.isPending && <p className="text-muted">Counting the rows of each part…</p>}
        {query.error && <p className="text-breach">{query.error.message}</p>}
        {query.data && ABSENT[query.data.state] && <p className="text-muted">{ABSENT[query.data.state]}</p>}
      </div>
      {query.data && query.data.segments.length > 0 && <Rows view={query.data} />}
      {query.data?.state === 'ready' && <SegmentsOverTime key={`${by} ${metric}`} view={query.data} />}
    </>
  );
}
