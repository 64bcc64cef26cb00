type Target = { origin: string; model: string; version: number };

function send(method: 'put' | 'post', address: string, frame: string): string {
  return [
    'import os, requests',
    'headers = {"Authorization": "Bearer " + os.environ["PLUMBLINE_TOKEN"], "Content-Type": "application/vnd.apache.parquet"}',
    `requests.${method}("${address}", data=${frame}.to_parquet(), headers=headers).raise_for_status()`,
  ].join('\n');
}
const address = ({ origin, model, version }: Target) =>
  `${origin}/api/v1/models/${encodeURIComponent(model)}/versions/${version}`;

export const referenceSnippet = (target: Target): string =>
  send('put', `${address(target)}/reference?label=label&score=score`, 'train_df');
export const observationSnippet = (target: Target): string =>
  send('post', `${address(target)}/observations?timestamp=ts&id=id&score=score`, 'df');

export const mlflowSnippet = (origin: string): string =>
  [
    'import mlflow  # MLFLOW_TRACKING_TOKEN: an API token from your user menu',
    `mlflow.set_registry_uri("${origin}")`,
    'mlflow.register_model("runs:/<run id>/model", "my-model")',
  ].join('\n');

export const loadSnippet = (origin: string, model: string, version: number): string =>
  [
    'import mlflow  # MLFLOW_TRACKING_TOKEN: an API token from your user menu',
    `mlflow.set_registry_uri("${origin}")`,
    `model = mlflow.pyfunc.load_model("models:/${model}/${version}")`,
  ].join('\n');
