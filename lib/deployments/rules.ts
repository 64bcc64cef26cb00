import { err, ok, type Result } from '../base/result.ts';

export type Served = { id: string; version: number; servingFrom: Date | null; servingTo: Date | null; state: string };
type Refused = { kind: 'conflict' | 'refused'; code: string; message: string };

/**
 * Where a rollback goes: the deployment named, or the last one before what serves now with another version.
 * Only what has served can be restored.
 */
export function rollbackTarget(history: readonly Served[], wanted: string | undefined): Result<Served, Refused> {
  const current = history.find((row) => row.servingFrom !== null && row.servingTo === null);
  if (!current)
    return err({
      kind: 'conflict',
      code: 'nothing_serves',
      message: 'Nothing serves in this environment: there is nothing to roll back.',
    });
  const past = history
    .filter((row) => row.servingFrom !== null && row.id !== current.id)
    .sort((a, b) => b.servingFrom!.getTime() - a.servingFrom!.getTime());
  const target =
    wanted === undefined
      ? past.find((row) => row.version !== current.version && row.state !== 'rolled_back')
      : past.find((row) => row.id === wanted);
  if (!target)
    return err({
      kind: 'conflict',
      code: 'no_way_back',
      message: 'No earlier deployment has served in this environment.',
    });
  return ok(target);
}
