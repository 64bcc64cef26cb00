import { ROLES, type Role } from '../../lib/access/schema.ts';

/** What somebody may do, to tick. */
export function RoleFields({ held, error }: { held: readonly Role[]; error: string | undefined }) {
  return (
    <>
      <fieldset className="flex flex-wrap gap-x-3">
        <legend className="text-xs font-medium text-muted">Roles</legend>
        {ROLES.map((role) => (
          <label key={role} className="flex min-h-6 items-center gap-1.5">
            <input type="checkbox" name="role" value={role} defaultChecked={held.includes(role)} className="size-4" />
            {role}
          </label>
        ))}
      </fieldset>
      {error && <p className="text-xs text-breach">{error}</p>}
    </>
  );
}
