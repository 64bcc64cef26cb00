// `node bench/registry-explain.ts`: fills 100,000 models, asks for each read of the registry what the server asks its database,
// and writes the plans into docs/figures/registry-explain.md. Fails where a plan reads a whole table of the registry.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Sql } from 'postgres';
import { createDb, type Db, getDatabase } from '../db/client.ts';
import { openEmbedded } from '../db/embedded.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { findByWords } from '../lib/board/search.ts';
import { findAliasText, findModelText, findVersionText } from '../lib/mlflow/queries/messages.ts';
import { findLocation } from '../lib/mlflow/queries/rows.ts';
import { searchModels, searchVersions } from '../lib/mlflow/queries/search.ts';
import { findStanding } from '../lib/models/queries.ts';
import { fillPlumbline, modelName, runId } from './registry-fill.ts';

const MODELS = 100_000;
const OUTPUT = join(import.meta.dirname, '..', 'docs', 'figures', 'registry-explain.md');
const name = modelName(54_321);
const page = { order_by: [], max_results: 100 };
const found = async (db: Db, { byKey, read }: ReturnType<typeof searchModels>) => (await byKey?.(db)) ?? read(db);
const models = (filter: string) => (db: Db) => found(db, searchModels({ ...page, filter }));
const versions = (filter: string) => (db: Db) => found(db, searchVersions({ ...page, filter }));
const reads: [title: string, read: (db: Db) => Promise<unknown>][] = [
  ['A model by its name', (db) => findModelText(db, name)],
  ['A version by its number', (db) => findVersionText(db, name, 2)],
  ['A version by an alias', (db) => findAliasText(db, name, 'champion')],
  ['Where a version’s files are', (db) => findLocation(db, name, 2)],
  ['A model’s standing, for a new version', (db) => findStanding(db, name)],
  ['A page of models', models('')],
  ['Models by a tag that one bears', models("tags.serial = '54321'")],
  ['Models by a tag that a fifth bear', models("tags.task = 'task 1'")],
  ['Models by a part of the name', models("name LIKE '%0054321%'")],
  ['Versions of a model', versions(`name = '${name}'`)],
  ['A page of versions', versions('')],
  ['Versions of a run', versions(`run_id = '${runId(54_321, 2)}'`)],
  ['The catalogue by a word', (db) => findByWords(db, '54321')],
  ['The catalogue by a word with a typo', (db) => findByWords(db, 'serail 54321')],
];

type Asked = { client: Sql; text: string; values: unknown[] };
const REGISTRY = /\b(models|model_\w+|search_words|search_documents)\b/;
const WHOLE_TABLE = /Seq Scan on (models|model_\w+|version_\w+|audit_heads|search_\w+)/;

const folder = mkdtempSync(join(tmpdir(), 'plumbline-explain-'));
const cluster = await openEmbedded(folder);
try {
  process.env.DATABASE_URL = cluster.url();
  await migrateDatabase(cluster.url());
  const filling = createDb({ url: cluster.url(), max: 1, name: 'fill', statementTimeoutMs: 0 });
  await fillPlumbline(filling.sql, 0, MODELS);
  // The documents of the catalogue are made by whoever searches first.
  await findByWords(filling.db, 'anything');
  await filling.sql`vacuum analyze search_documents, search_words`;
  await filling.close();
  const { db, sql, keyed, planned, close } = getDatabase();
  // A process looks once whether a model has no document yet.
  await findByWords(db, 'anything');
  const asked = listen([sql, keyed.sql, planned.sql]);
  const sections: string[] = [];
  for (const [title, read] of reads) {
    asked.length = 0;
    await read(db);
    const plans: string[] = [];
    for (const { client, text, values } of [...asked]) plans.push(await planOf(client, text, values));
    sections.push(`## ${title}\n\n${plans.map((plan) => `\`\`\`\n${plan}\n\`\`\``).join('\n\n')}\n`);
    const whole = plans.flatMap((plan) => WHOLE_TABLE.exec(plan)?.[0] ?? []);
    if (plans.length === 0) throw new Error(`${title}: no statement was heard`);
    if (whole.length > 0) {
      console.error(`${title}: ${whole.join(', ')}`);
      process.exitCode = 1;
    }
  }
  writeFileSync(OUTPUT, `${head()}\n${sections.join('\n')}`);
  await close();
} finally {
  await cluster.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Keeps every statement of these clients that asks for registry rows. */
function listen(clients: Sql[]): Asked[] {
  const asked: Asked[] = [];
  for (const client of clients) {
    const unsafe = client.unsafe.bind(client);
    client.unsafe = ((...[text, values, options]: Parameters<Sql['unsafe']>) => {
      if (REGISTRY.test(text)) asked.push({ client, text, values: values ?? [] });
      return unsafe(text, values, options);
    }) as Sql['unsafe'];
  }
  return asked;
}

/** The plan as it ran, without what differs from run to run. */
async function planOf(client: Sql, text: string, values: unknown[]): Promise<string> {
  const explain = `explain (analyze, costs off, timing off, summary off, buffers off) ${text}`;
  const rows = await client.unsafe<{ 'QUERY PLAN': string }[]>(explain, values as never[]);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

function head(): string {
  return `# How ${MODELS.toLocaleString('en')} models are read

Written by \`node bench/registry-explain.ts\`: the plans of every read of the registry as they ran, with three versions, three
tags and an alias a model. None reads a whole table; the bench fails when one does. Reads by key are planned once for any key
(\`db/keyed-reads.ts\`), searches for their values. A read whose message is not kept is shown with its second statement.
`;
}
