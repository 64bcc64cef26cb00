// `npm run import:mlflow -- --from URL`: brings the registry of an MLflow server over into a running Plumbline. What is missing is
// added, what differs is listed and stays; a second run changes nothing.
import { parseArgs } from 'node:util';
import { type Fetch, listModels, type Offer, partsOf, readOffer } from '../lib/imports/source.ts';

const usage = `npm run import:mlflow -- --from http://mlflow.example:5000 [--to http://127.0.0.1:3000] [--tracking URL]

  --from      the MLflow server whose registry is read; MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and
              MLFLOW_TRACKING_PASSWORD, are sent to it
  --to        Plumbline; PLUMBLINE_TOKEN is an administrator's token with the scope registry:write
  --tracking  the tracking server that knows the runs, when it is another one`;

const { values } = parseArgs({
  options: {
    from: { type: 'string' },
    to: { type: 'string', default: process.env.PLUMBLINE_ORIGIN || 'http://127.0.0.1:3000' },
    tracking: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

type Report = {
  created: boolean;
  versions: number[];
  tags: number;
  aliases: string[];
  conflicts: { what: string; held: string; offered: string }[];
};

if (values.help || !values.from || !process.env.PLUMBLINE_TOKEN) {
  console.error(values.from && !values.help ? `PLUMBLINE_TOKEN is not set.\n\n${usage}` : usage);
  process.exit(values.help ? 0 : 2);
}
try {
  process.exitCode = await importAll(values.from, values.tracking ?? values.from);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}

/** Answers the exit code: 0 when everything came over or was there, 3 when something was listed. */
async function importAll(from: string, tracking: string): Promise<number> {
  const [read, runs] = [reader(from), reader(tracking)];
  const sum = { models: 0, created: 0, versions: 0, changed: 0, conflicts: 0, failed: 0 };
  for await (const model of listModels(read)) {
    sum.models += 1;
    try {
      const reports = [];
      for (const part of partsOf(await readOffer(model, read, runs))) reports.push(await send(part));
      const conflicts = reports.flatMap((report) => report.conflicts);
      const versions = reports.flatMap((report) => report.versions);
      const isChanged = reports.some(
        (report) => report.created || report.versions.length + report.tags + report.aliases.length > 0,
      );
      sum.created += reports.some((report) => report.created) ? 1 : 0;
      sum.versions += versions.length;
      sum.changed += isChanged ? 1 : 0;
      sum.conflicts += conflicts.length;
      if (isChanged) console.log(`${model.name}: ${versions.length} versions`);
      for (const { what, held, offered } of conflicts)
        console.log(
          `${model.name}: conflict in ${what}: here ${JSON.stringify(held)}, there ${JSON.stringify(offered)}`,
        );
    } catch (error) {
      sum.failed += 1;
      console.log(`${model.name}: not imported: ${error instanceof Error ? error.message : error}`);
    }
  }
  console.log(
    `${sum.models} models read, ${sum.created} created, ${sum.versions} versions added, ${sum.changed} changed, ${sum.conflicts} conflicts, ${sum.failed} failed`,
  );
  return sum.conflicts + sum.failed > 0 ? 3 : 0;
}

async function send(part: Offer): Promise<Report> {
  const answer = await fetch(`${values.to.replace(/\/$/, '')}/api/v1/imports/models`, {
    method: 'POST',
    headers: { authorization: `Bearer ${process.env.PLUMBLINE_TOKEN}`, 'content-type': 'application/json' },
    body: JSON.stringify(part),
  });
  const body = (await answer.json()) as Report & { detail?: string };
  if (!answer.ok) throw new Error(`${answer.status} ${body.detail ?? ''}`);
  return body;
}

/** Asks an MLflow server; undefined for what it does not have. */
function reader(base: string): Fetch {
  const {
    MLFLOW_TRACKING_TOKEN: token,
    MLFLOW_TRACKING_USERNAME: name,
    MLFLOW_TRACKING_PASSWORD: password,
  } = process.env;
  const basic = name ? `Basic ${Buffer.from(`${name}:${password ?? ''}`).toString('base64')}` : undefined;
  const authorization = basic ?? (token ? `Bearer ${token}` : undefined);
  return async (path, query) => {
    const url = new URL(`${base.replace(/\/$/, '')}/api/2.0/mlflow/${path}`);
    url.search = new URLSearchParams(query).toString();
    const answer = await fetch(url, { headers: authorization ? { authorization } : {} });
    if (answer.status === 404) return undefined;
    if (!answer.ok)
      throw new Error(`${base} answered ${answer.status} to ${path}: ${(await answer.text()).slice(0, 300)}`);
    return (await answer.json()) as Record<string, unknown>;
  };
}
