'use client';

import { useQuery } from '@tanstack/react-query';
import { contractVersionsQuery } from '../../lib/board/client.ts';
import { contractDifferences } from '../../lib/contracts/rules/change.ts';
import type { ContractView } from '../../lib/contracts/schema.ts';
import { Ago } from '../board/context.tsx';
import { Differences } from './differences.tsx';

/** Every version with what it changed, by whom and why. Nothing here can be altered. */
export function ContractHistory({ held }: { held: ContractView }) {
  const versions = useQuery(contractVersionsQuery(held.model, held.modelVersion, held.version));
  const items = versions.data ?? [];
  return (
    <section aria-labelledby="contract-history" className="border-t border-line pt-2">
      <h3 id="contract-history" className="font-semibold">
        History
      </h3>
      {versions.isPending && <p className="text-muted">Reading the versions…</p>}
      {versions.error && <p className="text-breach">{versions.error.message}</p>}
      <ol className="flex flex-col text-xs">
        {items.map((item, at) => {
          const before = items[at + 1];
          return (
            <li key={item.version} className="border-b border-line py-1">
              <strong>v{item.version}</strong> by {item.changedBy}, <Ago at={item.changedAt} />
              {before && <Differences of={contractDifferences(before.contract, item.contract)} />}
              <span className="block text-muted">“{item.reason}”</span>
            </li>
          );
        })}
      </ol>
    </section>
  );
}
