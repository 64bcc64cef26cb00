'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice, Field } from '../ui/field.tsx';

const STRATEGIES = [
  { value: 'all', label: 'All traffic at once' },
  { value: 'canary', label: 'A share of the traffic first' },
  { value: 'shadow', label: 'In the shadow: answers are not used' },
];

export function Composer() {
  const { panel, open } = usePanel();
  const words = useWords();
  const { busy, problem, write, errorAt } = useWrite();
  const { versions, live, can, model } = panel;
  const others = versions.filter((v) => v.version !== live?.version);
  const [strategy, setStrategy] = useState('all');

  if (!can.ask.ok) {
    const missing = can.ask.code === 'nothing_to_ask';
    return (
      <section aria-labelledby="nothing-open" className="flex flex-col items-start gap-2">
        <h2 id="nothing-open" className="text-sm font-semibold">
          {missing ? 'Nothing to put live yet' : 'Nothing to decide for this model'}
        </h2>
        <p className="text-muted">
          {missing
            ? can.ask.message
            : `No version waits to go live. ${can.ask.message.replace(/^Needs/, 'Proposing one needs')}`}
        </p>
        {missing && (
          <Button able={can.registerVersion} reason="beside" onClick={() => open('version')}>
            Register a version
          </Button>
        )}
      </section>
    );
  }
  const submit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = event.currentTarget;
    const fields = new FormData(form);
    const body = {
      kind: 'model_deploy',
      model: model.name,
      version: Number(fields.get('version')),
      environment: String(fields.get('environment')),
      reason: String(fields.get('reason')),
      rollout: {
        strategy,
        percent: strategy === 'all' ? 100 : Number(fields.get('percent')),
        confirmation: String(fields.get('confirmation')),
      },
      submit: true,
    };
    void write(() => api('POST', '/api/v1/approvals', body), 'Asked. Those who must agree see it now.');
  };
  return (
    <form onSubmit={submit} className="flex flex-col gap-2" aria-labelledby="compose">
      <h2 id="compose" className="text-sm font-semibold" title={words.others('request')}>
        Ask to put a version live
      </h2>
      <div className="grid grid-cols-2 gap-2">
        <Choice
          label="Version"
          name="version"
          defaultValue={panel.candidate ?? others[0]?.version}
          options={others.map((v) => ({ value: String(v.version), label: `Version ${v.version}` }))}
          error={errorAt('version')}
        />
        <Choice
          label="Environment"
          name="environment"
          defaultValue="production"
          options={panel.environments.map((name) => ({ value: name, label: name }))}
          error={errorAt('environment')}
        />
      </div>
      <Area
        label="What changes, and why now"
        name="reason"
        required
        minLength={10}
        placeholder="One sentence that everybody understands"
        error={errorAt('reason')}
      />
      <Choice
        label="Rollout"
        value={strategy}
        onChange={(event) => setStrategy(event.target.value)}
        options={STRATEGIES}
        error={errorAt('rollout')}
      />
      {strategy !== 'all' && (
        <Field
          label="Share of the traffic, %"
          name="percent"
          type="number"
          min={1}
          max={100}
          defaultValue={10}
          error={errorAt('percent')}
        />
      )}
      <Choice
        label="It counts as live when"
        name="confirmation"
        options={[
          { value: 'immediate', label: 'operations deploys it here' },
          { value: 'callback', label: 'the serving system confirms it' },
        ]}
      />
      <Fault problem={problem} />
      <Button type="submit" kind="primary" busy={busy}>
        Ask for agreement
      </Button>
    </form>
  );
}
