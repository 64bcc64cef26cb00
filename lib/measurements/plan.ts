import { attributionsIn } from './attributions.ts';
import { type Connection, name, row, run, text } from './duckdb.ts';
import { keptRows } from './kept.ts';
import { spellings } from './rules.ts';
import type { CategoricalBins, ColumnBins, MeasuredColumn, Task } from './schema.ts';

/** A column to be counted, on which bins. */
export type CountedColumn = { name: string; bins: ColumnBins };

/** What a scan selects: one SQL expression a column, all of plain machine types so that no value is decoded one by one. */
export type Plan = {
  relation: string;
  time: string;
  columns: string[];
  /** Null where the file has none. */
  label: string | null;
  prediction: string | null;
  score: string | null;
  /** |attribution| in whole units, -1 where there is none, by feature. */
  attributions: { of: string; units: string }[];
};

/**
 * How a code column says "a value never seen in the reference" and "no value"; known values follow. It is what the place in a list that
 * starts with NULL says by itself, so that nothing has to be worked out row by row.
 */
export const NEW_CODE = 0;
export const MISSING_CODE = 1;
export const FIRST_CODE = 2;
/** The same of a label or prediction; there the classes count from 0. */
export const MISSING_CLASS = MISSING_CODE - FIRST_CODE;
export const NEW_CLASS = NEW_CODE - FIRST_CODE;
/** How a column of numbers says "no value". */
export const MISSING_NUMBER = -Infinity;

/** A relation to scan, which numeric columns in it are finite throughout, and whether it has labels. */
export type Scanned = {
  relation: string;
  plain: ReadonlySet<string>;
  labelled: boolean;
};

/**
 * The relation to scan: the kept file, its labels overlaid by those that came late, joined on the id.
 * @param labels the same for all files of a connection: they are read once
 */
export async function scanned(
  connection: Connection,
  parquet: string,
  columns: readonly MeasuredColumn[],
  labels: readonly string[],
): Promise<Scanned> {
  const file = keptRows(parquet, columns);
  const plain = await plainNumbers(connection, file, columns);
  const id = columns.find((column) => column.role === 'id');
  const own = columns.find((column) => column.role === 'label');
  const ownLabel = own ? name(own.name) : 'NULL';
  if (labels.length === 0 || !id) {
    const relation = `(SELECT *, ${ownLabel} AS plumbline_label FROM ${file})`;
    return { relation, plain, labelled: own !== undefined };
  }
  const parts = labels.map(
    (path, i) => `SELECT id, CAST(label AS VARCHAR) AS label, ${i} AS part, file_row_number AS place
      FROM read_parquet(${text(path)}, file_row_number = true) WHERE label IS NOT NULL`,
  );
  await run(
    connection,
    `CREATE TEMP TABLE IF NOT EXISTS late AS SELECT id, arg_max(label, part * 1e12 + place) AS label
     FROM (${parts.join(' UNION ALL ')}) GROUP BY id`,
  );
  const key = name(id.name);
  const label = own ? `coalesce(late.label, CAST(f.${ownLabel} AS VARCHAR))` : 'late.label';
  const relation = `(SELECT f.*, ${label} AS plumbline_label FROM ${file} f LEFT JOIN late ON f.${key} = late.id)`;
  return { relation, plain, labelled: true };
}

/** Numeric columns without a missing or infinite value. The file's own statistics tell, so that no row is read for it. */
async function plainNumbers(
  connection: Connection,
  file: string,
  columns: readonly MeasuredColumn[],
): Promise<Set<string>> {
  const numeric = columns.filter((column) => column.kind === 'numeric');
  const asked = numeric.map(({ name: column }, i) => {
    const value = name(column);
    return `, count(${value}) AS filled${i}, min(${value}) AS min${i}, max(${value}) AS max${i}`;
  });
  const found = await row(connection, `SELECT count(*) AS n${asked.join('')} FROM ${file}`);
  const isPlain = (i: number) =>
    found[`filled${i}`] === found.n && Number.isFinite(found[`min${i}`]) && Number.isFinite(found[`max${i}`]);
  return new Set(numeric.filter((_, i) => isPlain(i)).map((column) => column.name));
}

/**
 * Expressions for a scan over `columns`, in their order, plus what the task needs; absent ones are NULL.
 * @param attributionUnit the reference's; without it attributions are not counted
 */
