'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { ThemeProvider } from 'next-themes';
import { NuqsAdapter } from 'nuqs/adapters/next/app';
import { type ReactNode, useState } from 'react';
import { Toaster } from 'sonner';
import { ProblemError } from '../../lib/board/client.ts';

/** Change messages refresh the board at once; this is how long it may be trusted without them. */
const STALE_MS = 30_000;

export function Providers({ nonce, children }: { nonce: string | undefined; children: ReactNode }) {
  const [queries] = useState(
    () =>
      new QueryClient({
        defaultOptions: {
          queries: {
            staleTime: STALE_MS,
            // What the server refuses it refuses again.
            retry: (failures, error) => failures < 1 && !(error instanceof ProblemError && error.status < 500),
          },
        },
      }),
  );
  return (
    <NuqsAdapter>
      <QueryClientProvider client={queries}>
        <ThemeProvider
          nonce={nonce}
          attribute="data-theme"
          defaultTheme="system"
          enableSystem
          disableTransitionOnChange
        >
          {children}
          <Toaster position="bottom-center" toastOptions={{ duration: 10_000 }} closeButton />
        </ThemeProvider>
      </QueryClientProvider>
    </NuqsAdapter>
  );
}
