import { sendAside } from '../../../../../../lib/measurements/endpoints.ts';
import { route } from '../../../../../../lib/shell/http.ts';

export const GET = route({ policy: { read: 'rows' }, handle: sendAside });
