import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { createUser } from '../../lib/access/commands/create-user.ts';
import { allDemoAccounts } from '../../lib/access/demo-accounts.ts';
import { findUserByEmail } from '../../lib/access/queries.ts';
import { type Actor, jobActor, type Role } from '../../lib/access/schema.ts';
import { createRequest } from '../../lib/approvals/commands/create.ts';
import { decide } from '../../lib/approvals/commands/decide.ts';
import type { RequestView, SigningRole } from '../../lib/approvals/schema.ts';
import { addMs, DAY_MS, HOUR_MS } from '../../lib/base/time.ts';
import { clearDemo } from '../../lib/board/commands/clear-demo.ts';
import { markDemo } from '../../lib/board/commands/mark-demo.ts';
import { createComment } from '../../lib/comments/commands/create.ts';
import { deploy } from '../../lib/deployments/commands/deploy.ts';
import { nameProtected } from '../../lib/drift/commands/name-protected.ts';
import { processBatch } from '../../lib/incidents/jobs.ts';
import { createKpi } from '../../lib/kpis/commands/create.ts';
import { updateKpi } from '../../lib/kpis/commands/update.ts';
import { listKpis } from '../../lib/kpis/queries.ts';
import { storeBlob } from '../../lib/measurements/blobs.ts';
import { upload } from '../../lib/measurements/commands/upload.ts';
import { registerModel } from '../../lib/models/commands/register.ts';
import { registerVersion } from '../../lib/models/commands/register-version.ts';
import { getModel } from '../../lib/models/queries.ts';
import { execute } from '../../lib/shell/command.ts';
import type { Db } from '../client.ts';
import { workspace } from '../schema/access.ts';
import { CAR_LOAN } from './car-loan.ts';
import type { DemoModel, Goal } from './made-up.ts';
import { DEMO_MODELS } from './models.ts';
import { observationsCsv, referenceCsv } from './rows.ts';

type Step = <T>(name: string, run: () => Promise<T> | T) => Promise<T>;
type People = Record<'product' | 'data' | 'ops' | 'validator', Actor>;
type Demo = { db: Db; people: People; now: Date; today: Date };

const HISTORY_DAYS = 90;

/**
 * The sample workspace, once: through the commands, in the names of the demo people, at the times it would have happened.
 * A load that was broken off is begun anew.
 */
export async function loadDemo(db: Db, step: Step): Promise<void> {
  const [held] = await db.select().from(workspace);
  if (held?.demoLoadedAt || held?.extra.demoRemoved) return;
  const people = await step('demo accounts', () => makePeople(db));
  const now = new Date();
  const names = [...DEMO_MODELS, CAR_LOAN].map((model) => model.name);
  await execute(clearDemo, { models: names, registeredBy: people.data.name }, { db, actor: jobActor('demo') });
  const demo = { db, people, now, today: new Date(Math.floor(now.getTime() / DAY_MS) * DAY_MS) };
  for (const model of DEMO_MODELS) await step(`sample model ${model.name}`, () => loadModel(demo, model));
  await step(`sample model ${CAR_LOAN.name}`, () => loadCarLoan(demo));
  await step('pending decision', () => leavePending(demo));
  await execute(markDemo, { models: names }, { db, actor: jobActor('demo') });
}

async function makePeople(db: Db): Promise<People> {
  const actor = jobActor('demo');
  const made = new Map<Role, Actor>();
  for (const { about: _, ...account } of allDemoAccounts()) {
    if (!(await findUserByEmail(db, account.email))) await execute(createUser, account, { db, actor });
    const user = (await findUserByEmail(db, account.email))!;
    made.set(account.roles[0]!, {
      kind: 'user',
      id: user.id,
      name: user.name,
      email: user.email,
      roles: user.roles as Role[],
      scopes: null,
    });
  }
  const person = (role: Role): Actor => made.get(role)!;
  return { product: person('product'), data: person('data'), ops: person('ops'), validator: person('validator') };
}

const at = (demo: Demo, daysAgo: number, hours = 0): Date => addMs(demo.now, -daysAgo * DAY_MS + hours * HOUR_MS);

