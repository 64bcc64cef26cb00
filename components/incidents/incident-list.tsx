'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import type { IncidentView } from '../../lib/incidents/schema.ts';
import { Ago, usePanel, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice, Field } from '../ui/field.tsx';
import { CAUSES, INCIDENT_WORDS } from './words.ts';

const CAUSE_OPTIONS = [
  { value: '', label: 'Choose what it was' },
  ...Object.entries(CAUSES).map(([value, label]) => ({ value, label })),
];

export function IncidentList() {
  const { panel } = usePanel();
  const words = useWords();
  if (panel.incidents.length === 0) return null;
  return (
    <section aria-labelledby="incidents" className="flex flex-col gap-2 border-t border-line pt-2">
      <h2 id="incidents" className="font-semibold" title={words.others('incident')}>
        {words.term('incident')} <span className="font-normal text-muted">({panel.incidents.length})</span>
      </h2>
      {panel.incidents.map((incident) => (
        <Incident key={incident.id} incident={incident} />
      ))}
    </section>
  );
}

function Incident({ incident }: { incident: IncidentView }) {
  const { panel, select } = usePanel();
  const words = useWords();
  const { busy, problem, write, errorAt } = useWrite();
  const [resolving, setResolving] = useState(false);
  const goal = panel.kpis.find((kpi) => kpi.id === incident.kpiId);
  const unit = goal?.contract.unit ?? '';
  const [value, limit] = words.amounts([incident.value, incident.limit], unit);
  const path = `/api/v1/incidents/${incident.id}`;
  const resolve = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const note = String(fields.get('note'));
    void write(
      () => api('POST', `${path}/resolve`, { cause: String(fields.get('cause')), ...(note ? { note } : {}) }),
      'Resolved.',
    );
  };
  return (
    <article
      aria-label={`${incident.kpi}, incident ${incident.id}`}
      className="flex flex-col gap-1 rounded-md border border-line p-2"
    >
      <p>
        <span className={`font-semibold ${incident.state === 'open' ? 'text-breach' : 'text-ink'}`}>
          {INCIDENT_WORDS[incident.state]}
        </span>{' '}
        <button
          type="button"
          className="min-h-6 text-left font-semibold underline"
          onClick={() => void select({ kpi: incident.kpiId, on: null })}
        >
          {incident.kpi}
        </button>
      </p>
      <p className="text-xs text-muted">
        Began <Ago at={incident.windowStart} />
        {incident.value !== null && incident.limit !== null && ` with ${value} against the limit ${limit}`}
        {incident.acknowledgedBy && ` · ${incident.acknowledgedBy} looks at it`}
        {incident.assignee && ` · assigned to ${incident.assignee}`}
      </p>
      <Fault problem={problem} />
      {resolving ? (
        <form onSubmit={resolve} className="flex flex-col gap-1.5">
          <Choice label="What it was" name="cause" required options={CAUSE_OPTIONS} error={errorAt('cause')} />
          <Field label="Note (optional)" name="note" error={errorAt('note')} />
          <div className="flex gap-1.5">
            <Button type="submit" kind="primary" busy={busy}>
              Resolve
            </Button>
            <Button onClick={() => setResolving(false)}>Cancel</Button>
          </div>
        </form>
      ) : (
        <div className="flex flex-wrap gap-1.5">
          {incident.state === 'open' && (
            <Button
              able={panel.can.handleIncident}
              busy={busy}
              onClick={() =>
                void write(() => api('POST', `${path}/acknowledge`, {}), 'You look at it: the others can see that.')
              }
            >
              Acknowledge
            </Button>
          )}
          <Button able={panel.can.handleIncident} onClick={() => setResolving(true)}>
            Resolve
          </Button>
        </div>
      )}
    </article>
  );
}
