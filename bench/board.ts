// The read behind the one screen, on the sample workspace and beside a fleet of 1,000 models with a year of four goals each, after every
// change and while nothing changes, and by fifty screens at once, against a bare read by primary key in the same database.
// `node bench/board.ts [models]`
import { jobActor } from '../lib/access/schema.ts';
import { type BoardQuery, getBoard } from '../lib/board/queries.ts';
import { prepare } from '../lib/worker/boot.ts';
import { fillFleet } from './fleet.ts';
import { report, time } from './timing.ts';
import { openBench } from './workspace.ts';

const MODELS = Number(process.argv[2] ?? 1_000);
const SCREENS = 50;

const bench = await openBench();
try {
  const env = { ...process.env, PLUMBLINE_DEMO: '1' };
  await prepare({ db: bench.db, env, step: async (_name, run) => run() });
  const [model] = await bench.sql<{ id: string }[]>`select id from models order by name limit 1`;
  const floor = await time(200, () => bench.sql`select * from models where id = ${model!.id}`);
  const board = (query: BoardQuery) => getBoard(bench.db, jobActor('bench'), query, new Date());
  const change = () =>
    bench.sql`insert into outbox (at, key, subject_type, subject_id) values (now(), 'bench', 'bench', '')`;
  const read = async (query: BoardQuery, among: string) => {
    const kB = JSON.stringify(await board(query)).length / 1000;
    const name = `board of ${query.m} among ${among}, ${query.w ?? 'default period'}, ${kB.toFixed(0)} kB`;
    const cases: [string, () => Promise<unknown>][] = [
      ['after a change', async () => [await change(), await board(query)]],
      ['nothing changed', () => board(query)],
      [
        `${SCREENS} screens after a change`,
        async () => [await change(), await Promise.all(Array.from({ length: SCREENS }, () => board(query)))],
      ],
    ];
    for (const [when, run] of cases) report(`${name}, ${when}`, await time(20, run), 'one row by primary key', floor);
  };
  for (const query of [{ m: 'car-loan', w: '90d' }, { m: 'car-loan', w: '365d' }, { m: 'churn-eu' }])
    await read(query, 'the samples');
  await fillFleet(bench.sql, MODELS);
  await read({ m: 'churn-eu' }, `${MODELS} models`);
} finally {
  await bench.end();
}
