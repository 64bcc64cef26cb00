import type { ColumnRole } from '../contracts/schema.ts';
import type {
  ColumnKind,
  ColumnRoles,
  MeasuredColumn,
  Task,
  UploadContract,
  UploadFault,
  UploadWarning,
} from './schema.ts';

/** Below these a metric is "too few labels": its interval is wider than any limit worth having (drift.md 6a.5). */
export const MIN_LABELS = 50;
export const MIN_POSITIVES = 10;
/** A whole-number prediction or label with at most this many values is a class, with more an amount. */
export const MAX_CLASSES = 20;
/** A score without a predicted class is read as "yes" from here. */
export const DEFAULT_THRESHOLD = 0.5;

export type Purpose = 'reference' | 'observations' | 'labels';
type Assigned = { columns: Pick<MeasuredColumn, 'name' | 'role' | 'of'>[]; warnings: UploadWarning[] };

/**
 * Gives every column of a file its role. A role that the call leaves out is taken from the reference where the file has that
 * column, so that a client need not repeat it with each upload.
 */
export function assignRoles(
  names: readonly string[],
  given: ColumnRoles,
  purpose: Purpose,
  contract?: UploadContract,
): ({ ok: true } & Assigned) | { ok: false; errors: UploadFault[] } {
  const errors: UploadFault[] = [];
  const warnings: UploadWarning[] = [];
  const roles = new Map<string, ColumnRole>();
  const ignored = new Set(given.ignore ?? []);
  const take = (role: ColumnRole, name: string) => {
    if (!names.includes(name)) {
      const message = `The ${role} column "${name}" is not in the file. It has: ${listed(names)}.`;
      errors.push({ code: 'column_not_found', column: name, message });
    } else if (roles.has(name)) {
      const message = `The column "${name}" cannot be both ${roles.get(name)} and ${role}.`;
      errors.push({ code: 'role_conflict', column: name, message });
    } else roles.set(name, role);
  };
  for (const role of ['timestamp', 'id', 'prediction', 'score', 'label'] as const) {
    const name = given[role];
    if (name !== undefined) take(role, name);
  }
  for (const name of given.segment ?? []) take('segment', name);
  const attributed = new Map(Object.entries(given.attributions ?? {}));
  for (const name of attributed.keys()) take('attribution', name);

  for (const column of contract?.columns ?? []) {
    if (column.role === 'feature' || roles.has(column.name) || ignored.has(column.name)) continue;
    const many = column.role === 'segment' || column.role === 'attribution';
    if (!many && given[column.role as keyof ColumnRoles] !== undefined) continue;
    if (column.of !== undefined) attributed.set(column.name, column.of);
    if (names.includes(column.name)) roles.set(column.name, column.role);
    else if (column.role === 'score' || column.role === 'prediction') {
      const message = `The reference has a ${column.role} column "${column.name}", this file has none.`;
      warnings.push({ code: 'role_absent', column: column.name, message });
    }
  }

  const assigned = new Set(roles.values());
  const needed = { reference: [], observations: ['timestamp'], labels: ['id', 'label'] } as const;
  for (const role of needed[purpose]) {
    if (assigned.has(role) || errors.length > 0) continue;
    errors.push({ code: 'role_missing', message: `Name the ${role} column. The file has: ${listed(names)}.` });
  }
  if (purpose !== 'labels') rest(names, roles, ignored, contract, errors, warnings);
  errors.push(...misattributed(attributed, roles));
  if (errors.length > 0) return { ok: false, errors };
  const columns = names.flatMap((name) => {
    const role = roles.get(name);
    const of = role === 'attribution' ? attributed.get(name) : undefined;
    return role === undefined ? [] : [{ name, role, ...(of === undefined ? {} : { of }) }];
  });
  return { ok: true, columns, warnings };
}

/** Attribution columns that are about no feature of the file, or about the same one as another. */
function misattributed(attributed: ReadonlyMap<string, string>, roles: ReadonlyMap<string, ColumnRole>): UploadFault[] {
  const features = new Map<string, string>();
  return [...attributed].flatMap(([name, of]): UploadFault[] => {
    if (roles.get(name) !== 'attribution') return [];
    const other = features.get(of);
    features.set(of, name);
    if (other !== undefined) {
      const message = `"${other}" and "${name}" cannot both be the attributions of "${of}".`;
      return [{ code: 'role_conflict', column: name, message }];
    }
    if (roles.get(of) === 'feature') return [];
    const message = `"${name}" is the attribution of "${of}", which is no feature of the file.`;
    return [{ code: 'column_not_found', column: name, message }];
  });
}

