import { receiveInference } from '../../../../lib/deployments/endpoints.ts';
import { route } from '../../../../lib/shell/http.ts';

// Serving systems send no header of ours with what they log: the token in the path is the proof.
export const POST = route({ policy: { read: 'public' }, crossOrigin: 'own-check', handle: receiveInference });
