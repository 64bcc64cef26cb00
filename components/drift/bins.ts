import type { Contribution } from '../../lib/drift/schema.ts';
import type { Segment } from '../../lib/measurements/schema.ts';
import { number } from '../board/format.ts';

/** A bin in words short enough for an axis. */
export function binLabel(bin: Contribution['bin']): string {
  if ('category' in bin) return bin.category === '' ? '(empty)' : bin.category;
  if ('other' in bin) return 'other, new';
  const { above, upTo } = bin;
  if (above === null && upTo === null) return 'all';
  if (above === null) return `≤ ${number(upTo ?? 0)}`;
  return upTo === null ? `> ${number(above)}` : `${number(above)} to ${number(upTo)}`;
}

/** A segment in the same words; tables and files name it as the API does, by its exact bounds. */
export function segmentLabel(segment: Segment): string {
  if ('missing' in segment) return 'no value';
  return 'other' in segment ? 'other values' : binLabel(segment);
}
