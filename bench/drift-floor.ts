// The floor: DuckDB reads every column of both files once and sums it by day; no process could count them for less.
import { DuckDBInstance } from '@duckdb/node-api';

const instance = await DuckDBInstance.create(':memory:', { threads: '2' });
const connection = await instance.connect();
const [from, cpu] = [performance.now(), process.cpuUsage()];
for (const path of process.argv.slice(2)) {
  const described = await connection.runAndReadAll(`describe select * from '${path}'`);
  const sums = described
    .getRowObjectsJS()
    .filter(({ column_name: name }) => name !== 'at')
    .map(({ column_name: name, column_type: type }) =>
      type === 'VARCHAR' ? `count(distinct "${String(name)}")` : `sum("${String(name)}")`,
    );
  await connection.runAndReadAll(`select count(*), ${sums.join(', ')} from '${path}' group by date_trunc('day', "at")`);
}
const { user, system } = process.cpuUsage(cpu);
console.log(JSON.stringify({ stage: 'scan', wallMs: performance.now() - from, cpuMs: (user + system) / 1000 }));
