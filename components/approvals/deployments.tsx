'use client';

import { useState } from 'react';
import type { DeploymentView } from '../../lib/deployments/schema.ts';
import { Ago, usePanel, useWords } from '../board/context.tsx';
import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';

const STATES = {
  deploying: '◐ Deploying',
  live: '✓ Live',
  failed: '■ Failed',
  replaced: 'Replaced',
  rolled_back: 'Rolled back',
} as const satisfies Record<DeploymentView['state'], string>;

/** Which version decided at a moment: the one in production whose serving time holds it. */
const servedAt = (rows: readonly DeploymentView[], at: string): DeploymentView | undefined =>
  rows.find(
    (row) =>
      row.environment === 'production' &&
      row.servingFrom !== null &&
      row.servingFrom <= at &&
      (row.servingTo === null || at < row.servingTo),
  );

export function Deployments() {
  const { panel, open } = usePanel();
  const words = useWords();
  const [asked, setAsked] = useState('');
  const { deployments, can } = panel;
  // Read as UTC: everybody who asks about the same moment must get the same answer, whatever their laptop's zone.
  const at = asked ? `${asked}:00.000Z` : null;
  const answer = at ? servedAt(deployments, at) : undefined;
  return (
    <section aria-labelledby="deployments" className="flex flex-col gap-1 border-t border-line pt-2">
      <div className="flex items-center justify-between gap-2">
        <h2 id="deployments" className="font-semibold">
          Deployments
        </h2>
        <Button able={can.rollback} onClick={() => open('rollback')}>
          {words.term('rollback')}
        </Button>
      </div>
      {deployments.length === 0 ? (
        <p className="text-muted">Nothing was ever deployed.</p>
      ) : (
        <>
          <ul className="flex max-h-40 flex-col overflow-y-auto text-xs">
            {deployments.map((row) => (
              <li key={row.id} className="border-b border-line py-1">
                <span className="font-semibold">v{row.version}</span> {STATES[row.state]} · {row.environment} ·{' '}
                {row.kind === 'rollback' ? 'rolled back by' : 'by'} {row.createdBy}, <Ago at={row.createdAt} />
                {row.detail && <span className="block text-muted">{row.detail}</span>}
                <span className="block text-muted">{row.reason}</span>
              </li>
            ))}
          </ul>
          <Field
            label="Which version decided at (UTC)"
            type="datetime-local"
            value={asked}
            onChange={(event) => setAsked(event.target.value)}
          />
          <p aria-live="polite" className="text-xs empty:hidden">
            {at &&
              (answer
                ? `v${answer.version} in ${answer.environment}, live since ${words.moment(answer.servingFrom ?? answer.createdAt)}.`
                : 'None: nothing served in production at that moment.')}
          </p>
        </>
      )}
    </section>
  );
}