/** The columns without a role: features, which must be those of the reference. */
function rest(
  names: readonly string[],
  roles: Map<string, ColumnRole>,
  ignored: ReadonlySet<string>,
  contract: UploadContract | undefined,
  errors: UploadFault[],
  warnings: UploadWarning[],
): void {
  const expected = new Map(contract?.columns.map((column) => [column.name, column]));
  for (const name of names) {
    if (roles.has(name) || ignored.has(name)) continue;
    if (contract === undefined || expected.get(name)?.role === 'feature') roles.set(name, 'feature');
    else {
      const message = `The reference has no column "${name}"; it is left out.`;
      warnings.push({ code: 'extra_column', column: name, message });
    }
  }
  for (const column of expected.values()) {
    if (column.role !== 'feature' && column.role !== 'segment') continue;
    if (roles.has(column.name) || (ignored.has(column.name) && names.includes(column.name))) continue;
    if (column.optional) {
      const message = `The reference has a column "${column.name}", this file has none; its values count as missing.`;
      warnings.push({ code: 'role_absent', column: column.name, message });
      continue;
    }
    const message = `The column "${column.name}" of the reference is missing. The file has: ${listed(names)}.`;
    errors.push({ code: 'column_missing', column: column.name, message, expected: column.kind });
  }
}

/** What is known of a column before its kind is decided. `source` is what the file says, `text` where it says nothing (CSV). */
export type ColumnFacts = {
  source: 'text' | 'number' | 'boolean' | 'timestamp';
  filled: number;
  notNumbers: number;
  /** Estimate, exact for few. */
  distinct: number;
  fractional: boolean;
  /** Every value looked at reads as a date. */
  dates: boolean;
};

/**
 * The kind of a column. The reference's contract decides where there is one; otherwise: numbers are numeric however few their
 * values, booleans and text are categorical. A prediction or label is a class where there is a score, where it is no number, or
 * where it is whole with few values.
 */
export function columnKindOf(
  column: { name: string; role: ColumnRole },
  facts: ColumnFacts,
  hasScore: boolean,
  contract?: UploadContract,
): ColumnKind {
  switch (column.role) {
    case 'timestamp':
      return 'timestamp';
    case 'id':
      return 'identifier';
    case 'score':
    case 'attribution':
      return 'numeric';
    case 'segment':
      return 'categorical';
  }
  const target = column.role === 'prediction' || column.role === 'label';
  const known = contract?.columns.find((c) => (target ? isTarget(c.role) : c.name === column.name));
  if (known) return known.kind;
  const number = facts.source === 'number' || (facts.source === 'text' && facts.filled > 0 && facts.notNumbers === 0);
  if (target)
    return hasScore || !number || (!facts.fractional && facts.distinct <= MAX_CLASSES) ? 'categorical' : 'numeric';
  if (facts.source === 'timestamp' || (!number && facts.source === 'text' && facts.dates)) return 'timestamp';
  return number ? 'numeric' : 'categorical';
}

/** How the words of a column are spelled, as the reference's contract says; undefined where it says nothing of it. */
export function formOf(
  column: { name: string; role: ColumnRole },
  contract: UploadContract | undefined,
): MeasuredColumn['form'] {
  const same = contract?.columns.filter((c) => c.role === column.role) ?? [];
  const single = column.role === 'prediction' || column.role === 'label' ? same[0] : undefined;
  const form = (same.find((c) => c.name === column.name) ?? single)?.form;
  return form === 'as_is' ? undefined : form;
}

/**
 * How predictions are judged, from the reference's columns and the classes seen in its labels and predictions.
 * @returns null when there is nothing to judge
 */
export function taskOf(columns: readonly MeasuredColumn[], classes: readonly string[]): Task | null {
  const targets = columns.filter((column) => isTarget(column.role));
  const hasScore = columns.some((column) => column.role === 'score');
  if (targets.length === 0) return hasScore ? { task: 'binary', positive: '1', threshold: DEFAULT_THRESHOLD } : null;
  if (targets.some((column) => column.kind === 'numeric')) return { task: 'regression' };
  if (classes.length > 2) return { task: 'multiclass', classes: [...classes].sort() };
  return { task: 'binary', positive: positiveOf(classes), threshold: DEFAULT_THRESHOLD };
}

/** Other spellings of a class: a 0/1 label in one file is true/false in the next (drift.md 0.9). */
export function spellings(value: string): string[] {
  if (value === '1' || value === 'true') return ['1', 'true'];
  if (value === '0' || value === 'false') return ['0', 'false'];
  return [value];
}

function positiveOf(classes: readonly string[]): string {
  const usual = ['1', 'true', 'yes', 'positive', 'y'];
  return classes.find((value) => usual.includes(value.toLowerCase())) ?? [...classes].sort().at(-1) ?? '1';
}

function isTarget(role: ColumnRole): boolean {
  return role === 'prediction' || role === 'label';
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 30).join(', ');
  return names.length > 30 ? `${shown} and ${names.length - 30} more` : shown;
}
