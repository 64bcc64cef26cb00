import { rm } from 'node:fs/promises';
import type { ColumnRole } from '../contracts/schema.ts';
import { setAside } from './aside.ts';
import { refuseOversizedParquet, refuseTooManyRows } from './bounds.ts';
import { type Check, checksOf, retypedColumns, rulesOf, timesHold } from './checks.ts';
import { type Connection, name, row, run, text } from './duckdb.ts';
import { DataFault, readingFault } from './fault.ts';
import type { InspectJob } from './job.ts';
import { asidePath } from './job-files.ts';
import { isReadAsIs, keptRows, pinned, timesByStatistics } from './kept.ts';
import type { LineKeys } from './ndjson.ts';
import { assignRoles, type ColumnFacts, columnKindOf, formOf } from './rules.ts';
import type { AsideRows, Inspection, MeasuredColumn, UploadFormat, UploadWarning } from './schema.ts';
import { asNumber, openSource, type Source, type SourceColumn } from './source.ts';

/** First rows that tell a column's kind. Numbers are proven over all rows; dates and categories are not compared as numbers. */
const SAMPLE_ROWS = 1_000;
const SAMPLE = 'plumbline_sample';

type Named = { name: string; role: ColumnRole };
type Read = {
  rows: number;
  columns: MeasuredColumn[];
  kept: Inspection['kept'];
  facts: ReadonlyMap<string, ColumnFacts>;
};

/**
 * Checks the upload and sees to a file with pinned types: numbers DOUBLE, times TIMESTAMP in UTC, all else VARCHAR in canonical
 * spelling; row order is kept. A Parquet file whose types need no parsing is that file itself; any other is written to `output` as
 * Parquet. Label files get the columns `id` and `label`. Observations that cannot be counted are set aside while they are few. On any
 * fault the output is removed.
 * @param isCounted of features that are counted next: that tells how many of their values are not finite (`notFinite`), for less
 * @param lines what the lines of an NDJSON file say, where it is known
 * @throws DataFault with every fault found
 */
export async function convert(
  connection: Connection,
  job: InspectJob,
  isCounted: (feature: string) => boolean = () => false,
  lines?: LineKeys,
): Promise<Inspection> {
  const source = await openSource(connection, job.path, job.format, lines?.keys);
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
    const once = await readOnce(connection, source, assigned.columns, job, lines);
    const checked = once && (await checkOutput(connection, job, once, isCounted));
    if (once && checked?.sound) return answer(once, checked, null);
    await rm(job.output, { force: true });
    const { read, aside } = await readTwice(connection, source, assigned.columns, job);
    const again = await checkOutput(connection, job, read, isCounted);
    if (!again.sound) throw new Error('Rows that break a rule were kept.');
    return answer(read, again, aside);
  } catch (error) {
    await rm(job.output, { force: true });
    await rm(asidePath(job.output), { force: true });
    throw error;
  }

  function answer(
    { rows, columns, kept }: Read,
    { warnings: found, fractions }: Checked,
    aside: AsideRows | null,
  ): Inspection {
    refuseTooManyRows(rows);
    const warnings = [...(assigned.ok ? assigned.warnings : []), ...found, ...cut(aside)];
    const retyped = job.format === 'parquet' ? retypedColumns(source.columns, rulesOf(job).rules) : [];
    return {
      ...{ rows, kept, columns, warnings },
      ...(aside ? { aside } : {}),
      ...(retyped.length > 0 ? { retyped } : {}),
      ...(Object.keys(fractions).length > 0 ? { fractions } : {}),
    };
  }
}

/**
 * The usual case: the first rows tell the kinds, and the conversion itself proves them, so that the file is read once.
 * @returns undefined where the rows are not what the first of them promised, or cannot be read
 */
async function readOnce(
  connection: Connection,
  source: Source,
  wanted: readonly Named[],
  job: InspectJob,
  lines: LineKeys | undefined,
): Promise<Read | undefined> {
  const sample = await sampled(connection, source, wanted, job.format).catch(() => undefined);
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
  const numbers = columns.filter(({ name: column, kind }) => {
    const { source, notNumbers } = facts.get(column)!;
    return kind === 'numeric' && source === 'text' && notNumbers === 0 && !lines?.booleans.has(column);
  });
  const names = new Set(numbers.map((column) => column.name));
  const mayType = names.size > 0 && (job.format === 'csv' || lines !== undefined);
  const typed = mayType ? [await openSource(connection, job.path, job.format, lines?.keys, names)] : [];
  for (const from of [...typed, source]) {
    try {
      await write(connection, from, columns, job, proven);
      return { rows: await countRows(connection, job.output), columns, kept: 'output', facts };
    } catch {
      await rm(job.output, { force: true });
    }
  }
  return undefined;
}

