// The read behind the one screen, on the sample workspace, against a bare read by primary key in the same database.
import { jobActor } from '../lib/access/schema.ts';
import { getBoard } from '../lib/board/queries.ts';
import { prepare } from '../lib/worker/boot.ts';
import { report, time } from './timing.ts';
import { openBench } from './workspace.ts';

const bench = await openBench();
try {
  const env = { ...process.env, PLUMBLINE_DEMO: '1' };
  await prepare({ db: bench.db, env, step: async (_name, run) => run() });
  const [model] = await bench.sql<{ id: string }[]>`select id from models order by name limit 1`;
  const floor = await time(200, () => bench.sql`select * from models where id = ${model!.id}`);
  for (const query of [{ m: 'car-loan', w: '90d' }, { m: 'car-loan', w: '365d' }, { m: 'churn-eu' }]) {
    let bytes = 0;
    const ours = await time(50, async () => {
      bytes = JSON.stringify(await getBoard(bench.db, jobActor('bench'), query, new Date())).length;
    });
    const name = `board of ${query.m}, ${query.w ?? 'default period'}, ${(bytes / 1000).toFixed(0)} kB`;
    report(name, ours, 'one row by primary key', floor);
  }
} finally {
  await bench.end();
}
