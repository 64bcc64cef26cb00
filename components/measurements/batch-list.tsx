'use client';

import type { BatchView } from '../../lib/measurements/schema.ts';
import { Ago } from '../board/context.tsx';
import { bytes, count } from '../board/format.ts';
import { Violations } from '../contracts/violations.tsx';

const STATES = {
  received: '◐ Waiting',
  processing: '◐ Reading',
  done: '✓ Done',
  failed: '■ Failed',
  cancelled: '□ Cancelled',
} as const satisfies Record<BatchView['state'], string>;

/** What a contract tells with more words once a file was checked against it. */
const TOLD_BY_CONTRACT = new Set(['extra_column', 'role_absent']);

export function BatchFaults({ batch }: { batch: Pick<BatchView, 'errors' | 'warnings' | 'contractVersion'> }) {
  const warnings = batch.warnings.filter(({ code }) => batch.contractVersion === null || !TOLD_BY_CONTRACT.has(code));
  return (
    <ul className="list-disc pl-4">
      {batch.errors.map((fault) => (
        <li key={`${fault.code}${fault.column}${fault.row}${fault.line}`} className="text-breach">
          {fault.column && <strong>{fault.column}</strong>}
          {fault.row !== undefined && ` row ${fault.row}`}
          {fault.row === undefined && fault.line !== undefined && ` line ${fault.line}`} {fault.message}
          {fault.expected && ` Expected ${fault.expected}.`}
        </li>
      ))}
      {warnings.map((warning) => (
        <li key={`${warning.code}${warning.column}`} className="text-watch">
          <strong>{warning.column}</strong> {warning.message}
        </li>
      ))}
    </ul>
  );
}

export function BatchList({ batches }: { batches: BatchView[] }) {
  return (
    <section aria-labelledby="batches" className="border-t border-line pt-2">
      <h3 id="batches" className="font-semibold">
        What came lately
      </h3>
      {batches.length === 0 && <p className="text-muted">No file yet.</p>}
      <ul className="flex flex-col text-xs">
        {batches.map((batch) => (
          <li key={batch.batchId} className="border-b border-line py-1">
            <strong>{STATES[batch.state]}</strong> · {batch.kind} for v{batch.version} · <Ago at={batch.createdAt} />
            <span className="block text-muted">
              {bytes(batch.bytes)}
              {batch.rows !== null && `, ${count(batch.rows)} rows`}
              {batch.windows !== null && `, ${count(batch.windows)} windows`}
              {batch.progress && batch.state !== 'done' && ` · ${batch.progress}`}
            </span>
            <BatchFaults batch={batch} />
            <Violations batch={batch} />
          </li>
        ))}
      </ul>
    </section>
  );
}
