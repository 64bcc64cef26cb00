'use client';

import { useSyncExternalStore } from 'react';

const never = () => () => {};
/** The server does not know under which address it is seen; the true one is filled in after hydration. */
export const useOrigin = (): string =>
  useSyncExternalStore(
    never,
    () => window.location.origin,
    () => 'http://127.0.0.1:3000',
  );
