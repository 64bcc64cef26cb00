import { rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { refuseOversizedParquet, refuseTooManyRows } from './bounds.ts';
import { name, row, rows, text } from './duckdb.ts';
import { DataFault, readingFault } from './fault.ts';
import type { InspectJob } from './job.ts';
import { isReadAsIs, keptRows, pinned } from './kept.ts';
import { assignRoles, type ColumnFacts, columnKindOf } from './rules.ts';
import type { ColumnRole, Inspection, MeasuredColumn, UploadFault, UploadWarning } from './schema.ts';
import { asNumber, openSource, type Source, type SourceColumn } from './source.ts';

/** First rows that tell a column's kind. Numbers are proven over all rows; dates and categories are not compared as numbers. */
const SAMPLE_ROWS = 1_000;
/** DuckDB's calendar goes on for 290,000 years; JavaScript's and Postgres' do not. */
const FIRST_TIME = `TIMESTAMP '0001-01-01'`;
const LAST_TIME = `TIMESTAMP '9999-12-31'`;
/** Longest excerpt of a bad value in a message, in characters. */
const EXCERPT = 60;

/** `lenient`: filled values that are no number even where true and false may stand for 1 and 0. */
type Facts = ColumnFacts & { lenient: number };
type Named = { name: string; role: ColumnRole };
type Read = { rows: number; columns: MeasuredColumn[]; kept: Inspection['kept']; facts: ReadonlyMap<string, Facts> };

/**
 * Checks the upload and sees to a file with pinned types: numbers DOUBLE, times TIMESTAMP in UTC, all else VARCHAR in canonical
 * spelling; row order is kept. A Parquet file whose types need no parsing is that file itself; any other is written to `output` as
 * Parquet. Label files get the columns `id` and `label`. On any fault the output is removed.
 * @throws DataFault with every fault found
 */
export async function convert(connection: DuckDBConnection, job: InspectJob): Promise<Inspection> {
  const source = await openSource(connection, job.path, job.format);
  const assigned = assignRoles(
    source.columns.map((column) => column.name),
    job.roles,
    job.purpose,
    job.contract,
  );
  if (!assigned.ok) throw new DataFault(assigned.errors);
  if (job.format === 'parquet') {
    await refuseOversizedParquet(connection, job.path, source.columns).catch((error: unknown) => {
      throw error instanceof DataFault ? error : new DataFault([readingFault(error)]);
    });
  }
  try {
    const read =
      (await readOnce(connection, source, assigned.columns, job)) ??
      (await readTwice(connection, source, assigned.columns, job));
    const { rows, columns, kept } = read;
    refuseTooManyRows(rows);
    const checked = await checkOutput(connection, job, source, read);
    return { rows, kept, columns, warnings: [...assigned.warnings, ...checked] };
  } catch (error) {
    await rm(job.output, { force: true });
    throw error;
  }
}

/**
 * The usual case: the first rows tell the kinds, and the conversion itself proves them, so that the file is read once.
 * @returns undefined where the rows are not what the first of them promised, or cannot be read
 */
async function readOnce(
  connection: DuckDBConnection,
  source: Source,
  wanted: readonly Named[],
  job: InspectJob,
): Promise<Read | undefined> {
  const first = { ...source, relation: `(SELECT * FROM ${source.relation} LIMIT ${SAMPLE_ROWS})` };
  const sample = await gather(connection, first, wanted).catch(() => undefined);
  if (!sample) return undefined;
  if (sample.count === 0) throw noRows();
  const hasScore = wanted.some((column) => column.role === 'score');
  const isOpen = ({ name: column, role }: Named) => {
    const target = role === 'prediction' || role === 'label';
    return sample.facts.get(column)!.filled === 0 || (target && !hasScore && !job.contract);
  };
  const open = wanted.filter(isOpen);
  const whole = open.length > 0 ? await gather(connection, source, open) : undefined;
  const facts = new Map([...sample.facts, ...(whole?.facts ?? [])]);
  const columns = kindsOf(wanted, facts, hasScore, job);
  if (job.mayKeep && job.purpose !== 'labels' && isReadAsIs(job.format, columns, source.columns)) {
    const typed = columns.map((column) => ({
      ...column,
      type: source.columns.find((candidate) => candidate.name === column.name)!.type,
    }));
    return { rows: await countRows(connection, job.path), columns: typed, kept: 'upload', facts };
  }
  const proven = (column: MeasuredColumn, from: SourceColumn) => {
    if (column.kind !== 'numeric') return pinned(column, from);
    // Without a contract a word among the numbers makes the column one of words, be it "true".
    const lenient = job.contract !== undefined || column.role === 'score' || whole?.facts.has(column.name) === true;
    return `CASE WHEN ${name(column.name)} IS NOT NULL THEN
      coalesce(${asNumber(from, lenient)}, CAST(error('not a number') AS DOUBLE)) END`;
  };
  try {
    await write(connection, source, columns, job, proven);
  } catch {
    await rm(job.output, { force: true });
    return undefined;
  }
  return { rows: await countRows(connection, job.output), columns, kept: 'output', facts };
}

/** The first read tells the kinds and what is wrong where, the second one converts. */
async function readTwice(
  connection: DuckDBConnection,
  source: Source,
  wanted: readonly Named[],
  job: InspectJob,
): Promise<Read> {
  const { count, facts } = await gather(connection, source, wanted);
  if (count === 0) throw noRows();
  const hasScore = wanted.some((column) => column.role === 'score');
  const columns = kindsOf(wanted, facts, hasScore, job);
  await refuseWrongTypes(connection, source, columns, facts);
  await write(connection, source, columns, job, pinned).catch((error: unknown) => {
    throw new DataFault([readingFault(error, source.format)]);
  });
  return { rows: count, columns, kept: 'output', facts };
}

const noRows = () => new DataFault([{ code: 'no_rows', message: 'The file has a header but no rows.' }]);

function kindsOf(
  wanted: readonly Named[],
  facts: ReadonlyMap<string, Facts>,
  hasScore: boolean,
  job: InspectJob,
): MeasuredColumn[] {
  const columns = wanted.map((column): MeasuredColumn => {
    const kind = columnKindOf(column, facts.get(column.name)!, hasScore, job.contract);
    return { ...column, kind };
  });
  alignTargets(columns, job);
  return columns;
}

async function write(
  connection: DuckDBConnection,
  source: Source,
  columns: readonly MeasuredColumn[],
  job: InspectJob,
  value: (column: MeasuredColumn, from: SourceColumn) => string,
): Promise<void> {
  const select = columns.map((column) => {
    const from = source.columns.find((candidate) => candidate.name === column.name)!;
    return `${value(column, from)} AS ${name(outputName(column, job))}`;
  });
  await connection.run(
    `COPY (SELECT ${select.join(', ')} FROM ${source.relation}) TO ${text(job.output)} (FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1)`,
  );
}

async function countRows(connection: DuckDBConnection, parquet: string): Promise<number> {
  return Number((await row(connection, `SELECT count(*) AS n FROM read_parquet(${text(parquet)})`)).n);
}

/** The name a column has in the converted file. */
function outputName(column: MeasuredColumn, job: InspectJob): string {
  return job.purpose === 'labels' ? column.role : column.name;
}

/** A prediction and its label are compared, so both are classes or both amounts. */
function alignTargets(columns: MeasuredColumn[], job: InspectJob): void {
  const targets = columns.filter((column) => column.role === 'prediction' || column.role === 'label');
  if (job.contract || targets.every((column) => column.kind === 'numeric')) return;
  for (const column of targets) column.kind = 'categorical';
}

async function gather(
  connection: DuckDBConnection,
  source: Source,
  wanted: readonly Named[],
): Promise<{ count: number; facts: Map<string, Facts> }> {
  const columns = source.columns.filter((column) => wanted.some((one) => one.name === column.name));
  const targets = wanted.filter((one) => one.role === 'prediction' || one.role === 'label').map((one) => one.name);
  const aggregates = columns.flatMap((column, i) => {
    const value = name(column.name);
    const number = asNumber(column, true);
    const text = column.source === 'text';
    // Only of a prediction or label does the number of values decide the kind, and counting them is dear.
    const target = targets.includes(column.name);
    const bad = (cast: string) =>
      column.source === 'number' ? '0' : `count_if(${value} IS NOT NULL AND (${cast}) IS NULL)`;
    return [
      `count(${value}) AS filled${i}`,
      `${text ? bad(asNumber(column, false)) : '0'} AS strict${i}`,
      `${bad(number)} AS lenient${i}`,
      `${target ? `approx_count_distinct(${value})` : '0'} AS distinct${i}`,
      `${target ? `coalesce(bool_or(isfinite(${number}) AND ${number} <> floor(${number})), false)` : 'false'} AS fractional${i}`,
    ];
  });
  const counted = `SELECT count(*) AS count, ${aggregates.join(', ')} FROM ${source.relation}`;
  const found = await row(connection, counted).catch((error: unknown) => {
    throw new DataFault([readingFault(error, source.format)]);
  });
  const sample = await dateSample(connection, source, columns);
  const facts = new Map<string, Facts>();
  columns.forEach((column, i) => {
    facts.set(column.name, {
      source: column.source,
      filled: Number(found[`filled${i}`]),
      notNumbers: Number(found[`strict${i}`]),
      lenient: Number(found[`lenient${i}`]),
      distinct: Number(found[`distinct${i}`]),
      fractional: Boolean(found[`fractional${i}`]),
      dates: Boolean(sample[`dates${i}`]),
    });
  });
  return { count: Number(found.count), facts };
}

function dateSample(
  connection: DuckDBConnection,
  source: Source,
  columns: SourceColumn[],
): Promise<Record<string, unknown>> {
  const dates = columns.map((column, i) => {
    const value = name(column.name);
    if (column.source !== 'text') return `false AS dates${i}`;
    const date = `TRY_CAST(CAST(${value} AS VARCHAR) AS TIMESTAMPTZ) IS NOT NULL`;
    return `coalesce(bool_and(${date}) FILTER (WHERE ${value} IS NOT NULL), false) AS dates${i}`;
  });
  return row(
    connection,
    `SELECT ${['count(*) AS n', ...dates].join(', ')} FROM (SELECT * FROM ${source.relation} LIMIT ${SAMPLE_ROWS})`,
  );
}

/** Numeric columns that hold something else: each with its first bad row. */
async function refuseWrongTypes(
  connection: DuckDBConnection,
  source: Source,
  columns: readonly MeasuredColumn[],
  facts: ReadonlyMap<string, Facts>,
): Promise<void> {
  const faults: UploadFault[] = [];
  for (const column of columns) {
    if (column.kind !== 'numeric' || facts.get(column.name)?.lenient === 0) continue;
    const from = source.columns.find((candidate) => candidate.name === column.name)!;
    const value = name(column.name);
    const bad = await firstRow(
      connection,
      source,
      column.name,
      `${value} IS NOT NULL AND (${asNumber(from, true)}) IS NULL`,
    );
    const message = `The column "${column.name}" holds numbers; row ${bad.row} says "${bad.value}".`;
    faults.push({ code: 'wrong_type', column: column.name, row: bad.row, expected: 'number', message });
  }
  if (faults.length > 0) throw new DataFault(faults);
}

/** What only the converted values show: times that could not be read, scores that are none. Returns warnings, throws faults. */
async function checkOutput(
  connection: DuckDBConnection,
  job: InspectJob,
  source: Source,
  read: Read,
): Promise<UploadWarning[]> {
  const { columns, facts, kept } = read;
  const relation = keptRows(kept === 'upload' ? job.path : job.output, columns);
  const rules = columns.flatMap((column) => checksOf(column, name(outputName(column, job))));
  const warnings: UploadWarning[] = columns.flatMap((column) => quiet(column, facts.get(column.name)));
  if (rules.length === 0) return warnings;
  const any = await row(
    connection,
    `SELECT ${rules.map((rule, i) => `bool_or(${rule.bad}) AS bad${i}`).join(', ')} FROM ${relation}`,
  );
  const broken = rules.filter((_, i) => any[`bad${i}`] === true);
  if (broken.length === 0) return warnings;
  const counts = broken.map((rule, i) => `count_if(${rule.bad}) AS bad${i}`);
  const found = await row(connection, `SELECT ${counts.join(', ')} FROM ${relation}`);
  const faults: UploadFault[] = [];
  for (const [i, rule] of broken.entries()) {
    const count = Number(found[`bad${i}`]);
    const column = rule.column.name;
    if (rule.onlyWarns) {
      const message = `${count} values of "${column}" are NaN or infinite; they are counted apart.`;
      warnings.push({ code: 'values_not_finite', column, message });
      continue;
    }
    const { at } = await row(connection, `SELECT min(file_row_number) AS at FROM ${relation} WHERE ${rule.bad}`);
    const bad = await firstRow(connection, source, column, 'true', Number(at));
    faults.push(roleFault(rule.code, column, bad));
  }
  if (faults.length > 0) throw new DataFault(faults);
  return warnings;
}

type Check = {
  column: MeasuredColumn;
  code: 'timestamp_unreadable' | 'not_finite' | 'score_out_of_range';
  bad: string;
  onlyWarns: boolean;
};

function checksOf(column: MeasuredColumn, value: string): Check[] {
  if (column.role === 'timestamp') {
    const bad = `(${value} IS NULL OR ${value} NOT BETWEEN ${FIRST_TIME} AND ${LAST_TIME})`;
    return [{ column, code: 'timestamp_unreadable', bad, onlyWarns: false }];
  }
  if (column.kind !== 'numeric') return [];
  const finite: Check = {
    column,
    code: 'not_finite',
    bad: `NOT isfinite(${value})`,
    onlyWarns: column.role === 'feature',
  };
  if (column.role !== 'score') return [finite];
  const range = `isfinite(${value}) AND (${value} < 0 OR ${value} > 1)`;
  return [finite, { column, code: 'score_out_of_range', bad: range, onlyWarns: false }];
}

function roleFault(code: Check['code'], column: string, bad: { row: number; value: string | null }): UploadFault {
  const where = { column, row: bad.row };
  if (code === 'timestamp_unreadable' && bad.value === null) {
    return { code: 'timestamp_missing', ...where, message: `Row ${bad.row} has no time in "${column}".` };
  }
  const says = `row ${bad.row} says "${bad.value}"`;
  const messages = {
    timestamp_unreadable: `The column "${column}" holds times such as 2026-03-01T18:00:00Z; ${says}.`,
    not_finite: `The column "${column}" must hold finite numbers; ${says}.`,
    score_out_of_range: `The score "${column}" must lie between 0 and 1; ${says}.`,
  };
  return { code, ...where, message: messages[code] };
}

function quiet(column: MeasuredColumn, facts: Facts | undefined): UploadWarning[] {
  if (facts?.filled === 0) {
    return [{ code: 'empty_column', column: column.name, message: `The column "${column.name}" is empty.` }];
  }
  if (column.role !== 'feature' || column.kind !== 'timestamp') return [];
  const message = `The column "${column.name}" holds times; it is kept, but not compared.`;
  return [{ code: 'timestamp_feature', column: column.name, message }];
}

/** Slow path, taken once a fault is certain: the first data row (from 1) where `condition` holds, with what the file says there. */
async function firstRow(
  connection: DuckDBConnection,
  source: Source,
  column: string,
  condition: string,
  at?: number,
): Promise<{ row: number; value: string | null }> {
  const numbered = `SELECT *, row_number() OVER () AS plumbline_row FROM ${source.relation}`;
  const [found] = await rows(
    connection,
    `SELECT plumbline_row AS at, CAST(${name(column)} AS VARCHAR) AS value FROM (${numbered})
     WHERE (${condition}) ${at === undefined ? '' : `AND plumbline_row = ${at + 1}`} ORDER BY plumbline_row LIMIT 1`,
  );
  const value = found?.value;
  return { row: Number(found?.at ?? 0), value: typeof value === 'string' ? value.slice(0, EXCERPT) : null };
}
