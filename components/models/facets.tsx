'use client';

import { facetsOf } from '../../lib/board/rules.ts';
import type { CatalogRow, CatalogSort, Facet } from '../../lib/board/schema.ts';
import { useBoard } from '../board/context.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { facetFilter } from './rows.ts';

const SORT_WORDS = {
  name: 'Name',
  worst: 'Worst first',
  alerts: 'Most open problems',
  changed: 'Last changed',
  data: 'Newest data',
} as const satisfies Record<CatalogSort, string>;

const NONE = { tier: 'unclassified', domain: 'no domain', useCase: 'no use case', owner: 'no owner' } as const;
const LABELS = { tier: 'Risk', domain: 'Domain', useCase: 'Use case', owner: 'Owner' } as const;
/** The name of each facet in the address. */
const KEYS = { tier: 'tier', domain: 'domain', useCase: 'use', owner: 'owner' } as const;
type Chosen = Exclude<Facet, 'health'>;

/** Narrows the list by its facets; the count behind each word is what choosing it would leave. */
export function Facets({ found }: { found: readonly CatalogRow[] }) {
  const { selection, select } = useBoard();
  const counts = facetsOf(found, facetFilter(selection));
  const any = selection.tier || selection.domain || selection.use || selection.owner || selection.sort;
  return (
    <div className="grid grid-cols-2 gap-1.5">
      {(Object.keys(LABELS) as Chosen[]).map((facet) => (
        <Choice
          key={facet}
          label={LABELS[facet]}
          value={selection[KEYS[facet]] ?? ''}
          onChange={(event) => void select({ [KEYS[facet]]: event.target.value || null })}
          options={[
            { value: '', label: 'Any' },
            ...counts[facet].map(({ value, count }) => ({
              value,
              label: `${value === 'none' ? NONE[facet] : value} (${count})`,
            })),
          ]}
        />
      ))}
      <Choice
        label="Order"
        value={selection.sort ?? ''}
        onChange={(event) => void select({ sort: (event.target.value || null) as CatalogSort | null })}
        options={[
          { value: '', label: selection.q ? 'Best match first' : 'As listed' },
          ...Object.entries(SORT_WORDS).map(([value, label]) => ({ value, label })),
        ]}
      />
      {any && (
        <Button
          className="self-end"
          onClick={() => void select({ tier: null, domain: null, use: null, owner: null, sort: null })}
        >
          Clear
        </Button>
      )}
    </div>
  );
}
