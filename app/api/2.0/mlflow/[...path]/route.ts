import { answer, policies } from '../../../../../lib/mlflow/endpoints.ts';
import { endpointOf } from '../../../../../lib/mlflow/webhooks.ts';
import { route } from '../../../../../lib/shell/http.ts';

const registry = route({ dialect: 'mlflow', policies, endpointOf, handle: answer });

export { registry as DELETE, registry as GET, registry as PATCH, registry as POST };
