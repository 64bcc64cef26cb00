'use client';

import { useQuery } from '@tanstack/react-query';
import { attributionsQuery } from '../../lib/board/client.ts';
import type { AttributionsView, DriftFeature } from '../../lib/drift/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number, percent } from '../board/format.ts';
import { ATTRIBUTION_LOOKS, DRIFT_WORDS, IMPORTANCE_WORDS, StateWord } from '../board/states.tsx';
import { Grid } from './grid.tsx';

const BAR_PX = 72;
const ROWS = 20;

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

function Importance({ features }: { features: readonly DriftFeature[] }) {
  const { panel } = usePanel();
  const { importanceSource: source, importanceMethod: method } = panel.drift;
  if (source === null)
    return (
      <p className="text-muted">
        It is not known how much each input matters: nothing was sent with this version, and its reference has no score
        that an input explains.
      </p>
    );
  const known = features.filter((feature) => feature.importance !== null);
  const heaviest = Math.max(...known.map(({ importance }) => importance ?? 0));
  return (
    <>
      <p className="text-xs text-muted">
        Importance {IMPORTANCE_WORDS[source]}: {method}. First comes what drifted most beyond its noise, times its
        importance.
      </p>
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
          The first {ROWS} of {known.length} inputs.
        </p>
      )}
    </>
  );
}

function Attributions({ view }: { view: AttributionsView }) {
  const words = useWords();
  const heaviest = Math.max(0, ...view.features.flatMap(({ reference, current }) => [reference, current ?? 0]));
  return (
    <>
      <p className="text-xs text-muted">
        Agreement is 1 where the inputs rank as in the reference, by their mean attribution; below {view.limit} other
        inputs drive the answers. Under {view.minimum} rows we cannot judge.
      </p>
      <Grid
        caption="Agreement of the inputs’ ranking, week by week"
        columns={['Week from', 'Rows', 'Agreement (NDCG)', 'State']}
        rows={view.windows.map((window) => ({
          key: window.start,
          cells: [
            words.day(window.start),
            count(window.n),
            window.ndcg === null ? '–' : number(window.ndcg),
            <StateWord key="state" look={ATTRIBUTION_LOOKS[window.state]} />,
          ],
        }))}
      />
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
      <h3 className="font-semibold">Which input first</h3>
      <Importance features={panel.drift.features} />
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
