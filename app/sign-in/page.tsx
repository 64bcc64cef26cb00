import { SignIn } from '../../components/access/sign-in.tsx';
import { demoAccounts } from '../../lib/access/demo-accounts.ts';

export const dynamic = 'force-dynamic';

type Search = Record<string, string | string[] | undefined>;

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { next } = await searchParams;
  // Only a path of our own: an address given from outside must not lead a freshly signed-in person away.
  const target = typeof next === 'string' && /^\/(?![/\\])/.test(next) ? next : '/';
  return <SignIn next={target} demo={await demoAccounts()} />;
}
