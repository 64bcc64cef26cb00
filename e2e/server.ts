// What the tests drive: `npm start` as a newcomer would, on an empty data folder that is gone afterwards. With DATABASE_URL the same
// on a database of its own there; the demo, which the product keeps away from other people's servers, is then loaded from here.
import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectOptions, createDb } from '../db/client.ts';
import { postgres } from '../db/driver.ts';
import { migrateDatabase } from '../db/migrate.ts';
import { prepare } from '../lib/worker/boot.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'plumbline-e2e-'));
// The demo that is loaded from here keeps its files where the server looks for them.
process.env.PLUMBLINE_DATA_DIR = dataDir;
const external = process.env.DATABASE_URL ? await ownDatabase(process.env.DATABASE_URL) : undefined;

const env = {
  ...process.env,
  PLUMBLINE_DATA_DIR: dataDir,
  ...(external ? { DATABASE_URL: external.url, AUTH_SECRET: randomBytes(32).toString('hex') } : {}),
};
if (external && process.env.PLUMBLINE_DEMO !== '0') await loadDemo(external.url);

const server = spawn('node', ['scripts/start.mjs'], { stdio: 'inherit', env, detached: true });
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => server.kill(signal));
server.on('exit', async (code) => {
  await external?.drop();
  rmSync(dataDir, { recursive: true, force: true });
  process.exit(code ?? 1);
});

async function ownDatabase(given: string) {
  const admin = postgres(given, { ...connectOptions(given), max: 1 });
  const name = `plumbline_e2e_${randomBytes(6).toString('hex')}`;
  await admin`create database ${admin(name)}`;
  const url = new URL(given);
  url.pathname = `/${name}`;
  const drop = async () => {
    await admin`drop database if exists ${admin(name)} with (force)`;
    await admin.end({ timeout: 5 });
  };
  return { url: url.href, drop };
}

async function loadDemo(url: string): Promise<void> {
  await migrateDatabase(url);
  const { db, close } = createDb({ url, max: 4, name: 'plumbline e2e', statementTimeoutMs: 0 });
  await prepare({
    db,
    env: { ...env, NODE_ENV: 'production', PLUMBLINE_DEMO: '1' },
    step: async (_name, run) => run(),
  });
  await close();
}
