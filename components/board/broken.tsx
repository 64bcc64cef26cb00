'use client';

import { Button } from '../ui/button.tsx';

/** Stands in for the screen when it cannot be drawn; nothing that was saved is touched. */
export function Broken({ digest }: { digest: string | null }) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center gap-3 p-4">
      <h1 className="text-xl font-semibold">This screen could not be drawn</h1>
      <p className="text-muted">
        Nothing that was saved is lost. Read it anew; if it happens again, tell whoever runs Plumbline.
        {digest && ` The server’s log has it under ${digest}.`}
      </p>
      <Button kind="primary" onClick={() => window.location.reload()}>
        Read it anew
      </Button>
    </main>
  );
}
