import { DuckDBInstance } from '@duckdb/node-api';

/**
 * Run as a process of its own: copies a Parquet file with its `timestamp` column moved by whole days, so that the
 * sample's history ends yesterday. Arguments: input, output, days.
 */
const [input, output, days] = process.argv.slice(2);
if (!input || !output || !days || !/^-?\d+$/.test(days)) throw new Error('usage: shift-dates INPUT OUTPUT DAYS');
const quoted = (path: string): string => `'${path.replaceAll("'", "''")}'`;
const connection = await (await DuckDBInstance.create()).connect();
await connection.run(
  `copy (select * replace (strftime(timestamp::timestamp + interval (${days}) day, '%Y-%m-%d %H:%M:%S.%g') as timestamp)
         from ${quoted(input)}) to ${quoted(output)} (format parquet)`,
);
