import { contentHash } from '../../base/hash.ts';

/** Each value's part of their sum. Values so large that their sum is no number are scaled down first. */
export function sharesOf(values: Readonly<Record<string, number>>): Record<string, number> {
  const largest = Math.max(0, ...Object.values(values));
  if (largest === 0) return {};
  // In ascending order, so that the sum does not depend on the order in which the columns were written.
  const total = Object.values(values)
    .map((value) => value / largest)
    .sort((a, b) => a - b)
    .reduce((sum, value) => sum + value, 0);
  return Object.fromEntries(Object.entries(values).map(([column, value]) => [column, value / largest / total]));
}

/** What the record keeps of thousands of values: how they were measured, how many, and which they were. */
export function importanceFacts(sent: { method: string; values: Readonly<Record<string, number>> }) {
  return { method: sent.method, columns: Object.keys(sent.values).length, valuesHash: contentHash(sent.values) };
}
