import type { Contribution } from '../../lib/drift/schema.ts';
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
