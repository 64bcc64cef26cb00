'use client';

import { useState } from 'react';
import type { KpiView } from '../../lib/kpis/schema.ts';
import { Button } from '../ui/button.tsx';
import { type Draft, draftOf } from './draft.ts';

type Props = { base: KpiView; theirs: KpiView; mine: Draft; onTheirs: () => void; onMine: () => void };

/** Never the last write wins, and nothing that was typed is thrown away: the person compares and chooses. */
export function Conflict({ base, theirs, mine, onTheirs, onMine }: Props) {
  const [comparing, setComparing] = useState(false);
  const [before, after] = [draftOf(base.contract), draftOf(theirs.contract)];
  const fields = (Object.keys(mine) as (keyof Draft)[]).filter(
    (key) => before[key] !== after[key] || before[key] !== mine[key],
  );
  return (
    <div role="alert" className="flex flex-col gap-1.5 rounded-md border border-watch p-2 text-xs">
      <p>
        <strong className="text-watch">
          ▲ {theirs.changedBy} saved version {theirs.version} while you were typing.
        </strong>{' '}
        “{theirs.reason}”
      </p>
      {comparing && (
        <table className="w-full">
          <caption className="sr-only">Fields that differ</caption>
          <thead>
            <tr>
              <th scope="col" className="text-left">
                field
              </th>
              <th scope="col" className="text-left">
                version {base.version}
              </th>
              <th scope="col" className="text-left">
                {theirs.changedBy}
              </th>
              <th scope="col" className="text-left">
                you
              </th>
            </tr>
          </thead>
          <tbody>
            {fields.map((key) => (
              <tr key={key} className="border-t border-line">
                <th scope="row" className="text-left font-normal">
                  {key}
                </th>
                <td>{before[key] || '–'}</td>
                <td>{after[key] || '–'}</td>
                <td>{mine[key] || '–'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <div className="flex flex-wrap gap-1.5">
        {!comparing && <Button onClick={() => setComparing(true)}>Compare</Button>}
        <Button onClick={onTheirs}>Take theirs</Button>
        <Button onClick={onMine}>Keep mine on top</Button>
      </div>
    </div>
  );
}
