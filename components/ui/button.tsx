import { type ButtonHTMLAttributes, type Ref, useId } from 'react';
import { toast } from 'sonner';

/** The server's own judgement, sent with the thing: a control that would be refused says so beforehand. */
type Able = { ok: true } | { ok: false; message: string };

type Props = Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'disabled'> & {
  kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  busy?: boolean;
  /** Only an icon: a square, without the room for words. */
  square?: boolean;
  able?: Able;
  /** Where the reason of a refusal is read: beside the button, or on hover and focus where room is short. */
  reason?: 'beside' | 'tip';
  ref?: Ref<HTMLButtonElement>;
};

const LOOKS = {
  primary: 'border-live bg-live text-on-live hover:opacity-90',
  plain: 'border-control bg-panel hover:bg-raised',
  quiet: 'border-transparent hover:bg-raised',
  danger: 'border-breach bg-panel text-breach hover:bg-raised',
} as const;

export function Button({
  kind = 'plain',
  busy,
  square,
  able,
  reason = 'tip',
  className = '',
  onClick,
  children,
  ...rest
}: Props) {
  const id = useId();
  const refused = able && !able.ok ? able.message : null;
  const blocked = refused !== null || busy === true;
  const button = (
    <button
      type="button"
      {...rest}
      aria-disabled={blocked || undefined}
      aria-busy={busy || undefined}
      aria-describedby={refused ? id : rest['aria-describedby']}
      onClick={(event) => {
        // Left focusable on purpose: a control that vanishes from the tab order cannot tell why it is refused.
        if (blocked) {
          event.preventDefault();
          if (refused) toast(refused);
          return;
        }
        onClick?.(event);
      }}
      className={`tap inline-flex min-h-7 items-center justify-center gap-1.5 rounded-md border font-medium whitespace-nowrap aria-disabled:border-line aria-disabled:bg-raised aria-disabled:text-muted ${square ? 'size-7 shrink-0' : 'px-2 py-1'} ${LOOKS[kind]} ${className}`}
    >
      {children}
      {busy && <span aria-hidden>…</span>}
    </button>
  );
  if (!refused) return button;
  if (reason === 'beside') {
    return (
      <span className="flex flex-col items-start gap-0.5">
        {button}
        <span id={id} className="text-xs text-muted">
          {refused}
        </span>
      </span>
    );
  }
  return (
    <span className="group relative inline-flex">
      {button}
      <span
        id={id}
        role="tooltip"
        className="invisible absolute top-full right-0 z-20 mt-1 w-56 rounded-md border border-control bg-panel p-2 text-xs font-normal whitespace-normal shadow-lg group-focus-within:visible group-hover:visible"
      >
        {refused}
      </span>
    </span>
  );
}
