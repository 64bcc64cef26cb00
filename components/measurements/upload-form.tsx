'use client';

import { type DragEvent, type FormEvent, useRef, useState } from 'react';
import { api, ProblemError } from '../../lib/board/client.ts';
import type { BatchView } from '../../lib/measurements/schema.ts';
import { usePanel } from '../board/context.tsx';
import { count } from '../board/format.ts';
import { Violations } from '../contracts/violations.tsx';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice } from '../ui/field.tsx';
import { BatchFaults } from './batch-list.tsx';
import { RoleFields } from './role-fields.tsx';
import { columnsOf, formatOf, guessRoles, type Roles, sendFile, type UploadKind, uploadPath } from './upload.ts';

const KINDS = [
  { value: 'reference', label: 'Reference: what it learned from' },
  { value: 'observations', label: 'What the model sees now' },
  { value: 'labels', label: 'Outcomes that arrived later' },
];
const POLL_MS = 700;
type Progress = { sent: number; of: number; said: string };

export function UploadForm() {
  const { panel, refresh } = usePanel();
  const [kind, setKind] = useState<UploadKind>(panel.drift.reference ? 'observations' : 'reference');
  const [version, setVersion] = useState(panel.version ?? panel.versions[0]?.version ?? 1);
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<string[] | null>(null);
  const [roles, setRoles] = useState<Roles>({});
  const [progress, setProgress] = useState<Progress | null>(null);
  const [outcome, setOutcome] = useState<BatchView | null>(null);
  const [said, setSaid] = useState('');
  const [problem, setProblem] = useState<ProblemError | null>(null);
  const [over, setOver] = useState(false);
  const stop = useRef<AbortController>(null);

  const take = async (next: File | undefined) => {
    setProblem(null);
    setOutcome(null);
    setSaid('');
    if (!next) return;
    if (!formatOf(next.name)) {
      setProblem(
        new ProblemError(0, { detail: `${next.name} is neither CSV, Parquet nor NDJSON (each may be packed as .gz).` }),
      );
      return;
    }
    const found = await columnsOf(next);
    setFile(next);
    setColumns(found);
    setRoles(found ? guessRoles(found) : {});
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void take(event.dataTransfer.files[0]);
  };
  /** The file is on the server; what it makes of it takes a moment, and may still fail. */
  const follow = async (batchId: string, signal: AbortSignal, size: number) => {
    for (;;) {
      const batch = await api<BatchView>('GET', `/api/v1/batches/${batchId}`);
      if (batch.state === 'done' || batch.state === 'failed') return setOutcome(batch);
      setProgress({ sent: size, of: size, said: batch.progress ?? 'Waiting to be read' });
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
      if (signal.aborted) return;
    }
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || progress) return;
    const controller = new AbortController();
    stop.current = controller;
    setProblem(null);
    setOutcome(null);
    setSaid('');
    setProgress({ sent: 0, of: file.size, said: 'Sending' });
    try {
      const path = uploadPath(kind, panel.model.name, version, roles);
      const answer = await sendFile(
        kind === 'reference' ? 'PUT' : 'POST',
        path,
        file,
        (sent) => setProgress({ sent, of: file.size, said: sent < file.size ? 'Sending' : 'Reading' }),
        controller.signal,
      );
      if (typeof answer.batchId === 'string' && answer.state !== 'done')
        await follow(answer.batchId, controller.signal, file.size);
      else setSaid(typeof answer.rows === 'number' ? `${count(answer.rows)} rows are the reference now.` : 'Received.');
    } catch (error) {
      setProblem(
        error instanceof ProblemError ? error : new ProblemError(0, { detail: 'The file could not be sent.' }),
      );
    }
    setProgress(null);
    await refresh();
  };

  return (
    <form onSubmit={(event) => void send(event)} className="flex flex-col gap-2" aria-label="Send a file">
      <div className="grid grid-cols-[2fr_1fr] gap-2">
        <Choice
          label="What it is"
          value={kind}
          onChange={(event) => setKind(event.target.value as UploadKind)}
          options={KINDS}
        />
        <Choice
          label="Version"
          value={version}
          onChange={(event) => setVersion(Number(event.target.value))}
          options={panel.versions.map((v) => ({ value: String(v.version), label: `v${v.version}` }))}
        />
      </div>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: dropping is an extra; the field inside does the same */}
      <div
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
            onChange={(event) => void take(event.target.files?.[0])}
            className="tap min-h-7 w-full"
          />
        </label>
      </div>
      {file && <RoleFields kind={kind} file={file} columns={columns} roles={roles} onChange={setRoles} />}
      {progress && (
        <div className="flex flex-col gap-1 text-xs">
          <progress value={progress.sent} max={progress.of} aria-label="Sent" className="h-2 w-full accent-live" />
          <span role="status">
            {progress.said}: {count(progress.sent)} of {count(progress.of)} bytes
          </span>
        </div>
      )}
      <Fault problem={problem} />
      {problem && problem.errors.length > 0 && (
        <ul className="list-disc pl-4 text-xs text-breach">
          {problem.errors.map((error) => (
            <li key={error.path + error.message}>
              <strong>{error.path}</strong> {error.message}
            </li>
          ))}
        </ul>
      )}
      <div role="status" className="text-xs empty:hidden">
        {said && <p className="text-ok">✓ {said}</p>}
        {outcome && (
          <>
            <p className={outcome.state === 'done' ? 'text-ok' : 'text-breach'}>
              {outcome.state === 'done'
                ? `✓ ${count(outcome.rows ?? 0)} rows in ${count(outcome.windows ?? 0)} windows.`
                : '■ It could not be used.'}
            </p>
            <BatchFaults batch={outcome} />
            <Violations batch={outcome} />
          </>
        )}
      </div>
      <div className="flex gap-1.5">
        <Button
          type="submit"
          kind="primary"
          busy={progress !== null}
          able={file ? { ok: true } : { ok: false, message: 'Choose a file first.' }}
        >
          Send
        </Button>
        {progress && <Button onClick={() => stop.current?.abort()}>Stop</Button>}
      </div>
    </form>
  );
}
