'use client';

import { memo } from 'react';
import type { CatalogRow } from '../../lib/board/schema.ts';
import { HEALTH_LOOKS } from '../board/states.tsx';
import { Spark } from '../charts/spark.tsx';

export const ROW_PX = 46;

type Props = {
  row: CatalogRow;
  selected: boolean;
  tabStop: boolean;
  top?: number;
  /** How long ago the last data came, in words; empty where data keeps coming. */
  silent: string;
};

/** Only values come in, so that choosing another model draws two rows anew and not the whole list. */
export const CatalogueRow = memo(function CatalogueRow({ row, selected, tabStop, top, silent }: Props) {
  const look = HEALTH_LOOKS[row.health];
  const live = row.liveVersion === null ? 'none live' : `v${row.liveVersion}`;
  const versions = row.candidateVersion === null ? live : `${live} → v${row.candidateVersion}`;
  return (
    <li
      className={top === undefined ? undefined : 'absolute inset-x-0'}
      style={top === undefined ? undefined : { top }}
    >
      <button
        type="button"
        data-row={row.name}
        aria-current={selected ? 'true' : undefined}
        tabIndex={tabStop ? 0 : -1}
        title={row.title ?? row.name}
        className="flex h-[46px] w-full items-center gap-2 border-b border-l-3 border-line border-l-transparent px-2 text-left -outline-offset-2 hover:bg-raised aria-current:border-l-live aria-current:bg-raised"
      >
        <span aria-hidden className={`w-4 shrink-0 text-center ${look.tone}`}>
          {look.glyph}
        </span>
        <span className="not-strip min-w-0 flex-1">
          <span className="flex items-center gap-1.5">
            <span className="truncate font-semibold">{row.name}</span>
            {row.needsMe > 0 && (
              <span className="shrink-0 rounded-sm border border-live px-1 text-[11px] leading-4 text-live">
                {row.needsMe} for you
              </span>
            )}
          </span>
          <span className="block truncate text-xs text-muted">
            <span data-fact={`health:${row.name}`} data-value={row.health}>
              {look.word}
            </span>{' '}
            · {versions}
            {silent && ` · last data ${silent}`}
          </span>
        </span>
        <span className="not-strip">
          <Spark values={row.spark.values} />
        </span>
      </button>
    </li>
  );
});
