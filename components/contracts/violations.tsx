'use client';

import type { BatchView } from '../../lib/measurements/schema.ts';
import { usePanel } from '../board/context.tsx';
import { count } from '../board/format.ts';
import { Button } from '../ui/button.tsx';
import { VIOLATION_WORDS } from './words.ts';

/** Where a file departs from the data contract, in plain words, and the way to the rows that do not count for it. */
export function Violations({ batch }: { batch: BatchView }) {
  const { panel } = usePanel();
  const rows = `${count(batch.setAside)} ${batch.setAside === 1 ? 'row' : 'rows'} set aside`;
  const told = batch.violations.length;
  return (
    <>
      {told > 0 && (
        <details>
          <summary className="tap cursor-pointer text-watch">
            ▲ {told} {told === 1 ? 'departure' : 'departures'} from the data contract
            {batch.contractVersion !== null && ` (v${batch.contractVersion})`}
          </summary>
          <ul className="list-disc pl-4">
            {batch.violations.map((violation) => (
              <li key={`${violation.rule}${violation.column}`}>
                {violation.column && <strong>{violation.column}: </strong>}
                {VIOLATION_WORDS[violation.rule]}
                {violation.setAside && ` (${count(violation.rows)} set aside)`}.
                <span className="block text-muted">
                  Expected {violation.expected}. Found {violation.found}.
                </span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {batch.setAside > 0 &&
        (panel.can.readRows.ok ? (
          <a href={`/api/v1/batches/${batch.batchId}/quarantine`} download className="tap inline-block underline">
            Download {rows}
          </a>
        ) : (
          <Button able={panel.can.readRows} reason="beside">
            Download {rows}
          </Button>
        ))}
    </>
  );
}
