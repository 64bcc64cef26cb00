import { Button } from '../ui/button.tsx';
import { Field } from '../ui/field.tsx';

type Props = { email?: string | undefined; message: string; busy: boolean };

/** Who somebody says they are, and what became of it. */
export function SignInFields({ email, message, busy }: Props) {
  return (
    <>
      <Field label="E-mail" name="email" type="email" autoComplete="username" required defaultValue={email} />
      <Field label="Password" name="password" type="password" autoComplete="current-password" required />
      <p role="alert" className="font-medium text-breach empty:hidden">
        {message}
      </p>
      <Button type="submit" kind="primary" busy={busy}>
        Sign in
      </Button>
    </>
  );
}
