import { verifyAudit } from '../../../../../lib/audit/queries.ts';
import { route } from '../../../../../lib/shell/http.ts';

export const GET = route({ policy: { read: 'common-view' }, handle: ({ db }) => verifyAudit(db) });
