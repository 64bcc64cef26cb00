'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import type { VersionView } from '../../lib/models/schema.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Field } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';

/** `auc 0.91` a line, or with = or : between. A line that is none is named, not dropped. */
function readMetrics(text: string): { metrics: Record<string, number>; fault: string | undefined } {
  const metrics: Record<string, number> = {};
  for (const line of text
    .split('\n')
    .map((l) => l.trim())
    .filter(Boolean)) {
    const [, name, value] = /^(.+?)\s*[=: ]\s*(\S+)$/.exec(line) ?? [];
    const number = Number(value?.replace(',', '.'));
    if (!name || !Number.isFinite(number)) return { metrics, fault: `“${line}” is not a name and a number` };
    metrics[name] = number;
  }
  return { metrics, fault: undefined };
}

export function VersionDialog() {
  const { panel, open, select } = usePanel();
  const { busy, problem, write, errorAt } = useWrite();
  const [metrics, setMetrics] = useState('');
  const read = readMetrics(metrics);
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (read.fault) return;
    const fields = new FormData(event.currentTarget);
    const text = (name: string) => String(fields.get(name) ?? '').trim();
    const body = {
      source: text('source'),
      ...(text('digest') ? { digest: text('digest') } : {}),
      ...(text('description') ? { description: text('description') } : {}),
      ...(Object.keys(read.metrics).length > 0 ? { metrics: read.metrics } : {}),
    };
    const made = await write(
      () => api<VersionView>('POST', `/api/v1/models/${encodeURIComponent(panel.model.name)}/versions`, body),
      'The version is registered.',
    );
    if (!made) return;
    open(null);
    void select({ panel: 'decide', req: null });
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title={`New version of ${panel.model.name}`}
      about={`It becomes version ${panel.model.latestVersion + 1}. Nothing goes live by registering.`}
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        <Field
          label="Where the model lies"
          name="source"
          required
          maxLength={500}
          placeholder="s3://models/churn-eu/13"
          error={errorAt('source')}
        />
        <Field
          label="Digest of its content (optional)"
          name="digest"
          maxLength={128}
          hint="The same digest again is the same version."
          error={errorAt('digest')}
        />
        <Area label="What is new (optional)" name="description" maxLength={5000} error={errorAt('description')} />
        <Area
          label="Figures of its evaluation, one a line (optional)"
          placeholder="auc 0.91"
          value={metrics}
          onChange={(event) => setMetrics(event.target.value)}
          error={read.fault ?? errorAt('metrics')}
        />
        <Fault problem={problem} />
        <Button type="submit" kind="primary" busy={busy}>
          Register version {panel.model.latestVersion + 1}
        </Button>
      </form>
    </Modal>
  );
}
