'use client';

import { useQuery } from '@tanstack/react-query';
import { attributionsQuery, windowDriftQuery } from '../../lib/board/client.ts';
import type { AttributionsView, DriftFeature, DriftState } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number, percent } from '../board/format.ts';
import { useShownRange } from '../board/pin.ts';
import { ATTRIBUTION_LOOKS, DRIFT_WORDS, IMPORTANCE_WORDS } from '../board/states.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { withHoles } from '../charts/kernel.ts';
import { LineChart } from '../charts/line-chart.tsx';
import { Grid } from './grid.tsx';
import { Scatter } from './scatter.tsx';

const CHANGED_STATES: ReadonlySet<DriftState> = new Set(['changed', 'changed_a_lot']);
const BAR_PX = 72;
const ROWS = 20;
const AGREEMENT_PX = 110;

const ABSENT = {
  ready: '',
  no_reference: 'There is no reference yet.',
  no_attributions:
    'No attributions have been sent. Upload the reference and the data with a column for each input that says how much it moved the answer (attribution=column:input), such as Shapley values.',
  no_data: 'No attributions in this period.',
} as const satisfies Record<AttributionsView['state'], string>;

function Bar({ share, of }: { share: number; of: number }) {
  return (
    <span aria-hidden className="mr-2 inline-block h-2 rounded-sm bg-line" style={{ width: BAR_PX }}>
      <span className="block h-2 rounded-sm bg-live" style={{ width: of ? (share / of) * BAR_PX : 0 }} />
    </span>
  );
}

/** The inputs by what to look at first: over the newest week, or in the pinned window. */
function useRanked(): { features: readonly DriftFeature[]; instead: string } {
  const { panel } = usePanel();
  const { from, to, pinned } = useShownRange();
  const { model, version, drift } = panel;
  const query = useQuery({ ...windowDriftQuery({ model: model.name, version, from, to }), enabled: pinned });
  if (!pinned) return { features: drift.features, instead: '' };
  return { features: query.data?.features ?? [], instead: query.error?.message ?? (query.data ? '' : 'Reading…') };
}

function Importance() {
  const { panel } = usePanel();
  const { features, instead } = useRanked();
  const { importanceSource: source, importanceMethod: method } = panel.drift;
  if (source === null)
    return (
      <p className="text-muted">
        It is not known how much each input matters: nothing was sent with this version, and its reference has no score
        that an input explains.
      </p>
    );
  if (instead) return <p className="text-muted">{instead}</p>;
  const known = features.filter((feature) => feature.importance !== null);
  const heaviest = Math.max(...known.map(({ importance }) => importance ?? 0));
  return (
    <ChartFrame
      id="importance"
      title="Which input first"
      sentence={`Importance ${IMPORTANCE_WORDS[source]}: ${method}. First comes what drifted most beyond its noise, times its importance.`}
      columns={['Input', 'Importance', 'PSI', 'Noise limit', 'n', 'Drift × importance', 'State']}
      rows={features.map((f) => [
        f.name,
        f.importance,
        f.latest?.psi ?? null,
        f.latest?.noiseLimit ?? null,
        f.latest?.n ?? null,
        f.priority,
        f.latest ? DRIFT_WORDS[f.latest.state] : 'no data',
      ])}
    >
      <Scatter
        dots={known.flatMap(({ name, importance, latest }) =>
          latest && importance !== null && latest.state !== 'too_few'
            ? [{ name, importance, psi: latest.psi, over: CHANGED_STATES.has(latest.state) }]
            : [],
        )}
      />
      <Grid
        caption="Inputs by drift times importance"
        columns={['Input', 'Importance', 'Drift (PSI)', 'Drift × importance', 'State']}
        rows={known.slice(0, ROWS).map((feature) => ({
          key: feature.name,
          cells: [
            feature.name,
            <span key="importance" className="whitespace-nowrap">
              <Bar share={feature.importance ?? 0} of={heaviest} />
              {percent(feature.importance ?? 0, 0)}
            </span>,
            feature.latest ? number(feature.latest.psi) : '–',
            number(feature.priority ?? 0),
            feature.latest ? DRIFT_WORDS[feature.latest.state] : 'no data',
          ],
        }))}
      />
      {known.length > ROWS && (
        <p className="text-xs text-muted">
          The first {ROWS} of {known.length} inputs; the table has all {features.length} columns.
        </p>
      )}
    </ChartFrame>
  );
}

