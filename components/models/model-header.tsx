'use client';

import { Link2 } from 'lucide-react';
import type { CatalogRow } from '../../lib/board/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { PinHeard, PinNote } from '../board/pin-note.tsx';
import { Button } from '../ui/button.tsx';
import { copyText } from '../ui/snippet.tsx';

const HEAD = 'part-head flex shrink-0 flex-wrap items-center gap-1.5';
const NAME = 'min-w-0 truncate text-[17px] leading-7 font-semibold';
const OWNERS = 'not-phone min-w-0 flex-1 basis-40 truncate text-xs text-muted';
const CHIP = 'rounded-md border border-control px-1.5 text-xs leading-5 whitespace-nowrap';

export function ModelHeader() {
  const { panel, selection, select, open, showRail } = usePanel();
  const words = useWords();
  const { model, live, candidate, can, versions } = panel;
  const owners = panel.owners.map(({ role, email, name }) => `${role}: ${name ? `${name} (${email})` : email}`);
  const names = panel.owners.map(({ role, email, name }) => `${role}: ${name ?? email}`);
  const proposed = candidate ?? versions.find((held) => held.version !== live?.version)?.version ?? null;
  const go = (next: 'decide' | 'data') => () => {
    void select({ panel: next, req: null });
    showRail();
  };
  return (
    <div className={HEAD}>
      <h1 className={NAME} title={[model.title ?? model.name, ...owners].join(' · ')}>
        {model.name}
      </h1>
      {model.title && <span className="not-phone min-w-0 shrink truncate text-muted">{model.title}</span>}
      {model.demo && <span className={`${CHIP} border-estimated font-semibold text-estimated`}>Sample data</span>}
      <button
        type="button"
        onClick={() => open('versions')}
        className={`${CHIP} min-h-6 hover:bg-raised`}
        data-fact={`live:${model.name}`}
        data-value={live?.version ?? 'none'}
        title={`${live ? `Since ${words.moment(live.since)}, by ${live.by}. ` : ''}Versions and lineage`}
      >
        {live ? `v${live.version} ${words.term('live')}` : 'nothing live'}
      </button>
      {candidate !== null && (
        <span className={CHIP} data-fact={`candidate:${model.name}`} data-value={candidate}>
          <span aria-hidden className="text-candidate">
            ◆{' '}
          </span>
          v{candidate} {words.term('candidate')}
        </span>
      )}
      <button
        type="button"
        onClick={() => open('model')}
        title={`${words.term('tier')}. ${words.others('tier')}`}
        className={`${CHIP} min-h-6 hover:bg-raised ${model.tier ? '' : 'border-watch text-watch'}`}
      >
        {model.tier ? `${model.tier} risk` : 'Unclassified – set tier'}
      </button>
      {selection.at ? (
        <PinNote />
      ) : (
        <span className={OWNERS} title={owners.join(' · ')}>
          {names.join(' · ') || 'no owner yet'}
        </span>
      )}
      <PinHeard />
      <span className="part-actions ml-auto flex flex-wrap gap-1 [&_button]:text-xs">
        <Button
          aria-label="Copy link"
          title="Copy link (L)"
          square
          onClick={() => void copyText(window.location.href, 'Link copied.')}
        >
          <Link2 aria-hidden size={15} />
        </Button>
        <Button able={can.registerVersion} onClick={() => open('version')}>
          New version
        </Button>
        <Button able={can.uploadData} onClick={go('data')}>
          Send data
        </Button>
        <Button able={can.rollback} onClick={() => open('rollback')}>
          {words.term('rollback')}
        </Button>
        <Button kind="primary" able={can.ask} onClick={go('decide')}>
          {proposed === null ? 'Ask to go live' : `Ask to put v${proposed} live`}
        </Button>
      </span>
    </div>
  );
}

/** The header of a model that is still being read, from what the catalogue knows of it, at the height it will have. */
export function ComingHeader({ row }: { row: CatalogRow }) {
  const words = useWords();
  return (
    <div className={HEAD}>
      <h1 className={NAME}>{row.name}</h1>
      {row.demo && <span className={`${CHIP} border-estimated font-semibold text-estimated`}>Sample data</span>}
      <span className={CHIP}>
        {row.liveVersion === null ? 'nothing live' : `v${row.liveVersion} ${words.term('live')}`}
      </span>
      <span className={CHIP}>{row.tier ? `${row.tier} risk` : 'Unclassified – set tier'}</span>
      <span className={OWNERS} />
      <span className="part-actions ml-auto min-h-7 basis-full" />
      <p className="sr-only" role="status">
        Loading {row.name}
      </p>
    </div>
  );
}
