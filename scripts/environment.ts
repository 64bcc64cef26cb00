import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { keepSecret } from '../db/embedded.ts';
import { blobsPlace, cachePlace } from '../lib/measurements/blobs-place.ts';
import { readAllowed } from '../lib/shell/outbound.ts';

export type Settings = {
  host: string;
  port: number;
  dataDir: string;
  role: 'all' | 'web' | 'worker';
  databaseUrl: string | undefined;
  /** What the server processes inherit, defaults filled in. */
  env: NodeJS.ProcessEnv;
};

const loopback = new Set(['127.0.0.1', '::1', 'localhost']);

/** The environment, checked, with its defaults; every refusal says what to change. */
export function readEnvironment(given: NodeJS.ProcessEnv): Settings {
  const host = given.HOST || '127.0.0.1';
  const port = Number(given.PORT || 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new Error(`PORT must be a number from 1 to 65535, not "${given.PORT}".`);
  const role = given.PLUMBLINE_ROLE || 'all';
  if (role !== 'all' && role !== 'web' && role !== 'worker')
    throw new Error(`PLUMBLINE_ROLE must be all, web or worker, not "${role}".`);
  const dataDir = resolve(given.PLUMBLINE_DATA_DIR || '.data');
  const databaseUrl = given.DATABASE_URL || undefined;
  const mayHaveDemo = !databaseUrl && loopback.has(host);
  if (given.PLUMBLINE_DEMO === '1' && !mayHaveDemo) {
    throw new Error(
      'PLUMBLINE_DEMO=1 opens accounts whose passwords everybody knows: it works only with the embedded database on a loopback HOST.',
    );
  }
  if (databaseUrl && !given.AUTH_SECRET)
    throw new Error(
      'AUTH_SECRET is required with DATABASE_URL: at least 32 random characters, the same on every replica.',
    );
  // Said at the start rather than at the first delivery or upload.
  readAllowed(given.OUTBOUND_ALLOW);
  blobsPlace(given);
  cachePlace(given);
  mkdirSync(dataDir, { recursive: true });
  const secret = given.AUTH_SECRET || keepSecret(join(dataDir, 'auth-secret'));
  const origin = (given.PLUMBLINE_ORIGIN || `http://${host.includes(':') ? `[${host}]` : host}:${port}`).replace(
    /\/$/,
    '',
  );
  return {
    host,
    port,
    dataDir,
    role,
    databaseUrl,
    env: {
      ...given,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      HOST: host,
      HOSTNAME: host,
      PORT: String(port),
      PLUMBLINE_ROLE: role,
      PLUMBLINE_DATA_DIR: dataDir,
      PLUMBLINE_DEMO: given.PLUMBLINE_DEMO || (mayHaveDemo ? '1' : '0'),
      PLUMBLINE_ORIGIN: origin,
      NEXTAUTH_URL: origin,
      AUTH_SECRET: secret,
      NEXTAUTH_SECRET: secret,
    },
  };
}
