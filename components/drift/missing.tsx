'use client';

import { usePanel } from '../board/context.tsx';
import { SendData } from '../board/send-data.tsx';
import { useOrigin } from '../measurements/origin.ts';
import { observationSnippet, referenceSnippet } from '../measurements/snippets.ts';
import { Snippet } from '../ui/snippet.tsx';

/** No reference and no data are different facts with different next steps. */
export function MissingData({ state }: { state: 'no_reference' | 'no_data' }) {
  const { panel } = usePanel();
  const target = { origin: useOrigin(), model: panel.model.name, version: panel.version ?? 1 };
  const missing = state === 'no_reference';
  return (
    <div className="flex min-h-0 flex-col gap-2 overflow-y-auto py-1">
      <p>
        {missing
          ? 'No reference yet: send the data this version learned from, and every later window is compared with it.'
          : 'A reference is there, and no data came in this period. Choose a longer period, or send what the model sees.'}
      </p>
      <div>
        <SendData words={missing ? 'Send a reference' : 'Send data'} />
      </div>
      <Snippet
        label={missing ? 'Send a reference from Python' : 'Send data from Python'}
        code={missing ? referenceSnippet(target) : observationSnippet(target)}
      />
    </div>
  );
}
