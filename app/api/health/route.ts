import { route } from '../../../lib/shell/http.ts';

/** The process answers; whether it can work is `/api/ready`. */
export const GET = route({ policy: { read: 'public' }, handle: async () => ({ status: 'ok' }) });
