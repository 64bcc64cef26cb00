import { PROMPT_TAG } from '../models/rules/registry-events.ts';

// An MLflow registry read over its own protocol, as what `models.import` takes.

export type Fetch = (path: string, query: Record<string, string>) => Promise<Record<string, unknown> | undefined>;

type Tag = { key: string; value?: string };
export type SourceModel = {
  name: string;
  description?: string;
  creation_timestamp?: number | string;
  last_updated_timestamp?: number | string;
  tags?: Tag[];
  aliases?: { alias: string; version: string }[];
};
type SourceVersion = SourceModel & {
  version: string;
  source?: string;
  run_id?: string;
  run_link?: string;
  model_id?: string;
  current_stage?: string;
  status?: string;
};
type Run = {
  data?: { metrics?: { key: string; value: number | string }[]; params?: { key: string; value?: string }[] };
  inputs?: { dataset_inputs?: { dataset?: { name?: string; digest?: string; source_type?: string }; tags?: Tag[] }[] };
};

export type OfferedVersion = {
  version: number;
  source: string;
  location?: string;
  runId: string;
  runLink: string;
  loggedModelId: string | null;
  description: string;
  stage: string;
  tags: Record<string, string>;
  metrics: Record<string, number>;
  params: Record<string, string>;
  dataset: { name: string; digest: string; sourceType: string; context: string }[] | null;
  createdAt: string;
  updatedAt: string;
};
export type Offer = {
  name: string;
  description: string | null;
  createdAt: string;
  updatedAt: string;
  tags: Record<string, string>;
  aliases: Record<string, number>;
  versions: OfferedVersion[];
};

/** Every model of a search brings its latest versions along; older servers are slow to find them. */
const PAGE = '200';

/** What cannot be brought over as it lies there; the rest of the server may be well. */
export class SourceRefusal extends Error {}

/** A request of ours may have 1 MiB; the rest is for what a version is wrapped in. */
const PART_BYTES = 700_000;
const PART_VERSIONS = 500;
/** What Plumbline keeps of a version's figures; a run may have logged more. */
const FIGURES_MAX = 500;

async function* pages(
  read: Fetch,
  path: string,
  query: Record<string, string>,
  field: string,
): AsyncGenerator<unknown> {
  for (let token = ''; ; ) {
    const page = await read(path, { ...query, max_results: PAGE, ...(token ? { page_token: token } : {}) });
    if (!page) throw new SourceRefusal(`The server has no ${path}: is it an MLflow server?`);
    yield* (page[field] ?? []) as unknown[];
    if (typeof page.next_page_token !== 'string' || page.next_page_token === '') return;
    token = page.next_page_token;
  }
}

/** Every model, and every prompt: a search without asking for them leaves prompts out. */
export async function* listModels(read: Fetch): AsyncGenerator<SourceModel> {
  const seen = new Set<string>();
  const filters: Record<string, string>[] = [{}, { filter: `tags.\`${PROMPT_TAG}\` = 'true'` }];
  for (const filter of filters) {
    for await (const found of pages(read, 'registered-models/search', filter, 'registered_models')) {
      const model = found as SourceModel;
      if (!seen.has(model.name)) yield model;
      seen.add(model.name);
    }
  }
}

/** A model with all its versions and what the tracking server still knows of their runs. */
export async function readOffer({ name }: Pick<SourceModel, 'name'>, read: Fetch, runs: Fetch): Promise<Offer> {
  // Searches of older servers tell no aliases.
  const whole = (await read('registered-models/get', { name }))?.registered_model as SourceModel | undefined;
  if (!whole) throw new SourceRefusal('It is gone over there.');
  const isPrompt = whole.tags?.some(({ key, value }) => key === PROMPT_TAG && value === 'true') ?? false;
  const versions: OfferedVersion[] = [];
  for await (const found of pages(
    read,
    'model-versions/search',
    { filter: filterOf(name, isPrompt) },
    'model_versions',
  )) {
    const version = found as SourceVersion;
    // Half-made versions have nothing that could be served.
    if ((version.status ?? 'READY') === 'READY') versions.push(await offered(version, read, runs));
  }
  versions.sort((a, b) => a.version - b.version);
  return {
    name,
    description: whole.description || null,
    ...moments(whole),
    tags: record(whole.tags),
    aliases: Object.fromEntries((whole.aliases ?? []).map(({ alias, version }) => [alias, Number(version)])),
    versions,
  };
}

