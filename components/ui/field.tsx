import {
  type InputHTMLAttributes,
  type ReactNode,
  type Ref,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react';

type Common = { label: string; hint?: string; error?: string | undefined };

export const CONTROL =
  'tap min-h-8 w-full rounded-md border border-control bg-panel px-2 py-1 aria-invalid:border-2 aria-invalid:border-breach';

function Frame({ id, label, hint, error, children }: Common & { id: string; children: ReactNode }) {
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      {children}
      {hint && (
        <p id={`${id}-hint`} className="text-xs text-muted">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} className="text-xs font-medium text-breach">
          {error}
        </p>
      )}
    </div>
  );
}

const described = (id: string, hint?: string, error?: string) =>
  [error && `${id}-error`, hint && `${id}-hint`].filter(Boolean).join(' ') || undefined;

type FieldProps = Common & InputHTMLAttributes<HTMLInputElement> & { ref?: Ref<HTMLInputElement> };
export function Field({ label, hint, error, className = '', ...rest }: FieldProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} {...(hint ? { hint } : {})} error={error}>
      <input
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, hint, error)}
        className={`${CONTROL} ${className}`}
        {...rest}
      />
    </Frame>
  );
}

type AreaProps = Common & TextareaHTMLAttributes<HTMLTextAreaElement> & { ref?: Ref<HTMLTextAreaElement> };
export function Area({ label, hint, error, ...rest }: AreaProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} {...(hint ? { hint } : {})} error={error}>
      <textarea
        id={id}
        rows={2}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, hint, error)}
        className={CONTROL}
        {...rest}
      />
    </Frame>
  );
}

type ChoiceProps = Common &
  SelectHTMLAttributes<HTMLSelectElement> & { options: readonly { value: string; label: string }[] };
export function Choice({ label, hint, error, options, ...rest }: ChoiceProps) {
  const id = useId();
  return (
    <Frame id={id} label={label} {...(hint ? { hint } : {})} error={error}>
      <select
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={described(id, hint, error)}
        className={CONTROL}
        {...rest}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </Frame>
  );
}
