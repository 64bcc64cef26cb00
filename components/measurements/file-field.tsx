'use client';

import { type DragEvent, useEffect, useEffectEvent, useRef, useState } from 'react';

/**
 * Where a file is dropped or chosen. The browser's own field covers all of it, so that what is dropped before this is awake
 * lies in the field instead of opening in its place, and is taken from there.
 */
export function FileField({ onFile }: { onFile: (file: File | undefined) => void }) {
  const [over, setOver] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  const takeEarly = useEffectEvent(() => {
    const early = field.current?.files?.[0];
    if (early) onFile(early);
  });
  useEffect(() => takeEarly(), []);
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    onFile(event.dataTransfer.files[0]);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the field inside does the same
    <div
      data-drop
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={drop}
      className={`rounded-md border-2 border-dashed ${over ? 'border-live bg-raised' : 'border-control'}`}
    >
      <label className="grid *:col-start-1 *:row-start-1">
        <input
          ref={field}
          type="file"
          accept=".csv,.parquet,.ndjson,.jsonl,.gz"
          onChange={(event) => onFile(event.target.files?.[0])}
          className="tap size-full p-3 file:mr-2 file:rounded-md file:border file:border-control file:px-2 file:py-0.5"
        />
        <span className="pointer-events-none mt-11 px-3 pb-3 text-xs font-medium text-muted">
          Choose a CSV, Parquet or NDJSON file, or drop one here
        </span>
      </label>
    </div>
  );
}
