'use client';

import { useState } from 'react';
import { toast } from 'sonner';
import { ProblemError } from '../../lib/board/client.ts';
import { useBoard } from './context.tsx';

/** One write: once even on a double click; its faults stay readable beside what was typed. */
export function useWrite() {
  const { refresh } = useBoard();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<ProblemError | null>(null);

  const write = async <T>(act: () => Promise<T>, said: string): Promise<T | undefined> => {
    if (busy) return undefined;
    setBusy(true);
    setProblem(null);
    try {
      const value = await act();
      if (said) toast.success(said);
      await refresh();
      return value;
    } catch (error) {
      const detail = 'The server did not answer. Nothing was changed; try again.';
      setProblem(error instanceof ProblemError ? error : new ProblemError(0, { detail, code: 'unreachable' }));
      // What was refused as out of date is read anew, so that the next try is about what is true now; and where the session has
      // ended that is where the screen learns it.
      if (error instanceof ProblemError && [401, 409, 412].includes(error.status)) await refresh();
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const errorAt = (path: string): string | undefined =>
    problem?.errors.find((error) => error.path === path || error.path.endsWith(`.${path}`))?.message;
  return { busy, problem, write, errorAt, clear: () => setProblem(null) };
}
