import type { ColumnFacts, DataContract, ReferenceFacts } from '../contracts/schema.ts';
import { isQuantileBinning } from './bins.ts';
import { unpackCounts } from './counts.ts';
import type { Reference } from './queries.ts';
import type { ColumnCounts, MeasuredColumn, NumericBins, ProfiledColumn, Task, UploadContract } from './schema.ts';

/** What a contract is inferred from: the reference's profile holds all of it, so that no row is read again. */
export function factsOf({ id, rows, columns, profile }: Reference): ReferenceFacts {
  return {
    id,
    rows,
    days: (profile.windows ?? []).map((day) => day.start),
    columns: columns.map((column) => {
      const profiled = profile.columns.find((one) => one.name === column.name);
      return profiled ? profiledFacts(column, profiled) : bareFacts(column, profile.task);
    }),
  };
}

function profiledFacts({ name, role, kind }: MeasuredColumn, { bins, counts }: ProfiledColumn): ColumnFacts {
  const { min = null, max = null } = counts.moments ?? {};
  const facts = { name, role, kind, missing: counts.missing, min, max };
  if (bins.kind === 'categorical')
    return { ...facts, whole: false, values: bins.categories, complete: bins.rareComplete && bins.rare.length === 0 };
  return { ...facts, whole: isWhole(bins, counts), values: null, complete: false };
}

/**
 * Whether every value is known to be whole. Only bins of one value each prove it: an edge between whole numbers is then a decile that
 * fell between two of them, and no row lies in its bin.
 */
function isWhole(bins: NumericBins, { counts, moments }: ColumnCounts): boolean {
  if (!moments || isQuantileBinning(bins) || !Number.isInteger(moments.max)) return false;
  const held = unpackCounts(counts);
  return bins.edges.every((edge, i) => Number.isInteger(edge) || held[i] === 0);
}

/** Outcomes, times and ids are not compared; of the outcomes the classes are known. */
function bareFacts({ name, role, kind }: MeasuredColumn, task: Task | null): ColumnFacts {
  const facts = { name, role, kind, missing: null, min: null, max: null, whole: false, complete: false };
  if (role !== 'label' || kind !== 'categorical') return { ...facts, values: null };
  if (task?.task === 'multiclass') return { ...facts, values: task.classes };
  const positive = task?.task === 'binary' ? task.positive : null;
  const pair = positive === 'true' ? ['true', 'false'] : positive === '1' ? ['1', '0'] : null;
  return { ...facts, values: pair };
}

/** What the reader is given: the reference's columns, and of the contract in force what it says of them. */
export function contractFor(columns: readonly MeasuredColumn[], rules: DataContract): UploadContract {
  return {
    columns: columns.map((column) => {
      const terms = rules.columns.find((one) => one.name === column.name);
      return terms ? { ...column, form: terms.form, optional: !terms.required } : column;
    }),
    rules,
  };
}