/** How alike the inputs rank as drivers, week by week. */
function Agreement({ view }: { view: AttributionsView }) {
  const { panel } = usePanel();
  const words = useWords();
  const windows = withHoles(view.windows, (span) => ({ ...span, n: 0, ndcg: null, state: 'too_few' as const }));
  return (
    <ChartFrame
      id="agreement"
      title="Agreement of the inputs’ ranking, week by week"
      sentence={`Agreement is 1 where the inputs rank as in the reference, by their mean attribution; below ${view.limit} other inputs drive the answers. Under ${view.minimum} rows we cannot judge.`}
      columns={['Week starts', 'Week ends', `Days in ${words.zone}`, 'Rows', 'Agreement (NDCG)', 'State']}
      rows={view.windows.map((w) => [w.start, w.end, words.dated(w), w.n, w.ndcg, ATTRIBUTION_LOOKS[w.state].word])}
    >
      <LineChart
        name="Agreement of the inputs’ ranking"
        points={windows.map((w) => ({
          at: w.end,
          value: w.state === 'too_few' ? null : w.ndcg,
          seen: w.ndcg,
          over: w.state === 'moved',
          hollow: w.state === 'too_few',
        }))}
        from={panel.from}
        to={panel.to}
        limits={[{ name: 'Limit', tone: 'var(--breach)', dashes: '6 4', steps: [{ at: panel.to, value: view.limit }] }]}
        bad="below"
        height={AGREEMENT_PX}
        format={(value) => number(value, 2)}
        formatTime={words.tick}
        say={(i) => {
          const w = windows[i];
          const value = !w || w.ndcg === null ? 'no value' : number(w.ndcg);
          return w ? `${words.day(w.end)}, ${value}, n ${count(w.n)}, ${ATTRIBUTION_LOOKS[w.state].word}` : '';
        }}
      />
    </ChartFrame>
  );
}

function Attributions({ view }: { view: AttributionsView }) {
  const words = useWords();
  const heaviest = Math.max(0, ...view.features.flatMap(({ reference, current }) => [reference, current ?? 0]));
  return (
    <>
      <Agreement view={view} />
      <ChartFrame
        id="attributions"
        title="Parts of all attribution"
        sentence={`Over the whole period, beside the ${words.term('reference').toLowerCase()}.`}
        columns={['Input', words.term('reference'), words.term('current')]}
        rows={view.features.map(({ name, reference, current }) => [name, reference, current])}
      >
        <Grid
          caption="Parts of all attribution"
          columns={['Input', 'Reference', 'Now']}
          rows={view.features.slice(0, ROWS).map(({ name, reference, current }) => ({
            key: name,
            cells: [
              name,
              <span key="reference" className="whitespace-nowrap">
                <Bar share={reference} of={heaviest} />
                {percent(reference, 0)}
              </span>,
              current === null ? (
                '–'
              ) : (
                <span key="current" className="whitespace-nowrap">
                  <Bar share={current} of={heaviest} />
                  {percent(current, 0)}
                </span>
              ),
            ],
          }))}
        />
      </ChartFrame>
    </>
  );
}

/** Which input to look at first, and whether the inputs still drive the answers as they did. */
export function Drivers() {
  const { panel } = usePanel();
  const { model, version, from, to } = panel;
  const query = useQuery(attributionsQuery({ model: model.name, version, from, to }));
  return (
    <>
      <Importance />
      <h3 className="font-semibold">What drives the answers</h3>
      <div aria-live="polite">
        {query.isPending && <p className="text-muted">Reading…</p>}
        {query.error && <p className="text-breach">{query.error.message}</p>}
        {query.data && ABSENT[query.data.state] && <p className="text-muted">{ABSENT[query.data.state]}</p>}
      </div>
      {query.data?.state === 'ready' && <Attributions view={query.data} />}
    </>
  );
}
