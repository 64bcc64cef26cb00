import { type Connection, name, row } from './duckdb.ts';
import type { AttributionSums, MeasuredColumn } from './schema.ts';

/** Units in the reference's largest |attribution|: 33 million rows of that size sum below 2^53, up to where doubles count one by one. */
const UNITS_IN_LARGEST = 2 ** 28;
/** One wild value counts at most as 65,536 times the reference's largest, so that it leaves the other rows of a sum their digits. */
const MOST_UNITS = 2 ** 44;

/**
 * What one unit of |attribution| stands for in everything counted on this reference: a power of two, from the largest of all its
 * attribution columns. Whole units sum to the same number in any order of rows, files and windows, which fractions do not.
 * @returns null where the reference has no attributions
 */
export async function attributionUnit(
  connection: Connection,
  relation: string,
  columns: readonly MeasuredColumn[],
): Promise<number | null> {
  const attributions = columns.filter((column) => column.role === 'attribution');
  if (attributions.length === 0) return null;
  const largest = attributions.map((column) => {
    const value = `abs(${name(column.name)})`;
    return `coalesce(max(${value}) FILTER (WHERE isfinite(${value})), 0)`;
  });
  const found = await row(connection, `SELECT greatest(${largest.join(', ')}, 0) AS largest FROM ${relation}`);
  const top = Number(found.largest);
  return top > 0 ? 2 ** Math.ceil(Math.log2(top)) / UNITS_IN_LARGEST : 1;
}

/** The attribution columns of a file by feature, as SQL for whole units; -1 stands for a row that has none. */
export function attributionsIn(columns: readonly MeasuredColumn[], unit: number): { of: string; units: string }[] {
  return columns.flatMap((column) => {
    if (column.role !== 'attribution' || column.of === undefined) return [];
    const value = `CAST(${name(column.name)} AS DOUBLE)`;
    const units = `least(round(abs(${value}) / CAST(${unit} AS DOUBLE)), ${MOST_UNITS})`;
    return [{ of: column.of, units: `CAST(CASE WHEN isfinite(${value}) THEN ${units} ELSE -1 END AS DOUBLE)` }];
  });
}

/** Sums whole units by window for each of `features`. */
export function attributionTally(features: readonly string[]): {
  add(feature: number, units: ArrayLike<number>, windows: Int32Array, rows: number): void;
  read(window: number): AttributionSums;
} {
  const sums = features.map((): { n: number; sum: number }[] => []);
  return {
    add(feature, units, windows, rows) {
      const byWindow = sums[feature]!;
      for (let i = 0; i < rows; i++) {
        const value = units[i]!;
        if (!(value >= 0)) continue;
        const held = byWindow[windows[i]!] ?? { n: 0, sum: 0 };
        byWindow[windows[i]!] = held;
        held.n++;
        held.sum += value;
      }
    },
    read: (window) => Object.fromEntries(features.map((of, i) => [of, sums[i]![window] ?? { n: 0, sum: 0 }])),
  };
}
