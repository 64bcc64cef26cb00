import { answer, policies } from '../../../../../lib/mlflow/endpoints.ts';
import { route } from '../../../../../lib/shell/http.ts';

const registry = route({ dialect: 'mlflow', policies, handle: answer });

export { registry as DELETE, registry as GET, registry as PATCH, registry as POST };
