'use client';

import { usePanel, useWords } from '../board/context.tsx';
import { count } from '../board/format.ts';
import { Button } from '../ui/button.tsx';
import { Snippet } from '../ui/snippet.tsx';
import { BatchList } from './batch-list.tsx';
import { useOrigin } from './origin.ts';
import { labelSnippet, metricSnippet, observationSnippet, referenceSnippet } from './snippets.ts';
import { UploadForm } from './upload-form.tsx';

export function DataPanel() {
  const { panel, open } = usePanel();
  const words = useWords();
  const origin = useOrigin();
  const { versions, drift, model } = panel;
  if (versions.length === 0) {
    return (
      <>
        <h2 className="text-sm font-semibold">Send data</h2>
        <p className="text-muted">Data belongs to a version. Register the first version of this model.</p>
        <Button kind="primary" able={panel.can.registerVersion} reason="beside" onClick={() => open('version')}>
          Register a version
        </Button>
      </>
    );
  }
  const target = { origin, model: model.name, version: panel.version ?? versions[0]?.version ?? 1 };
  return (
    <>
      <h2 className="text-sm font-semibold">Send data</h2>
      <p className="text-xs text-muted">
        {words.term('reference')}:{' '}
        {drift.reference ? `${count(drift.reference.rows)} rows, ${drift.reference.columns} columns` : 'not sent yet'}
      </p>
      {drift.reference && (
        <div>
          <Button onClick={() => open('contract')}>Data contract</Button>
        </div>
      )}
      {panel.can.uploadData.ok ? <UploadForm /> : <p className="text-muted">{panel.can.uploadData.message}</p>}
      <BatchList batches={panel.batches} />
      <section aria-label="From Python" className="flex flex-col gap-2">
        <Snippet label="Send the reference from Python" code={referenceSnippet(target)} />
        <Snippet label="Send what the model sees" code={observationSnippet(target)} />
        <Snippet label="Send outcomes that arrived later" code={labelSnippet(target)} />
        <p className="text-xs text-muted">
          Outcomes meet the rows that were sent before by their id; days already judged are judged again with them. An
          outcome that comes again replaces the earlier one.
        </p>
        <Snippet label="Send figures computed elsewhere" code={metricSnippet(target)} />
        <p className="text-xs text-muted">
          A figure is kept by its name and time, and one sent again replaces itself. A goal can be set on it under
          Limits like on any other; <code>n</code>, the rows it rests on, and <code>segment</code> may be left out.
        </p>
        <p className="text-xs text-muted">
          PLUMBLINE_TOKEN is an API token with the scope data:write.{' '}
          <button type="button" className="min-h-6 underline" onClick={() => open('tokens')}>
            Make one
          </button>
        </p>
      </section>
    </>
  );
}
