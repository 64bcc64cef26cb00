'use client';

import { type DragEvent, useState } from 'react';

/** Where a file is dropped or chosen: the field inside does with the keyboard what dropping does with the mouse. */
export function FileField({ onFile }: { onFile: (file: File | undefined) => void }) {
  const [over, setOver] = useState(false);
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
      className={`rounded-md border-2 border-dashed p-3 ${over ? 'border-live bg-raised' : 'border-control'}`}
    >
      <label className="flex flex-col gap-1">
        <span className="text-xs font-medium text-muted">Drop a CSV, Parquet or NDJSON file here, or choose one</span>
        <input
          type="file"
          accept=".csv,.parquet,.ndjson,.jsonl,.gz"
          onChange={(event) => onFile(event.target.files?.[0])}
          className="tap min-h-7 w-full"
        />
      </label>
    </div>
  );
}
