// The registry protocol's commonest reads, through the real route handlers with a bearer token, against a bare read by
// primary key in the same database.
import { GET, POST } from '../app/api/2.0/mlflow/[...path]/route.ts';
import { createToken } from '../lib/access/commands/create-token.ts';
import { createUser } from '../lib/access/commands/create-user.ts';
import { findUserByEmail } from '../lib/access/queries.ts';
import { jobActor } from '../lib/access/schema.ts';
import { execute } from '../lib/shell/command.ts';
import { report, time } from './timing.ts';
import { openBench } from './workspace.ts';

const MODELS = 1_000;
const bench = await openBench();
try {
  const { db } = bench;
  const email = 'bench@test.local';
  await execute(createUser, { email, name: 'Bench', roles: ['data', 'admin'] }, { db, actor: jobActor('bench') });
  const owner = await findUserByEmail(db, email);
  const actor = { ...jobActor('bench'), kind: 'user' as const, id: owner!.id, roles: ['data' as const] };
  const { token } = await execute(createToken, { name: 'bench', scopes: ['registry:write'] }, { db, actor });
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };

  const call = async (method: 'GET' | 'POST', path: string, body?: object): Promise<Response> => {
    const url = new URL(`http://127.0.0.1/api/2.0/mlflow/${path}`);
    const request = new Request(url, { method, headers, ...(body ? { body: JSON.stringify(body) } : {}) });
    const segments = url.pathname.split('/').slice(4);
    const response = await (method === 'GET' ? GET : POST)(request, { params: Promise.resolve({ path: segments }) });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    await response.arrayBuffer();
    return response;
  };
  for (let i = 0; i < MODELS; i += 1) await call('POST', 'registered-models/create', { name: `model-${i}` });
  const version = { name: 'model-500', source: 's3://bench/1' };
  for (let i = 0; i < 3; i += 1) await call('POST', 'model-versions/create', version);
  await call('POST', 'registered-models/alias', { name: 'model-500', alias: 'candidate', version: '2' });

  const [row] = await bench.sql<{ id: string }[]>`select id from models where name = 'model-500'`;
  const floor = await time(500, () => bench.sql`select * from models where id = ${row!.id}`);
  for (const path of [
    'registered-models/get?name=model-500',
    'registered-models/alias?name=model-500&alias=candidate',
    'model-versions/get?name=model-500&version=3',
    'registered-models/search?max_results=100',
  ]) {
    report(`GET ${path}`, await time(300, () => call('GET', path)), 'one row by primary key', floor);
  }
} finally {
  await bench.end();
}
