import { demoAccounts } from '../../../../lib/access/demo-accounts.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({
  policy: { read: 'public' },
  handle: async () => ({ accounts: demoAccounts().map(({ password: _, ...account }) => account) }),
});