/** The grammar has no way to write both kinds of quotes in one value. */
function filterOf(name: string, isPrompt: boolean): string {
  if (name.includes("'") && name.includes('"'))
    throw new SourceRefusal('Its name holds both kinds of quotes, which no filter can.');
  const quoted = name.includes("'") ? `"${name}"` : `'${name}'`;
  return `name = ${quoted}${isPrompt ? ` AND tags.\`${PROMPT_TAG}\` = 'true'` : ''}`;
}

async function offered(version: SourceVersion, read: Fetch, runs: Fetch): Promise<OfferedVersion> {
  const source = version.source ?? '';
  // Only the registry it comes from can say where a version of its own lies.
  const isLink = /^models:\/.+\/\d+$/.test(source);
  const at = { name: version.name, version: version.version };
  const location = isLink ? (await read('model-versions/get-download-uri', at))?.artifact_uri : undefined;
  const run = version.run_id ? await readRun(runs, version.run_id) : undefined;
  return {
    version: Number(version.version),
    source,
    ...(typeof location === 'string' && location ? { location } : {}),
    runId: version.run_id ?? '',
    runLink: version.run_link ?? '',
    loggedModelId: version.model_id ?? null,
    description: version.description ?? '',
    stage: version.current_stage ?? 'None',
    tags: record(version.tags),
    ...lineage(run),
    ...moments(version),
  };
}

/** A run that is gone, or a tracking server that does not answer, costs the lineage and nothing else. */
async function readRun(runs: Fetch, runId: string): Promise<Run | undefined> {
  return (await runs('runs/get', { run_id: runId }).catch(() => undefined))?.run as Run | undefined;
}

function lineage(run: Run | undefined): Pick<OfferedVersion, 'metrics' | 'params' | 'dataset'> {
  const metrics = (run?.data?.metrics ?? []).map(({ key, value }): [string, number] => [key, Number(value)]);
  const params = (run?.data?.params ?? []).map(({ key, value }): [string, string] => [key, value ?? '']);
  const datasets = (run?.inputs?.dataset_inputs ?? []).map(({ dataset, tags }) => ({
    name: dataset?.name ?? '',
    digest: dataset?.digest ?? '',
    sourceType: dataset?.source_type ?? '',
    context: record(tags)['mlflow.data.context'] ?? '',
  }));
  return {
    // NaN and the infinities are not JSON.
    metrics: Object.fromEntries(metrics.filter(([, value]) => Number.isFinite(value)).slice(0, FIGURES_MAX)),
    params: Object.fromEntries(params.slice(0, FIGURES_MAX)),
    dataset: datasets.length > 0 ? datasets : null,
  };
}

const record = (tags: Tag[] | undefined): Record<string, string> =>
  Object.fromEntries((tags ?? []).map(({ key, value }) => [key, value ?? '']));

function moments(of: SourceModel): { createdAt: string; updatedAt: string } {
  const created = Number(of.creation_timestamp ?? 0);
  const updated = Number(of.last_updated_timestamp ?? 0) || created;
  return { createdAt: new Date(created).toISOString(), updatedAt: new Date(updated).toISOString() };
}

/** Small enough to send; aliases come last, when every version they may point at is there. */
export function partsOf(offer: Offer): Offer[] {
  const parts: OfferedVersion[][] = [[]];
  let bytes = 0;
  for (const version of offer.versions) {
    const weight = Buffer.byteLength(JSON.stringify(version));
    if (parts.at(-1)!.length >= PART_VERSIONS || (bytes > 0 && bytes + weight > PART_BYTES)) {
      parts.push([]);
      bytes = 0;
    }
    parts.at(-1)!.push(version);
    bytes += weight;
  }
  return parts.map((versions, at) => ({ ...offer, versions, aliases: at === parts.length - 1 ? offer.aliases : {} }));
}
