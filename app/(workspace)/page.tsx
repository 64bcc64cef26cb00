import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';
import { Board } from '../../components/board/board.tsx';
import { loadBoard } from '../../lib/board/page.ts';

export const dynamic = 'force-dynamic';

type Search = Record<string, string | string[] | undefined>;

export default async function Workspace({ searchParams }: { searchParams: Promise<Search> }) {
  const search = await searchParams;
  const loaded = await loadBoard(search, (await cookies()).toString());
  if (!loaded.signedIn) {
    const query = new URLSearchParams(
      Object.entries(search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
    );
    const next = query.size > 0 ? `/?${query}` : '/';
    redirect(`/sign-in?next=${encodeURIComponent(next)}`);
  }
  return <Board initial={loaded.board} />;
}
