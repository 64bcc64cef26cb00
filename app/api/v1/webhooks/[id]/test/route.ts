import { runTest } from '../../../../../../lib/notifications/endpoints.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const POST = route({ policy: { command: 'notifications.test-webhook' }, handle: runTest });
