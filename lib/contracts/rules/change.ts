import { err, ok, type Result } from '../../base/result.ts';
import type { ContractChanges, ContractColumn, DataContract } from '../schema.ts';

export type ContractFault = {
  kind: 'refused';
  code: 'contract_refused';
  message: string;
  errors: { path: string; code: string; message: string }[];
};

/** The contract with the changes in it, or why they make no sense together; columns that are not named stay as they are. */
export function changeContract(held: DataContract, changes: ContractChanges): Result<DataContract, ContractFault> {
  const { columns: changed = {}, ...file } = changes;
  const errors: ContractFault['errors'] = [];
  const complain = (path: string, code: string, message: string) => errors.push({ path, code, message });
  for (const name of Object.keys(changed)) {
    if (!held.columns.some((column) => column.name === name))
      complain(`columns.${name}`, 'column_not_found', 'is not a column of the reference');
  }
  const columns = held.columns.map((column): ContractColumn => {
    const next = { ...column, ...(Object.hasOwn(changed, column.name) ? changed[column.name] : {}) };
    const at = (field: string) => `columns.${column.name}.${field}`;
    const isNumber = next.type === 'number' || next.type === 'integer';
    if (next.range && !isNumber) complain(at('range'), 'no_number', 'is for columns of numbers');
    const inWords = next.type === 'text' || next.type === 'boolean';
    if (next.categories && !inWords) complain(at('categories'), 'no_words', 'is for columns of text');
    if (next.closed && !next.categories?.length)
      complain(at('closed'), 'categories_missing', 'needs the list of categories');
    if (next.role === 'timestamp' && (!next.required || next.nullable))
      complain(at('required'), 'timestamp_needed', 'the time cannot be left out: windows are cut by it');
    return next;
  });
  if (errors.length > 0) {
    const [first] = errors;
    return err({ kind: 'refused', code: 'contract_refused', message: `${first!.path}: ${first!.message}`, errors });
  }
  return ok({ ...held, ...file, columns });
}

/** The part of a contract that some changes name: what the record of them says was and is. */
export function touchedBy(changes: ContractChanges, contract: DataContract): Record<string, unknown> {
  const { columns: named = {}, ...file } = changes;
  const of = (from: object, keys: object) => Object.fromEntries(Object.entries(from).filter(([key]) => key in keys));
  const columns = contract.columns.flatMap((column) =>
    Object.hasOwn(named, column.name) ? [[column.name, of(column, named[column.name]!)]] : [],
  );
  return { ...of(contract, file), ...(columns.length > 0 ? { columns: Object.fromEntries(columns) } : {}) };
}

/** One difference of two contracts: where, what it was and what it is. */
export type Difference = { at: string; before: string; after: string };

/** What differs between two contracts, field by field, in the order of the later one. */
export function contractDifferences(before: DataContract, after: DataContract): Difference[] {
  const fields = (a: object, b: object, at: string): Difference[] =>
    [...new Set([...Object.keys(a), ...Object.keys(b)])]
      .filter((key) => key !== 'columns' && key !== 'name')
      .flatMap((key) => {
        const [old, next] = [a, b].map((side) => said((side as Record<string, unknown>)[key]));
        return old === next ? [] : [{ at: `${at}${FIELD_WORDS[key] ?? key}`, before: old!, after: next! }];
      });
  const names = [...new Set([...after.columns, ...before.columns].map((column) => column.name))];
  const find = (contract: DataContract, name: string) => contract.columns.find((column) => column.name === name);
  return [
    ...fields(before, after, ''),
    ...names.flatMap((name) => {
      const [old, next] = [find(before, name), find(after, name)];
      if (!old || !next) return [{ at: name, before: old ? 'a column' : '–', after: next ? 'a column' : '–' }];
      return fields(old, next, `${name}: `);
    }),
  ];
}

/** The fields of a contract as people say them. */
const FIELD_WORDS: Record<string, string> = {
  freshnessHours: 'hours until the next rows',
  earliestAt: 'earliest time',
  maxSetAsideShare: 'share that may be set aside',
  required: 'must be in the file',
  nullable: 'may be missing',
  maxMissingShare: 'share that may be missing',
  maxOutsideShare: 'share that may be outside',
  closed: 'no other categories',
  whenBroken: 'when broken',
};

function said(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(', ');
  if (typeof value !== 'object') return String(value).replaceAll('_', ' ');
  const { min = null, max = null } = value as { min?: number | null; max?: number | null };
  return rangeWords({ min, max });
}

/** A range as people say it. */
export function rangeWords(
  { min, max }: { min: number | null; max: number | null },
  say: (bound: number) => string = String,
): string {
  if (min === null) return max === null ? 'any number' : `at most ${say(max)}`;
  return max === null ? `at least ${say(min)}` : `${say(min)} to ${say(max)}`;
}