/** What the first rows tell of the columns; of a typed one its type tells, and the file's own statistics how many values it has. */
async function sampled(
  connection: Connection,
  source: Source,
  wanted: readonly Named[],
  format: UploadFormat,
): Promise<{ count: number; facts: Map<string, ColumnFacts> }> {
  const isTyped = ({ name: column }: Named) => source.columns.find((one) => one.name === column)?.source !== 'text';
  const words = wanted.filter((column) => !isTyped(column));
  // Asked twice about; the reader of a text reads far ahead of the rows that are wanted of it.
  if (words.length > 0) {
    const columns = words.map((column) => name(column.name)).join(', ');
    await run(
      connection,
      `CREATE TEMP TABLE ${SAMPLE} AS SELECT ${columns} FROM ${source.relation} LIMIT ${SAMPLE_ROWS}`,
    );
  }
  const first = { ...source, relation: SAMPLE };
  if (format !== 'parquet' || words.length === wanted.length) return gather(connection, first, wanted);
  const typed = source.columns.filter(
    (column) => column.source !== 'text' && wanted.some((one) => one.name === column.name),
  );
  const counts = typed.map((column, i) => `count(${name(column.name)}) AS filled${i}`);
  const found = await row(connection, `SELECT ${['count(*) AS count', ...counts].join(', ')} FROM ${source.relation}`);
  const facts = new Map<string, ColumnFacts>();
  for (const [i, { name: column, source: kind }] of typed.entries()) {
    const filled = Number(found[`filled${i}`]);
    facts.set(column, { source: kind, filled, notNumbers: 0, distinct: 0, fractional: false, dates: false });
  }
  const sample = words.length > 0 ? await gather(connection, first, words) : undefined;
  return { count: Number(found.count), facts: new Map([...facts, ...(sample?.facts ?? [])]) };
}

/** The first read tells the kinds, the second one which rows cannot be counted, and the third converts the others. */
async function readTwice(
  connection: Connection,
  source: Source,
  wanted: readonly Named[],
  job: InspectJob,
): Promise<{ read: Read; aside: AsideRows | null }> {
  const { count, facts } = await gather(connection, source, wanted);
  if (count === 0) throw noRows();
  const hasScore = wanted.some((column) => column.role === 'score');
  const columns = kindsOf(wanted, facts, hasScore, job);
  try {
    const found = await setAside(connection, source, columns, job);
    const counted = found
      ? { ...source, relation: `(SELECT * FROM ${source.relation} WHERE NOT (${found.bad}))` }
      : source;
    await write(connection, counted, columns, job, pinned);
    const rows = count - (found?.aside.rows ?? 0);
    return { read: { rows, columns, kept: 'output', facts }, aside: found?.aside ?? null };
  } catch (error) {
    throw error instanceof DataFault ? error : new DataFault([readingFault(error, source.format)]);
  }
}

const noRows = () => new DataFault([{ code: 'no_rows', message: 'The file has a header but no rows.' }]);

function kindsOf(
  wanted: readonly Named[],
  facts: ReadonlyMap<string, ColumnFacts>,
  hasScore: boolean,
  job: InspectJob,
): MeasuredColumn[] {
  const columns = wanted.map((column): MeasuredColumn => {
    const kind = columnKindOf(column, facts.get(column.name)!, hasScore, job.contract);
    const form = kind === 'categorical' ? formOf(column, job.contract) : undefined;
    return form === undefined ? { ...column, kind } : { ...column, kind, form };
  });
  alignTargets(columns, job);
  return columns;
}

async function write(
  connection: Connection,
  source: Source,
  columns: readonly MeasuredColumn[],
  job: InspectJob,
  value: (column: MeasuredColumn, from: SourceColumn) => string,
): Promise<void> {
  const select = columns.map((column) => {
    const from = source.columns.find((candidate) => candidate.name === column.name)!;
    return `${value(column, from)} AS ${name(outputName(column, job))}`;
  });
  await run(
    connection,
    `COPY (SELECT ${select.join(', ')} FROM ${source.relation}) TO ${text(job.output)} (FORMAT parquet, COMPRESSION snappy, WRITE_BLOOM_FILTER false)`,
  );
}

