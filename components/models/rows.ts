'use client';

import { useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { foundQuery } from '../../lib/board/client.ts';
import { narrow, sortCatalog } from '../../lib/board/rules.ts';
import type { BoardView, CatalogFilter, CatalogRow } from '../../lib/board/schema.ts';
import type { Filter, Selection } from '../board/selection.ts';

const TESTS = {
  all: () => true,
  needs_me: (row) => row.needsMe > 0,
  over_limit: (row) => row.health === 'over_limit',
  no_data: (row) => row.health === 'no_data' || row.stale,
} as const satisfies Record<Filter, (row: CatalogRow) => boolean>;

export const countIn = (rows: readonly CatalogRow[], filter: Filter): number => rows.filter(TESTS[filter]).length;

/** What the list is narrowed to, as the address holds it. */
export const facetFilter = ({ tier, domain, use, owner }: Selection): CatalogFilter => ({
  tier: tier ?? undefined,
  domain: domain ?? undefined,
  useCase: use ?? undefined,
  owner: owner ?? undefined,
});

const TYPING_MS = 120;
/** What was typed, once the hand rests. */
function useRested(typed: string): string {
  const [rested, setRested] = useState(typed);
  useEffect(() => {
    const timer = setTimeout(() => setRested(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  return rested;
}

/** Rows whose own words hold all that was typed: what is shown until the server has answered with the rest. */
function holding(rows: readonly CatalogRow[], typed: string): CatalogRow[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter((row) => {
    const text = `${row.name} ${row.title ?? ''} ${row.domain ?? ''}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/**
 * The catalogue as the list shows it: `found` by the words typed (the server knows typos, tags, goals and aliases), and
 * `rows` of these that pass filter and facets, in the order asked for.
 */
export function useCatalogueRows(board: BoardView, selection: Selection): { found: CatalogRow[]; rows: CatalogRow[] } {
  const typed = selection.q.trim();
  const rested = useRested(typed);
  const { data: names } = useQuery({ ...foundQuery(rested), enabled: rested !== '' });
  const byName = new Map(board.models.map((row) => [row.name, row]));
  const answered = typed !== '' && rested === typed && names !== undefined;
  const found = answered ? names.flatMap((name) => byName.get(name) ?? []) : holding(board.models, typed);
  const kept = narrow(found.filter(TESTS[selection.flt]), facetFilter(selection));
  return { found, rows: selection.sort ? sortCatalog(kept, selection.sort) : kept };
}

export function neighbour(rows: readonly CatalogRow[], current: string | null, by: number): string | null {
  const at = rows.findIndex((row) => row.name === current);
  const next = at < 0 ? 0 : Math.max(0, Math.min(rows.length - 1, at + by));
  return next === at ? null : (rows[next]?.name ?? null);
}
