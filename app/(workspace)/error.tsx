'use client';

import { Broken } from '../../components/board/broken.tsx';

export default function WorkspaceError({ error }: { error: Error & { digest?: string } }) {
  return <Broken digest={error.digest ?? null} />;
}
