import type { Role } from '../access/schema.ts';
import type { FieldError } from '../base/field-errors.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type Stage, TIERS, type Tier } from './schema.ts';

/** Aliases that an environment serves from, unless an environment names others. */
export const SERVING_ALIASES = ['champion', 'production'] as const;

export type Guard = { tier: Tier | null; everServed: boolean; servingAliases: readonly string[] };

/**
 * A model is guarded once it has a risk tier or something of it has served: from then on only an approved deployment
 * moves what serves. A model nobody has classified or deployed yet has no policy that could ask for approval.
 */
const guarded = (guard: Guard): boolean => guard.tier !== null || guard.everServed;

const GATE_TEXT =
  'is what an environment serves from: it moves with an approved deployment. Ask for it on the model’s page, under Decide.';

export function mayMoveAlias(
  alias: string,
  guard: Guard,
): Result<void, { kind: 'forbidden'; code: 'serving_alias_guarded'; message: string }> {
  if (!guarded(guard) || !guard.servingAliases.includes(alias)) return ok(undefined);
  return err({ kind: 'forbidden', code: 'serving_alias_guarded', message: `The alias ${alias} ${GATE_TEXT}` });
}

/** Into `Production` and out of it: both change what a client that asks for the stage is served. */
export function mayChangeStage(
  from: Stage,
  to: Stage,
  guard: Guard,
): Result<void, { kind: 'forbidden'; code: 'serving_stage_guarded'; message: string }> {
  const touches = (from === 'Production' || to === 'Production') && from !== to;
  if (!guarded(guard) || !touches) return ok(undefined);
  return err({ kind: 'forbidden', code: 'serving_stage_guarded', message: `The stage Production ${GATE_TEXT}` });
}

/** Clients ask by name for what serves: under a name that became free anybody could give them something else. */
export function mayRename(
  guard: Guard,
  roles: readonly Role[],
): Result<void, { kind: 'forbidden'; code: 'serving_name_guarded'; message: string }> {
  if (!guard.everServed || roles.includes('admin')) return ok(undefined);
  const message = 'This model has served under its name: only an administrator may give it another.';
  return err({ kind: 'forbidden', code: 'serving_name_guarded', message });
}

const TIER_LOWERERS: readonly Role[] = ['product', 'admin'];

/** A lower tier asks fewer people, and none at all guards nothing: that is not for those who want a version live. */
export function mayChangeTier(
  from: Tier | null,
  to: Tier | null,
  roles: readonly Role[],
): Result<void, { kind: 'forbidden'; code: 'tier_guarded'; message: string; errors: FieldError[] }> {
  const lowered = from !== null && (to === null || TIERS.indexOf(to) > TIERS.indexOf(from));
  if (!lowered || TIER_LOWERERS.some((role) => roles.includes(role))) return ok(undefined);
  const message = `may be lowered or taken away by ${TIER_LOWERERS.join(' or ')} only`;
  return err({
    kind: 'forbidden',
    code: 'tier_guarded',
    message: `The risk tier ${message}.`,
    errors: [{ path: 'tier', code: 'tier_guarded', message }],
  });
}