export async function planScan(
  connection: Connection,
  { relation, plain, labelled }: Scanned,
  measured: readonly MeasuredColumn[],
  columns: readonly CountedColumn[],
  task: Task | null,
  attributionUnit: number | null = null,
): Promise<Plan> {
  const byRole = (role: MeasuredColumn['role']) => {
    const column = measured.find((candidate) => candidate.role === role);
    return column && name(column.name);
  };
  const score = measured.find((column) => column.role === 'score')?.name;
  const present = new Set(measured.map((column) => column.name));
  const expressions: string[] = [];
  for (const [i, column] of columns.entries()) {
    if (!present.has(column.name))
      expressions.push(column.bins.kind === 'numeric' ? finite('NULL') : `CAST(${MISSING_CODE} AS SMALLINT)`);
    else if (column.bins.kind === 'numeric') expressions.push(numberOf(column.name, plain));
    else expressions.push(await code(connection, `known${i}`, name(column.name), knownValues(column.bins)));
  }
  const prediction = byRole('prediction');
  const timestamp = byRole('timestamp');
  return {
    relation,
    time: timestamp ? `CAST(epoch_ms(${timestamp}) AS DOUBLE)` : 'CAST(0 AS DOUBLE)',
    columns: expressions,
    label: await target(connection, 'labels', labelled ? 'plumbline_label' : undefined, task),
    prediction: await target(connection, 'predictions', prediction, task),
    score: score === undefined ? null : numberOf(score, plain),
    attributions: attributionUnit === null ? [] : attributionsIn(measured, attributionUnit),
  };
}

/** A numeric column as a scan selects it: DOUBLE without NULL. */
export function numberOf(column: string, plain: ReadonlySet<string>): string {
  return plain.has(column) ? name(column) : finite(name(column));
}

/** Values with a code, in code order: the categories, then other spellings of them, then the rare ones. */
export function knownValues(bins: CategoricalBins): string[] {
  return [...new Set([...bins.categories, ...bins.categories.flatMap(spellings), ...bins.rare])];
}

/** Bin of each of the `knownValues`. */
export function binOfCode(bins: CategoricalBins): Int32Array {
  const other = bins.categories.length;
  return Int32Array.from(knownValues(bins), (value) => {
    const at = bins.categories.findIndex((category) => category === value || spellings(category).includes(value));
    return at < 0 ? other : at;
  });
}

/** How a label or prediction says "no value". */
export const missingTarget = (task: Task | null): number =>
  task?.task === 'regression' ? MISSING_NUMBER : MISSING_CLASS;

/** NULL becomes `MISSING_NUMBER` and both infinities +infinity, so that a scan needs no validity bits. */
function finite(expression: string): string {
  const value = `CAST(${expression} AS DOUBLE)`;
  return `CASE WHEN ${value} IS NULL THEN '-infinity'::DOUBLE WHEN isinf(${value}) THEN 'infinity'::DOUBLE ELSE ${value} END`;
}

/** Up to so many values a list is searched: DuckDB does that once a dictionary entry of the file. A longer list would be slow without one. */
const LISTED_VALUES = 64;

/** A text column as SMALLINT codes, the same for all files of a connection. For many values an ENUM makes the look-up a vectorised hash probe. */
async function code(
  connection: Connection,
  type: string,
  expression: string,
  values: readonly string[],
): Promise<string> {
  const missing = `CAST(${MISSING_CODE} AS SMALLINT)`;
  const unknown = `CAST(${NEW_CODE} AS SMALLINT)`;
  if (values.length === 0) return `CASE WHEN ${expression} IS NULL THEN ${missing} ELSE ${unknown} END`;
  if (values.length <= LISTED_VALUES) {
    const place = `list_position([NULL, ${values.map(text).join(', ')}], ${expression})`;
    return `CAST(coalesce(${place}, ${NEW_CODE}) AS SMALLINT)`;
  }
  await run(connection, `CREATE TEMP TYPE IF NOT EXISTS ${type} AS ENUM (${values.map(text).join(', ')})`);
  return `CASE WHEN ${expression} IS NULL THEN ${missing}
    ELSE coalesce(CAST(enum_code(TRY_CAST(${expression} AS ${type})) + ${FIRST_CODE} AS SMALLINT), ${unknown}) END`;
}

async function target(
  connection: Connection,
  type: string,
  expression: string | undefined,
  task: Task | null,
): Promise<string | null> {
  if (task === null || expression === undefined) return null;
  if (task.task === 'regression') return finite(`TRY_CAST(${expression} AS DOUBLE)`);
  const value = `CAST(${expression} AS VARCHAR)`;
  if (task.task === 'multiclass')
    return `${await code(connection, type, value, task.classes)} - CAST(${FIRST_CODE} AS SMALLINT)`;
  const positive = spellings(task.positive).map(text).join(', ');
  return `CAST(CASE WHEN ${value} IS NULL THEN ${MISSING_CLASS} WHEN ${value} IN (${positive}) THEN 1 ELSE 0 END AS SMALLINT)`;
}
