'use client';

import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number } from '../board/format.ts';
import { patiently } from '../board/patiently.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { binLabel } from './bins.ts';
import { Methods } from './methods.tsx';

/** When the browser has nothing more urgent to do, and after this at the latest. */
const PATIENCE_MS = 2_000;
const idle = () =>
  new Promise<void>((done) => {
    if (typeof requestIdleCallback === 'function') requestIdleCallback(() => done(), { timeout: PATIENCE_MS });
    else done();
  });

// recharts weighs 100 kB: it is fetched once the rest answers, into a frame of its final size.
const DistributionChart = dynamic(
  () => idle().then(() => patiently(() => import('./distribution-chart.tsx')).then((m) => m.DistributionChart)),
  {
    ssr: false,
    loading: () => <div className="min-h-20 flex-1" />,
  },
);

export function Distribution() {
  const { panel, lens } = usePanel();
  const words = useWords();
  const view = panel.distribution;
  const bins = useMemo(() => (view?.bins ?? []).map((bin) => ({ ...bin, label: binLabel(bin.bin) })), [view]);
  if (!view) {
    return (
      <ChartFrame
        id="distribution"
        title={words.term('distribution')}
        sentence=""
        columns={['Bin']}
        rows={[]}
        className="part-drift min-h-44 flex-1"
      >
        <p className="py-1 text-muted">Choose an input on the left to see how its values moved.</p>
      </ChartFrame>
    );
  }
  const detail = lens === 'product' ? '' : ` PSI ${number(view.psi)}, noise limit ${number(view.noiseLimit)}.`;
  return (
    <ChartFrame
      id="distribution"
      title={`${view.feature}: ${words.term('distribution').toLowerCase()}`}
      hint={words.others('distribution')}
      sentence={detail ? `${view.sentence} ${detail.trim()}` : view.sentence}
      columns={['Values', words.term('reference'), words.term('current'), 'Part of PSI']}
      rows={bins.map((bin) => [bin.label, bin.reference, bin.current, bin.term])}
      className="part-drift min-h-44 flex-1"
    >
      <DistributionChart
        name={`${view.feature}: shares of rows, reference and current`}
        sentence={view.sentence}
        bins={bins}
        numeric={view.kind === 'numeric'}
        names={{ reference: words.term('reference'), current: words.term('current') }}
      />
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <span>
          <span aria-hidden className="mr-1 inline-block size-2.5 border-2 border-reference" />
          {words.term('reference')}, n {count(view.referenceN)}
        </span>
        <span>
          <span aria-hidden className="mr-1 inline-block size-2.5 bg-live" />
          {words.term('current')}, n {count(view.n)}
        </span>
        <span className="sr-only" data-fact={`psi:${view.feature}`} data-value={view.psi}>
          {number(view.psi)}
        </span>
      </p>
      {lens === 'data' && <Methods methods={view.methods} />}
    </ChartFrame>
  );
}
