import { Snippet } from './snippet.tsx';

/** A secret in the one moment in which it can be read. */
export function ShownOnce({ label, secret }: { label: string; secret: string }) {
  return (
    <div role="status" className="flex flex-col gap-1 rounded-md border border-watch p-2">
      <strong>Copy it now: it is shown this once.</strong>
      <Snippet label={label} code={secret} />
    </div>
  );
}
