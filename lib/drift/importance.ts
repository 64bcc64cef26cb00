import { ownValue } from '../base/own-value.ts';
import type { ProfiledColumn, ReferenceProfile } from '../measurements/schema.ts';
import { sharesOf } from '../models/rules/importance.ts';
import type { DriftFeature, DriftResult, ImportanceSource } from './schema.ts';

/** What is said of computed importance wherever it is shown. */
export const COMPUTED_METHOD =
  'association of the column with the score (share of its variance, corrected for chance), one column at a time, without interactions';

/** `explained`: the share of the score's variance, by column, where that is what the shares were made of. */
export type Importance = {
  source: ImportanceSource | null;
  method: string | null;
  shares: Readonly<Record<string, number>>;
  explained: Readonly<Record<string, number>>;
};

/** Sent importance wins over what the reference's rows tell. A column that what was sent leaves out does not matter. */
export function importanceOf(
  profile: Pick<ReferenceProfile, 'association'>,
  sent: { method: string; values: Readonly<Record<string, number>> } | undefined,
): Importance {
  if (sent) return { source: 'sent', method: sent.method, shares: sharesOf(sent.values), explained: {} };
  const found = Object.entries(profile.association?.columns ?? {});
  const explained = Object.fromEntries(found.map(([column, { epsilon2 }]) => [column, epsilon2]));
  const shares = sharesOf(explained);
  // Where no column explains anything, nothing is known of their importance.
  if (Object.keys(shares).length === 0) return { source: null, method: null, shares: {}, explained: {} };
  return { source: 'computed', method: COMPUTED_METHOD, shares, explained };
}

/**
 * A column's importance, and what its drift is worth a look: the PSI beyond its noise limit times the importance. What the model puts
 * out weighs as much as all inputs together: importance is about it.
 */
export function weigh(
  { source, shares }: Importance,
  column: Pick<ProfiledColumn, 'name' | 'role'>,
  latest: Pick<DriftResult, 'psi' | 'noiseLimit'> | null,
): Pick<DriftFeature, 'importance' | 'priority'> {
  if (source === null) return { importance: null, priority: null };
  const output = column.role === 'score' || column.role === 'prediction';
  const importance = output ? null : (ownValue(shares, column.name) ?? 0);
  const beyond = latest ? Math.max(0, latest.psi - latest.noiseLimit) : 0;
  return { importance, priority: beyond * (importance ?? 1) };
}

type Unranked = Pick<DriftFeature, 'name' | 'priority'> & { latest: Pick<DriftResult, 'psi'> | null };

/** What to look at first comes first: by drift times importance, then by drift, then by name, so that the order never jumps. */
export function ranked<T extends Unranked>(features: readonly T[]): (T & { rank: number })[] {
  return features
    .toSorted(
      (a, b) =>
        (b.priority ?? 0) - (a.priority ?? 0) ||
        (b.latest?.psi ?? -1) - (a.latest?.psi ?? -1) ||
        (a.name < b.name ? -1 : 1),
    )
    .map((feature, i) => ({ ...feature, rank: i + 1 }));
}
