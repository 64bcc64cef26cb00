import { route } from '../../../../../lib/shell/http.ts';

/** Clients from 3.10 on ask before they use workspaces, which this registry has none of. */
export const GET = route({
  dialect: 'mlflow',
  policy: { read: 'public' },
  handle: async () => ({ store_type: 'SqlStore', workspaces_enabled: false }),
});