type Described = Pick<
  DemoModel,
  'name' | 'title' | 'description' | 'domain' | 'tier' | 'useCase' | 'metrics' | 'shadow'
>;

async function register(demo: Demo, model: Described): Promise<void> {
  const { db, people } = demo;
  const { name, title, description, domain, tier, useCase } = model;
  const owners = { product: people.product.email, data: people.data.email, ops: people.ops.email };
  await execute(
    registerModel,
    { name, title, description, domain, tier, useCase, owners, tags: { team: domain.toLowerCase() } },
    { db, actor: people.data, now: at(demo, 110) },
  );
  // A version that runs in the shadow is there before its first row.
  const second = model.shadow ? model.shadow.days + 2 : 3;
  for (const [index, metrics] of model.metrics.entries()) {
    const input = {
      name,
      source: `s3://models/${name}/${index + 1}`,
      digest: `sha256:${name}-${index + 1}`,
      description: index === 0 ? 'First release.' : 'Retrained on the last two quarters.',
      metrics,
      params: { algorithm: 'gradient boosting', depth: String(5 + index) },
      dataset: { name: `${name}-training`, rows: 4000 + 2000 * index },
    };
    await execute(registerVersion, input, { db, actor: people.data, now: at(demo, index === 0 ? 109 : second) });
  }
}

/** Asked by data, agreed by whoever the tier asks for, deployed by operations. */
async function putLive(demo: Demo, model: string, version: number, daysAgo: number, reason: string): Promise<void> {
  const { db, people } = demo;
  let request: RequestView = await execute(
    createRequest,
    { model, version, reason },
    { db, actor: people.data, now: at(demo, daysAgo) },
  );
  const signers: [SigningRole, Actor][] = [
    ['product', people.product],
    ['validator', people.validator],
    ['ops', people.ops],
  ];
  for (const [index, [role, actor]] of signers.entries()) {
    if (
      request.state !== 'in_review' ||
      !request.slots.some((slot) => slot.filledBy === null && slot.roles.includes(role))
    )
      continue;
    const vote = {
      id: request.id,
      decision: 'approve',
      as: role,
      revision: request.revision,
      evidenceHash: request.evidenceHash,
      note: '',
    };
    request = await execute(decide, vote, { db, actor, now: at(demo, daysAgo, 2 + index) });
  }
  await execute(deploy, { id: request.id }, { db, actor: people.ops, now: at(demo, daysAgo, 8) });
}

async function setGoals(demo: Demo, model: string, goals: Goal[]): Promise<void> {
  for (const { by, contract, reason } of goals) {
    await execute(createKpi, { model, contract, reason }, { db: demo.db, actor: demo.people[by], now: at(demo, 100) });
  }
}

type File = {
  bytes: ReadableStream<Uint8Array>;
  size: number;
  format: 'csv' | 'parquet';
  roles: Record<string, string>;
};

/** The same path as an upload: durable file, batch, reader, windows, goals. */
async function send(
  demo: Demo,
  model: string,
  kind: 'reference' | 'observations',
  file: File,
  daysAgo: number,
  version = 1,
): Promise<void> {
  const { db, people } = demo;
  const { path, bytes, sha256 } = await storeBlob(file.bytes, file.size);
  const input = { model, version, kind, format: file.format, roles: file.roles, sha256, bytes, path };
  const { batchId } = await execute(upload, input, { db, actor: people.data, now: at(demo, daysAgo) });
  await processBatch(db, batchId);
}

function csv(model: DemoModel, text: string): File {
  const roles = {
    id: 'id',
    timestamp: 'at',
    prediction: 'prediction',
    label: 'outcome',
    ...(model.task === 'binary' ? { score: 'score' } : {}),
  };
  const bytes = new TextEncoder().encode(text);
  return { bytes: new Blob([bytes]).stream(), size: bytes.byteLength, format: 'csv', roles };
}

