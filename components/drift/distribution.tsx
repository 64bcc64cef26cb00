'use client';

import { useQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { useMemo } from 'react';
import { distributionQuery } from '../../lib/board/client.ts';
import type { Contribution, DistributionView } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number } from '../board/format.ts';
import { KeepSwitch } from '../board/keeper.tsx';
import { patiently } from '../board/patiently.ts';
import { usePin } from '../board/pin.ts';
import { ChartFrame } from '../charts/frame.tsx';
import { binLabel } from './bins.ts';
import { psiTexts } from './psi-texts.ts';

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

// The other indices are for experts, who open them.
const Methods = dynamic(() => patiently(() => import('./methods.tsx')).then((m) => m.Methods), {
  ssr: false,
  loading: () => <p className="h-[18px]" />,
});

/** The chosen input over the newest week, or in the pinned window where one is pinned. */
function useShown(): { view: DistributionView | null; instead: string } {
  const { panel } = usePanel();
  const { pinned, day } = usePin();
  const feature = panel.distribution?.feature ?? '';
  const window = pinned?.window ?? null;
  const query = useQuery({
    ...distributionQuery({
      model: panel.model.name,
      version: panel.version,
      feature,
      from: window?.start ?? panel.from,
      to: window?.end ?? panel.to,
    }),
    enabled: window !== null && feature !== '',
  });
  if (panel.drift.state === 'no_data') return { view: null, instead: 'No data in this period.' };
  if (!panel.distribution) return { view: null, instead: 'Choose an input on the left to see how its values moved.' };
  if (pinned?.state === 'empty') return { view: null, instead: `No data, ${day}.` };
  if (!window) return { view: panel.distribution, instead: '' };
  if (query.error) return { view: null, instead: query.error.message };
  return { view: query.data ?? null, instead: query.data ? '' : `Reading ${day}…` };
}

const gap = ({ reference, current }: Contribution): number => Math.abs(current - reference);

/** Bins of a number in their order; groups, which have none, by how much their share changed. */
const inOrder = ({ kind, bins }: DistributionView): readonly Contribution[] =>
  kind === 'numeric' ? bins : [...bins].sort((a, b) => gap(b) - gap(a));

export function Distribution() {
  const { panel, lens } = usePanel();
  const words = useWords();
  const { view, instead } = useShown();
  const { pinned, day } = usePin();
  const bins = useMemo(() => (view ? inOrder(view) : []).map((bin) => ({ ...bin, label: binLabel(bin.bin) })), [view]);
  const name = panel.distribution?.feature;
  const title = `${name ? `${name}: ` : ''}${words.term('distribution').toLowerCase()}`;
  const when = pinned?.window ? `${day}: ` : '';
  if (!view) {
    return (
      <ChartFrame
        id="distribution"
        title={name ? title : words.term('distribution')}
        sentence=""
        columns={['Bin']}
        rows={[]}
        tools={<KeepSwitch />}
        className="part-drift min-h-44 flex-1"
      >
        <p className="py-1 text-muted">{instead}</p>
      </ChartFrame>
    );
  }
  const [index, noise] = psiTexts(view);
  const figures = `PSI ${index}, noise limit ${noise}`;
  // Who works with data has them on the line that leads to the other methods.
  const detail = lens === 'ops' ? ` ${figures}.` : '';
  return (
    <ChartFrame
      id="distribution"
      title={title}
      hint={words.others('distribution')}
      sentence={`${when}${view.sentence}${detail}`}
      columns={['Values', words.term('reference'), words.term('current'), 'Part of PSI']}
      rows={bins.map((bin) => [bin.label, bin.reference, bin.current, bin.term])}
      tools={<KeepSwitch />}
      className="part-drift min-h-44 flex-1"
    >
      <DistributionChart
        name={`${view.feature}: shares of rows, reference and current`}
        sentence={view.sentence}
        bins={bins}
        numeric={view.kind === 'numeric'}
        names={{ reference: words.term('reference'), current: pinned?.window ? day : words.term('current') }}
      />
      <Parts bins={bins} name={lens === 'product' ? 'moved' : 'PSI'} />
      <p className="flex flex-wrap gap-x-3 text-xs text-muted">
        <span>
          <span aria-hidden className="mr-1 inline-block size-2.5 border-2 border-reference" />
          {words.term('reference')}, n {count(view.referenceN)}
        </span>
        <span>
          <span aria-hidden className="mr-1 inline-block size-2.5 bg-live" />
          {pinned?.window ? day : words.term('current')}, n {count(view.n)}
        </span>
        <span className="sr-only" data-fact={`psi:${view.feature}`} data-value={view.psi}>
          {index}
        </span>
      </p>
      {lens === 'data' && <Methods methods={view.methods} lead={figures} />}
    </ChartFrame>
  );
}

/** How much each bin adds to the index, under its bars; the table has the figures. */
function Parts({ bins, name }: { bins: readonly (Contribution & { label: string })[]; name: string }) {
  const most = Math.max(0, ...bins.map(({ term }) => term));
  return (
    <div aria-hidden className="mr-1 flex h-3.5 shrink-0">
      <span className="w-10 shrink-0 pr-1.5 text-right text-[11px] leading-3.5 text-muted">{name}</span>
      <div className="grid min-w-0 flex-1 auto-cols-fr grid-flow-col items-start border-t border-line">
        {bins.map(({ bin, label, term }) => (
          <span
            key={JSON.stringify(bin)}
            title={`${label}: ${number(term)} of the index`}
            className="flex h-full justify-center"
          >
            <span className="w-3/5 bg-control" style={{ height: `${most > 0 ? (term / most) * 100 : 0}%` }} />
          </span>
        ))}
      </div>
    </div>
  );
}
