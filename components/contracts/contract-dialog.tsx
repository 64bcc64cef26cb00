'use client';

import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { api, contractQuery } from '../../lib/board/client.ts';
import { changeContract, contractDifferences } from '../../lib/contracts/rules/change.ts';
import type { ContractChanges, ContractView } from '../../lib/contracts/schema.ts';
import { Ago, usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { ColumnFields } from './column-fields.tsx';
import { ContractTable } from './contract-table.tsx';
import { Differences } from './differences.tsx';
import { FileFields } from './file-fields.tsx';
import { ContractHistory } from './history.tsx';
import { fileWords } from './words.ts';

/** What every file of a version is held against: read by all, changed with a reason by those who answer for the data. */
export function ContractDialog() {
  const { panel, open } = usePanel();
  const version = panel.version ?? panel.versions[0]?.version ?? 1;
  const held = useQuery(contractQuery(panel.model.name, version));
  return (
    <Modal
      open
      onClose={() => open(null)}
      wide
      title={`Data contract of version ${version}`}
      about="Inferred from what the version learned from. Every file of observations is checked against it; what departs is said, and rows that cannot be counted are set aside."
    >
      {held.isPending && <p role="status">Reading the contract…</p>}
      {held.error && <p className="text-breach">{held.error.message}</p>}
      {held.data && <Contract held={held.data} reread={() => void held.refetch()} />}
    </Modal>
  );
}

function Contract({ held, reread }: { held: ContractView; reread: () => void }) {
  const { panel } = usePanel();
  const { busy, problem, write, errorAt, clear } = useWrite();
  const [changes, setChanges] = useState<ContractChanges>({});
  const [editing, setEditing] = useState<string | null>(null);
  const [wholeFile, setWholeFile] = useState(false);
  const able = panel.can.changeContract;
  const merged = changeContract(held.contract, changes);
  const contract = merged.ok ? merged.value : held.contract;
  const differences = contractDifferences(held.contract, contract);
  const column = contract.columns.find((one) => one.name === editing);
  const dirty = Object.keys(changes).length > 0;
  const errorOf = (path: string) =>
    errorAt(path) ?? (merged.ok ? undefined : merged.error.errors.find((error) => path.endsWith(error.path))?.message);
  const discard = () => {
    setChanges({});
    setEditing(null);
    setWholeFile(false);
    clear();
  };
  const save = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const reason = String(new FormData(event.currentTarget).get('reason') ?? '');
    const path = `/api/v1/models/${encodeURIComponent(held.model)}/contract?version=${held.modelVersion}`;
    const saved = await write(
      () => api<ContractView>('PATCH', path, { ...changes, reason }, { 'if-match': `"${held.etag}"` }),
      'Saved. It holds for files that come from now on.',
    );
    if (saved) discard();
    // Refused as out of date or saved: either way what is shown here has a newer version.
    reread();
  };
  return (
    <>
      <p>
        <strong>v{held.version}</strong> by {held.changedBy}, <Ago at={held.changedAt} />
        <span className="block text-xs text-muted">“{held.reason}”</span>
      </p>
      <ul className="list-disc pl-4 text-xs">
        {fileWords(contract).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
      <div>
        <Button able={able} reason="beside" onClick={() => setWholeFile(true)}>
          Change these
        </Button>
      </div>
      {wholeFile && (
        <FileFields contract={contract} onChange={(next) => setChanges({ ...changes, ...next })} errorAt={errorOf} />
      )}
      <ContractTable
        columns={contract.columns}
        changed={new Set(Object.keys(changes.columns ?? {}))}
        able={able}
        onEdit={setEditing}
      />
      {column && (
        <ColumnFields
          key={column.name}
          column={{ ...column, ...changes.columns?.[column.name] }}
          onChange={(next) => {
            const columns = { ...changes.columns, [column.name]: { ...changes.columns?.[column.name], ...next } };
            setChanges({ ...changes, columns });
          }}
          errorAt={errorOf}
        />
      )}
      {dirty && (
        <form onSubmit={(event) => void save(event)} className="flex flex-col gap-2">
          {!merged.ok && <p className="text-breach">{merged.error.message}</p>}
          {differences.length > 0 && <Differences of={differences} />}
          <Area label="Why" name="reason" required minLength={10} maxLength={2000} error={errorAt('reason')} />
          <Fault problem={problem} />
          {problem?.code === 'version_moved' && (
            <p className="text-xs">Your changes are kept on top of the newer version; look at them and save again.</p>
          )}
          <div className="flex gap-1.5">
            <Button type="submit" kind="primary" busy={busy}>
              Save as version {held.version + 1}
            </Button>
            <Button onClick={discard}>Discard</Button>
          </div>
        </form>
      )}
      <ContractHistory held={held} />
    </>
  );
}
