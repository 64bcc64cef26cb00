import { rangeWords } from '../../lib/contracts/rules/change.ts';
import type { ContractColumn, DataContract, Violation } from '../../lib/contracts/schema.ts';
import { number } from '../board/format.ts';

/** What a departure is called, whatever caused it. */
export const VIOLATION_WORDS = {
  wrong_type: 'Not a number',
  timestamp_missing: 'No time',
  timestamp_unreadable: 'A time nobody can read',
  time_in_future: 'A time that has not come yet',
  time_too_old: 'A time too long ago',
  not_finite: 'Not a finite number',
  score_out_of_range: 'Not a score',
  missing_value: 'Values are missing',
  out_of_range: 'Out of range',
  not_whole: 'Not whole numbers',
  unknown_category: 'A value that is not on the list',
  new_column: 'A new column',
  missing_column: 'A column is missing',
  type_changed: 'Another type',
  stale: 'A gap in the data',
} as const satisfies Record<Violation['rule'], string>;

export const TYPE_WORDS = {
  number: 'number',
  integer: 'whole number',
  boolean: 'true or false',
  text: 'text',
  time: 'time',
  identifier: 'identifier',
} as const satisfies Record<ContractColumn['type'], string>;

/** How values of one meaning are spelled before they are counted. */
export const FORM_WORDS = {
  as_is: '',
  number: 'true counts as 1',
  boolean: '1 counts as true',
} as const satisfies Record<ContractColumn['form'], string>;

export const WHEN_BROKEN = [
  { value: 'report', label: 'Say so, and count the row' },
  { value: 'set_aside', label: 'Set the row aside' },
] as const satisfies { value: ContractColumn['whenBroken']; label: string }[];

export const percent = (share: number): string => `${Number((100 * share).toPrecision(3))}%`;

export function missingWords({ nullable, maxMissingShare }: ContractColumn): string {
  if (!nullable) return 'no';
  return maxMissingShare >= 1 ? 'yes' : `up to ${percent(maxMissingShare)}`;
}

const CATEGORIES_SHOWN = 8;

export function valueWords({ range, maxOutsideShare, categories, closed, type }: ContractColumn): string {
  if (type === 'boolean') return 'true, false';
  // Four digits are enough to read; the form that changes a bound has all of them.
  const say = (bound: number) => number(bound, 4);
  if (range)
    return `${rangeWords(range, say)}${maxOutsideShare > 0 ? `, ${percent(maxOutsideShare)} may be outside` : ''}`;
  if (!categories?.length) return 'any';
  const more = categories.length - CATEGORIES_SHOWN;
  const listed = `${categories.slice(0, CATEGORIES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return closed ? `only ${listed}` : `${listed}, and others`;
}

/** What happens to a row that breaks the terms; without a time, or with a wrong one, it belongs to no window. */
export function brokenWords({ role, whenBroken }: ContractColumn): string {
  return role === 'timestamp' || whenBroken === 'set_aside' ? 'set aside' : 'say so';
}

/** The terms of the file as a whole, in sentences. */
export function fileWords(contract: DataContract): string[] {
  const { freshnessHours, earliestAt, maxSetAsideShare } = contract;
  return [
    freshnessHours === null
      ? 'When the next rows are due is not known.'
      : `The next rows are due within ${freshnessHours} hours after the last.`,
    earliestAt === null
      ? 'Rows more than 10 minutes ahead of the clock are set aside.'
      : `Rows before ${earliestAt.slice(0, 10)} (UTC) or more than 10 minutes ahead of the clock are set aside.`,
    `A file is refused when more than ${percent(maxSetAsideShare)} of its rows cannot be counted; fewer are set aside.`,
  ];
}
