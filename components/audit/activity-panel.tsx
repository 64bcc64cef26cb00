'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import type { AuditRow } from '../../lib/audit/schema.ts';
import { activityQuery } from '../../lib/board/client.ts';
import { Ago, usePanel } from '../board/context.tsx';
import { CommentBox } from '../comments/comment-box.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { actWords } from './words.ts';

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

/** What the product does by itself bears the name of a job, which nobody knows it by. */
const nameOf = ({ kind, name }: AuditRow['actor']): string => (kind === 'job' ? 'Plumbline' : name);

export function ActivityPanel() {
  const { panel } = usePanel();
  const [kind, setKind] = useState('');
  const told = useInfiniteQuery({ ...activityQuery(panel.model.name, kind), enabled: kind !== 'comments' });
  const { fetchNextPage, hasNextPage, isFetching, isFetchNextPageError } = told;
  const pages = told.data?.pages.length ?? 0;
  const [asked, setAsked] = useState(1);
  const isBehind = hasNextPage && pages < asked && !isFetchNextPageError;
  // A change that is heard of reads the pages there are again and breaks off the read of the next: it is then begun anew.
  useEffect(() => {
    if (isBehind && !isFetching) void fetchNextPage();
  }, [isBehind, isFetching, fetchNextPage]);
  const before = () => {
    setAsked(pages + 1);
    void fetchNextPage();
  };
  const held = kind === 'comments' ? [] : (told.data?.pages.flatMap(({ items }) => items) ?? []);
  // What the board brought is there at once; the rest of the trail is asked for.
  const trail = kind === '' && !told.data ? panel.activity : held;
  // A comment is shown with its words; its row in the record would only say that there is one.
  const acts = trail
    .filter((row) => row.action !== 'comments.create')
    .map((row) => ({
      id: `a${row.id}`,
      at: row.at,
      who: nameOf(row.actor),
      said: actWords(row),
      text: row.reason,
      hash: row.hash,
    }));
  // Comments from before what is listed come with the page that they belong to.
  const from = kind === '' && hasNextPage ? (trail.at(-1)?.at ?? '') : '';
  const comments =
    kind === '' || kind === 'comments' ? panel.comments.filter(({ createdAt }) => createdAt >= from) : [];
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
      <Choice
        label="Show"
        value={kind}
        onChange={(event) => {
          setKind(event.target.value);
          setAsked(1);
        }}
        options={KINDS}
      />
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
      {told.error && <p className="text-breach">{told.error.message}</p>}
      {hasNextPage && kind !== 'comments' && (
        <Button busy={isBehind} onClick={before}>
          Show what was before
        </Button>
      )}
      {rows.length === 0 && (
        <p className="text-muted">{told.isLoading ? 'Loading…' : 'Nothing of this kind has happened yet.'}</p>
      )}
    </>
  );
}
