'use client';

import type { RequestView } from '../../lib/approvals/schema.ts';
import { Ago, useWords } from '../board/context.tsx';
import { DECISION_WORDS, ROLE_WORDS } from './words.ts';

export function Slots({ request }: { request: RequestView }) {
  const words = useWords();
  const filled = request.slots.filter((slot) => slot.filledBy !== null).length;
  return (
    <div>
      <h3 className="text-xs font-semibold" title={words.others('signoff')}>
        {words.term('signoff')}:{' '}
        <span data-fact={`request:${request.id}:filled`} data-value={filled}>
          {filled} of {request.slots.length}
        </span>
      </h3>
      <ul className="text-xs">
        {request.slots.map((slot) => (
          <li key={slot.name} className="flex items-baseline justify-between gap-2 border-b border-line py-1">
            <span className="font-medium">
              {slot.name}
              {slot.roles.length > 1 && (
                <span className="font-normal text-muted">
                  {' '}
                  ({slot.roles.map((role) => ROLE_WORDS[role]).join(' or ')})
                </span>
              )}
            </span>
            {slot.filledBy ? (
              <span className="text-right font-semibold text-ok">
                <span aria-hidden>✓ </span>
                {slot.filledBy}
              </span>
            ) : (
              <span className="text-right text-nodata">
                <span aria-hidden>○ </span>
                waiting for{' '}
                {slot.eligible.length === 0
                  ? 'somebody with the role'
                  : slot.eligible.length <= 2
                    ? slot.eligible.map((person) => person.name).join(' or ')
                    : `one of ${slot.eligible.length} people`}
              </span>
            )}
          </li>
        ))}
      </ul>
      {request.votes.length > 0 && (
        <ul className="mt-1 flex flex-col gap-0.5 text-xs text-muted">
          {request.votes.map((vote) => (
            <li key={vote.userId + vote.createdAt} className={vote.outdated ? 'border-l-2 border-watch pl-1.5' : ''}>
              <span className="text-ink">{vote.user}</span> {DECISION_WORDS[vote.decision]} as {ROLE_WORDS[vote.role]},{' '}
              <Ago at={vote.createdAt} />
              {vote.outdated && <strong className="text-watch"> ▲ before a change: does not count any more</strong>}
              {vote.note && <span className="block">“{vote.note}”</span>}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
