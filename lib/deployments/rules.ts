import { err, ok, type Result } from '../base/result.ts';

export type Served = { id: string; version: number; servingFrom: Date | null; servingTo: Date | null; state: string };
type Refused = { kind: 'conflict' | 'refused'; code: string; message: string };

/**
 * Where a rollback goes: the deployment named, or the last one before what serves now with another version.
 * Only what has served can be restored, and no version that was itself rolled back since: it needs a new revision.
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
  const wasTakenBack = ({ version }: Served) => past.find((row) => row.version === version)?.state === 'rolled_back';
  const named = wanted === undefined ? undefined : past.find((row) => row.id === wanted);
  if (named && wasTakenBack(named))
    return err({
      kind: 'conflict',
      code: 'was_rolled_back',
      message: `Version ${named.version} was rolled back: it goes live again with a new request only.`,
    });
  const target =
    wanted === undefined ? past.find((row) => row.version !== current.version && !wasTakenBack(row)) : named;
  if (!target)
    return err({
      kind: 'conflict',
      code: 'no_way_back',
      message: 'No earlier deployment has served in this environment.',
    });
  return ok(target);
}
