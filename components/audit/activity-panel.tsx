'use client';

import { useState } from 'react';
import { Ago, usePanel } from '../board/context.tsx';
import { CommentBox } from '../comments/comment-box.tsx';
import { Choice } from '../ui/field.tsx';
import { actWords, nounOf } from './words.ts';

const KINDS = [
  { value: '', label: 'Everything' },
  { value: 'comments', label: 'Comments' },
  { value: 'approvals', label: 'Requests and decisions' },
  { value: 'deployments', label: 'Deployments' },
  { value: 'kpis', label: 'Goals and limits' },
  { value: 'incidents', label: 'Incidents' },
  { value: 'measurements', label: 'Data' },
  { value: 'contracts', label: 'Data contracts' },
  { value: 'models', label: 'Model and versions' },
];

export function ActivityPanel() {
  const { panel } = usePanel();
  const [kind, setKind] = useState('');
  // A comment is shown with its words; its row in the record would only say that there is one.
  const acts = panel.activity
    .filter((row) => row.action !== 'comments.create' && (kind === '' || nounOf(row) === kind))
    .map((row) => ({
      id: `a${row.id}`,
      at: row.at,
      who: row.actor.name,
      said: actWords(row),
      text: row.reason,
      hash: row.hash,
    }));
  const comments = kind === '' || kind === 'comments' ? panel.comments : [];
  const rows = [
    ...acts,
    ...comments.map((c) => ({
      id: c.id,
      at: c.createdAt,
      who: c.createdBy,
      said: c.subject.type === 'request' ? `on request ${c.subject.id}` : 'commented',
      text: c.body,
      hash: null,
    })),
  ].sort((a, b) => b.at.localeCompare(a.at));
  return (
    <>
      <h2 className="text-sm font-semibold">Activity</h2>
      <CommentBox />
      <Choice label="Show" value={kind} onChange={(event) => setKind(event.target.value)} options={KINDS} />
      <ol className="flex flex-col">
        {rows.map((row) => (
          <li key={row.id} className="border-b border-line py-1.5">
            <strong>{row.who}</strong> {row.said}
            <span className="text-xs text-muted" title={row.hash ? `Record ${row.hash}` : undefined}>
              {' '}
              · <Ago at={row.at} />
            </span>
            {row.text && <span className="block break-words whitespace-pre-wrap">{row.text}</span>}
          </li>
        ))}
      </ol>
      {rows.length === 0 && <p className="text-muted">Nothing of this kind has happened yet.</p>}
    </>
  );
}
