'use client';

import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { versionQuery } from '../../lib/board/client.ts';
import type { DataOrigin, VersionPage } from '../../lib/board/schema.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { count, number } from '../board/format.ts';
import { useOrigin } from '../measurements/origin.ts';
import { loadSnippet } from '../measurements/snippets.ts';
import { Choice } from '../ui/field.tsx';
import { Modal } from '../ui/modal.tsx';
import { Snippet } from '../ui/snippet.tsx';

const ORIGIN_WORDS = {
  evidenced: '✓ Evidenced: its reference was uploaded here',
  stated: '· Stated only: a data set is named, its rows were never seen here',
  missing: '○ Missing: nobody said what it learned from',
} as const satisfies Record<DataOrigin['state'], string>;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="flex flex-col gap-1">
      <h3 className="font-semibold">{title}</h3>
      {children}
    </section>
  );
}

function Metrics({ page }: { page: VersionPage }) {
  const { live } = page;
  const names = [...new Set([...Object.keys(page.metrics), ...Object.keys(live?.metrics ?? {})])].sort();
  if (names.length === 0) return <p className="text-muted">None were sent with it.</p>;
  const show = (value: number | undefined) => (value === undefined ? '–' : number(value, 4));
  const difference = (own: number | undefined, other: number | undefined) =>
    own === undefined || other === undefined ? '–' : `${own > other ? '+' : ''}${number(own - other, 2)}`;
  const columns = ['Metric', `v${page.version}`, ...(live ? [`v${live.version}, live`, 'Difference'] : [])];
  return (
    <table className="w-full border-collapse text-sm">
      <caption className="sr-only">Metrics sent with the version</caption>
      <thead>
        <tr>
          {columns.map((column) => (
            <th key={column} scope="col" className="border-b border-line py-0.5 pr-3 text-left font-semibold">
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {names.map((name) => (
          <tr key={name} className="border-b border-line">
            <th scope="row" className="py-0.5 pr-3 text-left font-normal">
              {name}
            </th>
            <td className="py-0.5 pr-3">{show(page.metrics[name])}</td>
            {live && <td className="py-0.5 pr-3">{show(live.metrics[name])}</td>}
            {live && <td className="py-0.5">{difference(page.metrics[name], live.metrics[name])}</td>}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a client sent under names of its own: `name churn, rows 4000`. */
const pairs = (held: object): string =>
  Object.entries(held)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : value}`)
    .join(', ');

function Lineage({ page }: { page: VersionPage }) {
  const words = useWords();
  const { origin } = page;
  const params = Object.entries(page.params);
  const held = origin.reference;
  const facts: [string, string][] = [
    ['Registered', `${words.moment(page.createdAt)}, by ${page.createdBy}`],
    ['Source', page.source],
    ['Digest', page.digest ?? 'none given'],
    ['Run', page.runLink || page.runId || 'none given'],
    ['Learned from', ORIGIN_WORDS[origin.state]],
  ];
  if (held)
    facts.push([
      'Reference',
      `${count(held.rows)} rows, ${words.moment(held.at)}, by ${held.by}, SHA-256 ${held.contentHash.slice(0, 12)}…`,
    ]);
  if (origin.dataset) facts.push(['Data set', pairs(origin.dataset)]);
  if (params.length > 0) facts.push(['Parameters', pairs(page.params)]);
  return (
    <dl className="grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="contents">
          <dt className="text-muted">{name}</dt>
          <dd className="min-w-0 break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function History({ page }: { page: VersionPage }) {
  const words = useWords();
  const moves = [...page.aliasHistory].reverse();
  const version = (number: number | null) => (number === null ? 'nothing' : `v${number}`);
  return (
    <>
      <Part title="Where it has been">
        {page.deployments.length === 0 ? (
          <p className="text-muted">Never deployed.</p>
        ) : (
          <ul className="text-sm">
            {page.deployments.map((held) => (
              <li key={held.id}>
                {held.environment}, {held.servingFrom ? words.moment(held.servingFrom) : 'not yet serving'}
                {held.servingTo && ` to ${words.moment(held.servingTo)}`}, by {held.createdBy}
              </li>
            ))}
          </ul>
        )}
      </Part>
      <Part title="Aliases of the model, newest move first">
        {moves.length === 0 ? (
          <p className="text-muted">None was ever set.</p>
        ) : (
          <ul className="text-sm">
            {moves.map((move) => (
              <li key={`${move.alias} ${move.at}`}>
                <strong>{move.alias}</strong>: {version(move.from)} → {version(move.to)}, {words.moment(move.at)}, by{' '}
                {move.by}
              </li>
            ))}
          </ul>
        )}
      </Part>
    </>
  );
}

/** A version in place: what it came from, its figures beside the live one's, where it has been, how to load it. */
export function VersionsDialog() {
  const { panel, open } = usePanel();
  const words = useWords();
  const origin = useOrigin();
  const { versions, model } = panel;
  const [version, setVersion] = useState(panel.candidate ?? panel.live?.version ?? versions[0]?.version ?? 0);
  const query = useQuery({ ...versionQuery(model.name, version), enabled: versions.length > 0 });
  const page = query.data;
  return (
    <Modal open title={`${words.term('version')}s of ${model.name}`} onClose={() => open(null)} wide>
      {versions.length === 0 ? (
        <p className="text-muted">No version is registered yet.</p>
      ) : (
        <Choice
          label="Version"
          value={version}
          onChange={(event) => setVersion(Number(event.target.value))}
          options={versions.map((held) => ({
            value: String(held.version),
            label: [`Version ${held.version}`, ...held.aliases].join(' · '),
          }))}
        />
      )}
      {query.error && <p className="text-breach">{query.error.message}</p>}
      {page && (
        <>
          {page.description && <p className="whitespace-pre-wrap">{page.description}</p>}
          <Part title="Lineage">
            <Lineage page={page} />
          </Part>
          <Part title="Metrics sent with it">
            <Metrics page={page} />
          </Part>
          <History page={page} />
          <Snippet label="Load it" code={loadSnippet(origin, model.name, page.version)} />
        </>
      )}
    </Modal>
  );
}
