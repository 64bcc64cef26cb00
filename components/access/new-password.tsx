import { PASSWORD_MIN } from '../../lib/access/schema.ts';
import { Field } from '../ui/field.tsx';

/** A password to be chosen, as the server asks for it. */
export function NewPassword({ label, error }: { label: string; error: string | undefined }) {
  return (
    <Field
      label={label}
      name="password"
      type="password"
      required
      minLength={PASSWORD_MIN}
      autoComplete="new-password"
      hint={`At least ${PASSWORD_MIN} characters.`}
      error={error}
    />
  );
}
