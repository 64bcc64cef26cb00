'use client';

import { type FormEvent, useState } from 'react';
import { api } from '../../lib/board/client.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area, Choice } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';

const NOTHING_BEFORE = {
  ok: false,
  message: 'No other version has served there: there is nothing to go back to.',
} as const;
const productionFirst = (a: string, b: string): number =>
  Number(b === 'production') - Number(a === 'production') || a.localeCompare(b);

export function RollbackDialog() {
  const { panel, open } = usePanel();
  const words = useWords();
  const { busy, problem, write, errorAt } = useWrite();
  const { deployments, model } = panel;
  const serving = deployments.filter((row) => row.servingFrom !== null && row.servingTo === null);
  const environments = serving.map((row) => row.environment).sort(productionFirst);
  const [environment = 'production', choose] = useState(environments[0]);
  const live = serving.find((row) => row.environment === environment);
  // Only what has served before can be restored, and going back to the same version would change nothing.
  const targets = deployments.filter(
    (row) => row.servingFrom !== null && row.version !== live?.version && row.environment === environment,
  );
  const { rollback } = panel.can;
  const able = rollback.ok && targets.length === 0 ? NOTHING_BEFORE : rollback;
  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const toDeployment = String(fields.get('to') ?? '');
    const body = { environment, reason: String(fields.get('reason')), ...(toDeployment ? { toDeployment } : {}) };
    const done = await write(
      () => api('POST', `/api/v1/models/${encodeURIComponent(model.name)}/rollback`, body),
      'Rolled back.',
    );
    if (done) open(null);
  };
  return (
    <Modal
      open
      onClose={() => open(null)}
      title={`${words.term('rollback')}: ${model.name}`}
      about={`v${live?.version ?? '?'} serves in ${environment} now. Going back needs no agreement, only a reason.`}
    >
      <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
        {environments.length > 1 && (
          <Choice
            label="Environment"
            value={environment}
            onChange={(event) => choose(event.target.value)}
            options={environments.map((name) => ({ value: name, label: name }))}
          />
        )}
        <Choice
          key={environment}
          label="To"
          name="to"
          options={[
            { value: '', label: 'The version that served before' },
            ...targets.map((row) => ({
              value: row.id,
              label: `v${row.version}, live from ${words.moment(row.servingFrom ?? row.createdAt)}`,
            })),
          ]}
          error={errorAt('toDeployment')}
        />
        <Area label="Reason" name="reason" required minLength={10} autoFocus error={errorAt('reason')} />
        <Fault problem={problem} />
        <Button type="submit" kind="danger" busy={busy} able={able} reason="beside">
          Roll back now
        </Button>
      </form>
    </Modal>
  );
}