async function countRows(connection: Connection, parquet: string): Promise<number> {
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
  connection: Connection,
  source: Source,
  wanted: readonly Named[],
): Promise<{ count: number; facts: Map<string, ColumnFacts> }> {
  const columns = source.columns.filter((column) => wanted.some((one) => one.name === column.name));
  const targets = wanted.filter((one) => one.role === 'prediction' || one.role === 'label').map((one) => one.name);
  const aggregates = columns.flatMap((column, i) => {
    const value = name(column.name);
    const number = asNumber(column, true);
    // Only of a prediction or label does the number of values decide the kind, and counting them is dear.
    const target = targets.includes(column.name);
    const wrong = `count_if(${value} IS NOT NULL AND (${asNumber(column, false)}) IS NULL)`;
    return [
      `count(${value}) AS filled${i}`,
      `${column.source === 'text' ? wrong : '0'} AS wrong${i}`,
      `${target ? `approx_count_distinct(${value})` : '0'} AS distinct${i}`,
      `${target ? `coalesce(bool_or(isfinite(${number}) AND ${number} <> floor(${number})), false)` : 'false'} AS fractional${i}`,
    ];
  });
  const counted = `SELECT count(*) AS count, ${aggregates.join(', ')} FROM ${source.relation}`;
  const found = await row(connection, counted).catch((error: unknown) => {
    throw new DataFault([readingFault(error, source.format)]);
  });
  const sample = await dateSample(connection, source, columns);
  const facts = new Map<string, ColumnFacts>();
  columns.forEach((column, i) => {
    facts.set(column.name, {
      source: column.source,
      filled: Number(found[`filled${i}`]),
      notNumbers: Number(found[`wrong${i}`]),
      distinct: Number(found[`distinct${i}`]),
      fractional: Boolean(found[`fractional${i}`]),
      dates: Boolean(sample[`dates${i}`]),
    });
  });
  return { count: Number(found.count), facts };
}

function dateSample(connection: Connection, source: Source, columns: SourceColumn[]): Promise<Record<string, unknown>> {
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

/** Whether every row keeps the rules, and what is odd without harm; `fractions` by columns of whole numbers. */
type Checked = { sound: boolean; warnings: UploadWarning[]; fractions: Record<string, number> };

/**
 * What only the converted values show: whether every row keeps the rules, and what is odd about it without harm. Rows that do not are
 * looked for where they came from.
 */
async function checkOutput(
  connection: Connection,
  job: InspectJob,
  read: Read,
  isCounted: (feature: string) => boolean,
): Promise<Checked> {
  const { columns, facts, kept } = read;
  const file = kept === 'upload' ? job.path : job.output;
  const time = job.purpose === 'labels' ? undefined : columns.find(({ role }) => role === 'timestamp');
  const range = time && (await timesByStatistics(connection, file, time));
  const timely = range && timesHold(range, rulesOf(job));
  const told = ({ column, rule, onlyWarns }: Check) =>
    (timely && column === time) || (onlyWarns && rule === 'not_finite' && isCounted(column.name));
  const checks = columns
    .flatMap((column) => checksOf(column, name(outputName(column, job)), rulesOf(job)))
    .filter((check) => !told(check));
  const relation = keptRows(file, columns);
  const warnings: UploadWarning[] = columns.flatMap((column) => quiet(column, facts.get(column.name)));
  const fractions: Record<string, number> = {};
  if (checks.length === 0) return { sound: true, warnings, fractions };
  const any = await row(
    connection,
    `SELECT ${checks.map((check, i) => `bool_or(${check.bad}) AS bad${i}`).join(', ')} FROM ${relation}`,
  );
  const broken = checks.filter((_, i) => any[`bad${i}`] === true);
  if (broken.some((check) => !check.onlyWarns)) return { sound: false, warnings, fractions };
  if (broken.length === 0) return { sound: true, warnings, fractions };
  const counts = broken.map((check, i) => `count_if(${check.bad}) AS bad${i}`);
  const found = await row(connection, `SELECT ${counts.join(', ')} FROM ${relation}`);
  for (const [i, check] of broken.entries()) {
    const column = check.column.name;
    const count = Number(found[`bad${i}`]);
    if (check.rule === 'not_whole') {
      fractions[column] = count;
      continue;
    }
    warnings.push(...notFinite(column, count));
  }
  return { sound: true, warnings, fractions };
}

/** A word on values of a feature that are NaN or infinite, where there are any. */
export function notFinite(column: string, count: number): UploadWarning[] {
  if (count === 0) return [];
  const message = `${count} values of "${column}" are NaN or infinite; they are counted apart.`;
  return [{ code: 'values_not_finite', column, message }];
}

/** Nothing is dropped without a word: beyond what is kept of them, rows that were set aside are only counted. */
function cut(aside: AsideRows | null): UploadWarning[] {
  if (!aside || aside.kept === aside.rows) return [];
  const message = `${aside.rows} rows were set aside; the first ${aside.kept} are kept with their reasons.`;
  return [{ code: 'aside_cut', column: aside.counts[0]?.column ?? '', message }];
}

function quiet(column: MeasuredColumn, facts: ColumnFacts | undefined): UploadWarning[] {
  if (facts?.filled === 0) {
    return [{ code: 'empty_column', column: column.name, message: `The column "${column.name}" is empty.` }];
  }
  if (column.role !== 'feature' || column.kind !== 'timestamp') return [];
  const message = `The column "${column.name}" holds times; it is kept, but not compared.`;
  return [{ code: 'timestamp_feature', column: column.name, message }];
}
