'use client';

import { Ago, useBoard } from '../board/context.tsx';
import { ofModel } from '../board/selection.ts';

export function Inbox() {
  const { board, select } = useBoard();
  return (
    <section aria-labelledby="inbox" className="flex flex-col gap-1 border-t border-line pt-2">
      <h2 id="inbox" className="font-semibold">
        Needs me <span className="font-normal text-muted">({board.inbox.length})</span>
      </h2>
      {board.inbox.length === 0 && <p className="text-muted">Nothing waits for you.</p>}
      <ul className="flex flex-col gap-1">
        {board.inbox.map((item) => (
          <li key={`${item.kind}${item.id}`}>
            <button
              type="button"
              onClick={() =>
                void select({
                  ...ofModel(item.model),
                  panel: 'decide',
                  req: item.kind === 'incident' ? null : Number(item.id),
                })
              }
              className="flex w-full flex-col rounded-md border border-line px-2 py-1 text-left hover:bg-raised"
            >
              <span className="font-medium">{item.title}</span>
              <span className="line-clamp-2 text-xs text-muted">
                {item.detail} · <Ago at={item.at} />
              </span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
