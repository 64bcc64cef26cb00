import { registry } from '../../../../../lib/mlflow/door.ts';

export { registry as DELETE, registry as GET, registry as PATCH, registry as POST };
