'use client';

import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { api, ProblemError } from '../../lib/board/client.ts';
import type { BatchView } from '../../lib/measurements/schema.ts';
import { usePanel } from '../board/context.tsx';
import { count } from '../board/format.ts';
import { Violations } from '../contracts/violations.tsx';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { BatchFaults } from './batch-list.tsx';

const POLL_MS = 700;
export const inWork = ({ state }: Pick<BatchView, 'state'>): boolean => state === 'received' || state === 'processing';

/** A file that the server has: how far its rows and windows are, a way to stop the work, and then what came of it. */
export function BatchWork({ batch: known }: { batch: BatchView }) {
  const { panel, refresh } = usePanel();
  const client = useQueryClient();
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const queryKey = ['batch', known.batchId];
  const { data: batch = known } = useQuery({
    queryKey,
    queryFn: () => api<BatchView>('GET', `/api/v1/batches/${known.batchId}`),
    placeholderData: known,
    refetchInterval: ({ state }) => (state.data === undefined || inWork(state.data) ? POLL_MS : false),
  });
  const busy = inWork(batch);
  useEffect(() => {
    if (!busy) void refresh();
  }, [busy, refresh]);
  const cancel = async () => {
    setProblem(null);
    try {
      client.setQueryData(queryKey, await api<BatchView>('POST', `/api/v1/batches/${batch.batchId}/cancel`, {}));
    } catch (error) {
      setProblem(error instanceof ProblemError ? error : new ProblemError(0, { detail: 'The server did not answer.' }));
    }
  };
  const what = `${batch.kind} for v${batch.version}`;
  return (
    <div className="flex flex-col gap-1 rounded-md border border-line p-2 text-xs">
      <p role="status">
        {batch.state === 'done' && (
          <span className="text-ok">
            ✓ {count(batch.rows ?? 0)} rows{' '}
            {batch.windows === null ? `are the ${what} now.` : `in ${count(batch.windows)} windows.`}
          </span>
        )}
        {batch.state === 'failed' && (
          <span className="text-breach">■ The {what} could not be used. Nothing of it counts.</span>
        )}
        {batch.state === 'cancelled' && <>□ The {what} was cancelled. Nothing of it counts.</>}
        {busy && (
          <>
            <strong>Reading the {what}</strong>: {batch.progress ?? 'waiting to be read'}
          </>
        )}
      </p>
      {busy && (
        <div className="flex items-center gap-2">
          <progress aria-label={`Reading the ${what}`} className="h-2 min-w-0 flex-1 accent-live" />
          <Button able={panel.can.uploadData} onClick={() => void cancel()}>
            Cancel
          </Button>
        </div>
      )}
      <BatchFaults batch={batch} />
      <Violations batch={batch} />
      <Fault problem={problem} />
    </div>
  );
}
