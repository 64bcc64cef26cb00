import { readAudit } from '../../../../lib/audit/endpoints.ts';
import { route } from '../../../../lib/shell/http.ts';

export const GET = route({ policy: { read: 'common-view' }, handle: ({ db, url }) => readAudit(db, url.searchParams) });
