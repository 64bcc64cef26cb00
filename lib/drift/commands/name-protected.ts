import { and, desc, eq } from 'drizzle-orm';
import * as z from 'zod';
import { references } from '../../../db/schema/measurements.ts';
import { modelProtection } from '../../../db/schema/models.ts';
import { exact, reason } from '../../base/text.ts';
import { segmentsOf } from '../../measurements/bins.ts';
import type { ReferenceProfile } from '../../measurements/schema.ts';
import { lockModel, viewProtection } from '../../models/queries.ts';
import { ANSWERS, LIMITS, type Protection } from '../../models/schema.ts';
import { defineCommand } from '../../shell/command.ts';
import { refused } from '../../shell/errors.ts';
import { segmentName } from '../rules.ts';

const nameProtectedInput = z.strictObject({
  model: exact(LIMITS.name),
  columns: z
    .array(z.strictObject({ column: exact(LIMITS.column), base: exact(LIMITS.column).nullish() }))
    .max(LIMITS.protectedColumns, `must have at most ${LIMITS.protectedColumns} columns`)
    .refine((all) => new Set(all.map(({ column }) => column)).size === all.length, 'must name each column once'),
  favourable: z.enum(ANSWERS).default('positive'),
  reason,
});

/** Names the columns by which people must not fare worse, in place of those named before, and says why. None takes the naming back. */
export const nameProtected = defineCommand(
  'drift.name-protected',
  nameProtectedInput,
  async ({ tx, actor, now }, input) => {
    const model = await lockModel(tx, input.model);
    const before = await viewProtection(tx, model.id);
    const rows = await tx
      .select({ profile: references.profile })
      .from(references)
      .where(and(eq(references.modelId, model.id), references.current))
      .orderBy(desc(references.version));
    const profiles = rows.map(({ profile }) => profile as ReferenceProfile);
    for (const [i, named] of input.columns.entries()) refuseUnknown(profiles, named, i);
    const columns = input.columns.map(({ column, base }) => ({ column, base: base ?? null }));
    const { favourable } = input;
    const row = { columns, favourable, reason: input.reason, namedBy: actor.name, namedAt: now };
    await tx
      .insert(modelProtection)
      .values({ modelId: model.id, ...row })
      .onConflictDoUpdate({ target: modelProtection.modelId, set: row });
    const value: Protection = { ...row, namedAt: now.toISOString() };
    return {
      value,
      subject: { type: 'model', id: model.id, model },
      before: { columns: before.columns, favourable: before.favourable },
      after: { columns, favourable },
      reason: input.reason,
    };
  },
);

/** Before any reference there is nothing to know a column by; after it a misspelled one would protect nobody. */
function refuseUnknown(
  profiles: readonly ReferenceProfile[],
  { column, base }: { column: string; base?: string | null | undefined },
  at: number,
): void {
  if (profiles.length === 0) return;
  const held = profiles.flatMap(({ columns }) => columns.filter(({ name }) => name === column));
  if (held.length === 0) {
    const known = profiles[0]!.columns.map(({ name }) => name).slice(0, 30);
    const message = `No reference of this model has the column "${column}". The newest has: ${known.join(', ')}.`;
    throw refused('unknown_column', `columns.${at}.column`, message);
  }
  if (base === undefined || base === null) return;
  const groups = held.flatMap(({ bins }) => segmentsOf(bins).map(segmentName));
  if (groups.includes(base)) return;
  const message = `"${column}" has no group "${base}". It has: ${[...new Set(groups)].slice(0, 30).join(', ')}.`;
  throw refused('unknown_group', `columns.${at}.base`, message);
}
