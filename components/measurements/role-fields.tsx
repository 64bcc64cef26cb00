'use client';

import { Choice, Field } from '../ui/field.tsx';
import { ROLES, type Roles, type UploadKind } from './upload.ts';

const WORDS: Record<string, string> = {
  timestamp: 'When it happened',
  id: 'Id of the row',
  prediction: 'The answer',
  score: 'The score',
  label: 'The true outcome',
  segment: 'Group',
};

type Props = { kind: UploadKind; file: File; columns: string[] | null; roles: Roles; onChange: (roles: Roles) => void };

/** Which column means what. Guessed from the names where the browser can read them, and asked where it cannot. */
export function RoleFields({ kind, file, columns, roles, onChange }: Props) {
  const wanted = kind === 'labels' ? ROLES.filter((role) => role === 'id' || role === 'label') : ROLES;
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="text-xs font-semibold">
        Columns of {file.name}
        {columns ? ` (${columns.length})` : ''}
      </legend>
      <p className="text-xs text-muted">
        {columns
          ? 'Guessed from the names; every other column is an input.'
          : 'This kind of file is read on the server: name its columns. Every other column is an input.'}
      </p>
      <div className="grid grid-cols-2 gap-2">
        {wanted.map((role) =>
          columns ? (
            <Choice
              key={role}
              label={WORDS[role] ?? role}
              value={roles[role] ?? ''}
              onChange={(event) => onChange({ ...roles, [role]: event.target.value })}
              options={[
                { value: '', label: 'not in this file' },
                ...columns.map((column) => ({ value: column, label: column })),
              ]}
            />
          ) : (
            <Field
              key={role}
              label={WORDS[role] ?? role}
              value={roles[role] ?? ''}
              placeholder="not in this file"
              onChange={(event) => onChange({ ...roles, [role]: event.target.value })}
            />
          ),
        )}
      </div>
    </fieldset>
  );
}
