'use client';

import { type FormEvent, useState } from 'react';
import { ProblemError } from '../../lib/board/client.ts';
import { usePanel } from '../board/context.tsx';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Choice } from '../ui/field.tsx';
import { BatchWork, inWork } from './batch-work.tsx';
import { ColumnTable } from './column-table.tsx';
import { FileField } from './file-field.tsx';
import { type HeadColumn, headOf } from './file-head.ts';
import { guessMeanings, type Meanings, type UploadKind, uploadPath } from './meanings.ts';
import { forgetOutcome, startSending, useSending } from './sending.ts';
import { Interrupted, SendingProgress } from './sending-progress.tsx';
import { formatOf } from './upload.ts';

const KINDS = [
  { value: 'reference', label: 'Reference: what it learned from' },
  { value: 'observations', label: 'What the model sees now' },
  { value: 'labels', label: 'Outcomes that arrived later' },
];
const UNREADABLE =
  'The browser cannot look into this file: it may be damaged, or packed in a way that only the server knows. Sent like this, every column is an input.';

export function UploadForm() {
  const { panel, refresh } = usePanel();
  const { sending, arrived, problem } = useSending();
  const [kind, setKind] = useState<UploadKind>(panel.drift.reference ? 'observations' : 'reference');
  const [version, setVersion] = useState(panel.version ?? panel.versions[0]?.version ?? 1);
  const [file, setFile] = useState<File | null>(null);
  const [columns, setColumns] = useState<HeadColumn[] | null>(null);
  const [meanings, setMeanings] = useState<Meanings>({});
  const [wrongFile, setWrongFile] = useState<ProblemError | null>(null);

  const guess = (found: readonly HeadColumn[] | null, forKind: UploadKind, forVersion: number) => {
    const isReference = (batch: (typeof panel.batches)[number]) =>
      batch.kind === 'reference' && batch.state === 'done' && batch.version === forVersion;
    const known = panel.batches.find(isReference)?.columns;
    setMeanings(
      found
        ? guessMeanings(
            found.map(({ name }) => name),
            forKind,
            known,
          )
        : {},
    );
  };
  const take = async (next: File | undefined) => {
    if (!next) return;
    forgetOutcome();
    setWrongFile(null);
    if (!formatOf(next.name)) {
      const detail = `${next.name} is neither CSV, Parquet nor NDJSON (each may be packed as .gz).`;
      return setWrongFile(new ProblemError(0, { detail }));
    }
    const found = await headOf(next);
    setFile(next);
    setColumns(found);
    guess(found, kind, version);
  };
  const send = async (event: FormEvent) => {
    event.preventDefault();
    if (!file || sending) return;
    const path = uploadPath(kind, panel.model.name, version, meanings);
    await startSending({ model: panel.model.name, version, kind }, path, file);
    await refresh();
  };
  const mine = arrived?.model === panel.model.name ? arrived : null;
  const others = panel.batches.filter((batch) => inWork(batch) && batch.batchId !== mine?.batchId);
  const told = wrongFile ?? (problem?.model === panel.model.name ? problem.error : null);

  return (
    <form onSubmit={(event) => void send(event)} className="flex flex-col gap-2" aria-label="Send a file">
      <div className="grid grid-cols-[2fr_1fr] gap-2">
        <Choice
          label="What it is"
          value={kind}
          onChange={(event) => {
            const next = event.target.value as UploadKind;
            setKind(next);
            guess(columns, next, version);
          }}
          options={KINDS}
        />
        <Choice
          label="Version"
          value={version}
          onChange={(event) => {
            const next = Number(event.target.value);
            setVersion(next);
            guess(columns, kind, next);
          }}
          options={panel.versions.map((v) => ({ value: String(v.version), label: `v${v.version}` }))}
        />
      </div>
      {kind === 'labels' && (
        <p className="text-xs text-muted">
          A file with the id of each row and its true outcome. They are matched to the rows that were sent before under
          the same id; an outcome that comes again replaces the earlier one.
        </p>
      )}
      <FileField onFile={(next) => void take(next)} />
      {file && columns === null && <p className="text-xs text-muted">{UNREADABLE}</p>}
      {file && columns && (
        <section aria-label={`First rows of ${file.name}`} className="flex flex-col gap-1">
          <h3 className="text-xs font-semibold break-words">
            {file.name} ({columns.length} {columns.length === 1 ? 'column' : 'columns'})
          </h3>
          <ColumnTable kind={kind} columns={columns} meanings={meanings} onChange={setMeanings} />
        </section>
      )}
      <Interrupted />
      <SendingProgress />
      <Fault problem={told} />
      {told && told.errors.length > 0 && (
        <ul className="list-disc pl-4 text-xs text-breach">
          {told.errors.map((error) => (
            <li key={error.path + error.message}>
              <strong>{error.path}</strong> {error.message}
            </li>
          ))}
        </ul>
      )}
      {mine && <BatchWork key={mine.batchId} batch={mine} />}
      {others.map((batch) => (
        <BatchWork key={batch.batchId} batch={batch} />
      ))}
      <div>
        <Button
          type="submit"
          kind="primary"
          busy={sending !== null}
          able={file ? { ok: true } : { ok: false, message: 'Choose a file first.' }}
        >
          Send
        </Button>
      </div>
    </form>
  );
}