async function loadModel(demo: Demo, model: DemoModel): Promise<void> {
  await register(demo, model);
  await send(demo, model.name, 'reference', csv(model, referenceCsv(model, demo.today)), 108);
  await putLive(demo, model.name, 1, 106, 'First release: replaces the hand-written rules.');
  await setGoals(demo, model.name, model.goals);
  if (model.name !== 'churn-eu') {
    await send(demo, model.name, 'observations', csv(model, observationsCsv(model, demo.today, -HISTORY_DAYS, -1)), 0);
    if (model.shadow) await runInShadow(demo, model, model.shadow.days);
    return;
  }
  // One limit changes half-way, so that the history shows what was in force when.
  await send(demo, model.name, 'observations', csv(model, observationsCsv(model, demo.today, -HISTORY_DAYS, -41)), 40);
  await tighten(demo, model.name);
  await send(demo, model.name, 'observations', csv(model, observationsCsv(model, demo.today, -40, -1)), 0);
}

/** The second version answers the same rows as the live one, and nobody acts on it: both are seen over the same days. */
async function runInShadow(demo: Demo, model: DemoModel, days: number): Promise<void> {
  await send(demo, model.name, 'reference', csv(model, referenceCsv(model, demo.today, 2)), days + 1, 2);
  await send(demo, model.name, 'observations', csv(model, observationsCsv(model, demo.today, -days, -1, 2)), 0, 2);
}

async function tighten(demo: Demo, model: string): Promise<void> {
  const [goal] = await listKpis(demo.db, [(await getModel(demo.db, model)).id]);
  const changes = { limits: { watch: 0.59, breach: 0.54 } };
  const reason = 'The autumn campaign pays only if we catch more than half.';
  await execute(
    updateKpi,
    { id: goal!.id, expectedVersion: goal!.version, changes, reason },
    { db: demo.db, actor: demo.people.product, now: at(demo, 40) },
  );
}

async function loadCarLoan(demo: Demo): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'plumbline-demo-'));
  try {
    await register(demo, CAR_LOAN);
    // Moved by whole days so that the last of its days is yesterday; nothing else of the file changes.
    const days = Math.round((demo.today.getTime() - DAY_MS - CAR_LOAN.lastDay.getTime()) / DAY_MS);
    for (const [kind, file] of [
      ['reference', 'reference'],
      ['observations', 'monitoring'],
    ] as const) {
      const output = join(folder, `${file}.parquet`);
      await promisify(execFile)(process.execPath, [
        join(import.meta.dirname, 'shift-dates.ts'),
        join(import.meta.dirname, 'car-loan', `${file}.parquet`),
        output,
        String(days),
      ]);
      const size = (await stat(output)).size;
      const bytes = Readable.toWeb(createReadStream(output)) as ReadableStream<Uint8Array>;
      await send(
        demo,
        CAR_LOAN.name,
        kind,
        { bytes, size, format: 'parquet', roles: CAR_LOAN.roles },
        kind === 'reference' ? 108 : 0,
      );
      if (kind === 'reference') {
        await putLive(demo, CAR_LOAN.name, 1, 106, 'First release: replaces the score bought from outside.');
        await setGoals(demo, CAR_LOAN.name, CAR_LOAN.goals);
      }
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One high-tier decision waits, half signed, with the question that holds it up. */
async function leavePending(demo: Demo): Promise<void> {
  const { db, people } = demo;
  const model = 'credit-thin-file';
  const naming = {
    model,
    columns: [{ column: 'age_group' }],
    // The model says who will default: not to be named is the answer people hope for.
    favourable: 'negative',
    reason: 'Nobody may be declined for their age.',
  };
  await execute(nameProtected, naming, { db, actor: people.product, now: at(demo, 100) });
  const reason = 'Version 2 ranks defaults better at the same approval rate.';
  const request = await execute(
    createRequest,
    { model, version: 2, reason },
    { db, actor: people.data, now: at(demo, 1) },
  );
  const vote = {
    id: request.id,
    decision: 'approve',
    as: 'product',
    revision: 1,
    evidenceHash: request.evidenceHash,
    note: 'Approval rate stays where we agreed.',
  };
  await execute(decide, vote, { db, actor: people.product, now: at(demo, 1, 4) });
  const body = 'How does it do on applicants with less than twelve months on file?';
  await execute(
    createComment,
    { subject: { type: 'request', id: String(request.id) }, body },
    { db, actor: people.ops, now: at(demo, 1, 6) },
  );
}
