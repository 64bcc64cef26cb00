'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { fairnessQuery, protectionQuery } from '../../lib/board/client.ts';
import type { ComparedRate, FairnessView } from '../../lib/drift/schema.ts';
import type { Protection } from '../../lib/models/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number, percent } from '../board/format.ts';
import { useShownRange } from '../board/pin.ts';
import { FAIRNESS_LOOKS, StateWord } from '../board/states.tsx';
import { ChartFrame } from '../charts/frame.tsx';
import { Choice } from '../ui/field.tsx';
import { Grid } from './grid.tsx';
import { ProtectForm } from './protect-form.tsx';

const ABSENT = {
  ready: '',
  no_reference: 'There is no reference yet: it fixes the groups.',
  no_data: 'No data in this period.',
  not_binary: 'Rates are compared for models that answer yes or no. This one does not.',
} as const satisfies Record<FairnessView['state'], string>;

function Rate({ rate }: { rate: ComparedRate }) {
  if (rate.rate === null) return <span className="text-muted">–</span>;
  return (
    <>
      {percent(rate.rate)}
      <span className="block text-xs text-muted">
        {count(rate.hits)} of {count(rate.n)}
      </span>
    </>
  );
}

function Ratio({ rate }: { rate: ComparedRate }) {
  return (
    <>
      <StateWord look={FAIRNESS_LOOKS[rate.state]} />
      {rate.ratio !== null && rate.ratioLo !== null && (
        <span className="block text-xs text-muted">
          {number(rate.ratio)} ({number(rate.ratioLo)} to {rate.ratioHi === null ? 'no bound' : number(rate.ratioHi)})
        </span>
      )}
    </>
  );
}

function Groups({ view }: { view: FairnessView }) {
  const against = view.base ?? 'no group';
  const table = (title: string, about: string, of: 'selected' | 'rightly' | 'wrongly') => (
    <ChartFrame
      id={`fairness-${of}`}
      title={title}
      sentence={about}
      columns={[view.column, 'Hits', 'n', 'Rate', '95% low', '95% high', 'Ratio', 'Ratio low', 'Ratio high', 'State']}
      rows={view.groups.map(({ name, [of]: r }) => [
        name,
        r.hits,
        r.n,
        r.rate,
        r.lo,
        r.hi,
        r.ratio,
        r.ratioLo,
        r.ratioHi,
        FAIRNESS_LOOKS[r.state].word,
      ])}
    >
      <Grid
        caption={`${title}, by ${view.column}`}
        columns={[view.column, 'Rate', `Ratio to ${against} (95%)`]}
        rows={view.groups.map((group) => ({
          key: group.name,
          cells: [group.name, <Rate key="rate" rate={group[of]} />, <Ratio key="ratio" rate={group[of]} />],
        }))}
      />
    </ChartFrame>
  );
  return (
    <>
      <p>
        Held against <strong>{against}</strong>, {view.baseNamed ? 'as named' : 'the best-off group with enough rows'}.
        The favourable answer is {view.answer}.
      </p>
      {table('Got the favourable answer', 'Of all rows with an answer.', 'selected')}
      {view.labelled > 0 ? (
        <>
          {table('Got it and deserved it', 'Of those whose outcome was favourable: equal opportunity.', 'rightly')}
          {table('Got it and did not deserve it', 'Of those whose outcome was not.', 'wrongly')}
        </>
      ) : (
        <p className="text-muted">Outcomes have not arrived yet, so nobody can say who deserved the answer.</p>
      )}
      <p className="text-xs text-muted">
        Review: the whole 95% interval of the ratio lies below {view.limit} (four fifths). At risk: it holds{' '}
        {view.limit}. A ratio of the two lower tables, or to a named group, may be too high as well, from{' '}
        {1 / view.limit}. Under {view.minimum} rows we cannot judge. Four fifths is a rule of thumb of US employment
        practice: a sign to look closer, no verdict of unlawful discrimination, and its absence no proof of fairness.
      </p>
    </>
  );
}

function Compared({ protection }: { protection: Protection }) {
  const { panel } = usePanel();
  const words = useWords();
  const [chosen, setChosen] = useState(protection.columns[0]?.column ?? '');
  const column = protection.columns.find((held) => held.column === chosen)?.column ?? protection.columns[0]?.column;
  const { model, version } = panel;
  const { from, to } = useShownRange();
  const query = useQuery({
    ...fairnessQuery({ model: model.name, version, from, to, column: column ?? '' }),
    enabled: column !== undefined,
  });
  if (column === undefined)
    return (
      <p className="text-muted">
        Nobody has named a protected column of this model yet, such as sex or age: a column by which people must not
        fare worse.
      </p>
    );
  return (
    <>
      <Choice
        label="Protected column"
        value={column}
        onChange={(event) => setChosen(event.target.value)}
        options={protection.columns.map((held) => ({ value: held.column, label: held.column }))}
        hint={
          protection.namedBy && protection.namedAt
            ? `Named by ${protection.namedBy} on ${words.day(protection.namedAt)}: ${protection.reason}`
            : ''
        }
      />
      <div aria-live="polite">
        {query.isPending && <p className="text-muted">Counting the rows of each group…</p>}
        {query.error && <p className="text-breach">{query.error.message}</p>}
        {query.data && ABSENT[query.data.state] && <p className="text-muted">{ABSENT[query.data.state]}</p>}
      </div>
      {query.data?.state === 'ready' && <Groups view={query.data} />}
    </>
  );
}

/** Whether a group of a protected column fares worse, with the uncertainty of saying so. */
export function Fairness() {
  const { panel } = usePanel();
  const query = useQuery(protectionQuery(panel.model.name));
  return (
    <>
      <div aria-live="polite">
        {query.isPending && <p className="text-muted">Reading…</p>}
        {query.error && <p className="text-breach">{query.error.message}</p>}
      </div>
      {query.data && (
        <>
          <Compared protection={query.data} />
          <ProtectForm key={query.data.namedAt} protection={query.data} />
        </>
      )}
    </>
  );
}
