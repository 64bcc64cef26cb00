// The address under which the MLflow server's own screen, and tools made for it, ask the same questions.
export { DELETE, GET, PATCH, POST } from '../../../../api/2.0/mlflow/[...path]/route.ts';
