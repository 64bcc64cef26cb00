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

/** Outcomes that are known later, by the id their rows were sent with. */
export const labelSnippet = ({ origin, model, version }: Target): string =>
  send(
    'post',
    `${origin}/api/v1/models/${encodeURIComponent(model)}/labels?version=${version}&id=id&label=label`,
    'outcomes_df[["id", "label"]]',
  );

/** Figures that another system has computed: a goal may be set on any of them by its name. */
export const metricSnippet = ({ origin, model, version }: Target): string =>
  [
    'import os, requests',
    'headers = {"Authorization": "Bearer " + os.environ["PLUMBLINE_TOKEN"]}',
    `figures = [{"metric": "revenue", "value": 1240.5, "at": "2026-03-01T00:00:00Z", "n": 500, "version": ${version}}]`,
    `requests.post("${origin}/api/v1/models/${encodeURIComponent(model)}/metrics", json=figures, headers=headers).raise_for_status()`,
  ].join('\n');

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
    // A text of JSON is one of Python: a name may hold quotes.
    `model = mlflow.pyfunc.load_model(${JSON.stringify(`models:/${model}/${version}`)})`,
  ].join('\n');
