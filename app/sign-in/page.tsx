import { SignIn } from '../../components/access/sign-in.tsx';
import { demoAccounts } from '../../lib/access/demo-accounts.ts';
import { ownPath } from '../../lib/access/rules.ts';

export const dynamic = 'force-dynamic';

type Search = Record<string, string | string[] | undefined>;

export default async function SignInPage({ searchParams }: { searchParams: Promise<Search> }) {
  const { next } = await searchParams;
  return <SignIn next={ownPath(next)} demo={await demoAccounts()} />;
}
