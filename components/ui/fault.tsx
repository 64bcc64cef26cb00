import type { ProblemError } from '../../lib/board/client.ts';

export function Fault({ problem }: { problem: ProblemError | null }) {
  return (
    <div role="alert" className="empty:hidden">
      {problem && (
        <p className="rounded-md border border-breach px-2 py-1 text-breach">
          <strong>Not done.</strong>{' '}
          {problem.status === 401 ? 'Your session has ended: sign in again, then try once more.' : problem.message}
          {problem.requestId && problem.status !== 401 && (
            <span className="block text-xs">Request {problem.requestId}</span>
          )}
        </p>
      )}
    </div>
  );
}
