'use client';

import {
  createParser,
  parseAsArrayOf,
  parseAsInteger,
  parseAsString,
  parseAsStringLiteral,
  throttle,
  useQueryStates,
} from 'nuqs';
import type { Role } from '../../lib/access/schema.ts';
import type { BoardSelection } from '../../lib/board/client.ts';
import { LENSES, type Lens } from '../../lib/board/glossary.ts';
import { readMoment } from '../../lib/board/rules/moment.ts';
import { readKept, readPeriod, USUAL } from '../../lib/board/rules/period.ts';
import { readZone } from '../../lib/board/rules/zone.ts';
import { CATALOG_SORTS } from '../../lib/board/schema.ts';

export const PANELS = ['decide', 'limits', 'activity', 'data'] as const;
export type Panel = (typeof PANELS)[number];
export const WINDOWS = ['24h', '7d', '30d', '90d', '365d'] as const;
export const FILTERS = ['all', 'needs_me', 'over_limit', 'no_data'] as const;
export type Filter = (typeof FILTERS)[number];
/** What the large chart shows: a goal against its limits, or the drift of the chosen input. */
export const FOCUSES = ['goal', 'drift'] as const;
export type Focus = (typeof FOCUSES)[number];

/** The charts that may be drawn on a logarithmic axis. */
export const LOG_CHARTS = ['goal', 'drift', 'performance'] as const;
export type LogChart = (typeof LOG_CHARTS)[number];

/** Only what a person would call a step goes into history; typing and looking must not break Back. */
const push = { history: 'push' } as const;
const parseAsPeriod = createParser({
  parse: (text) => (readPeriod(text) ? text : null),
  serialize: (text: string) => text,
});
const parseAsMoment = createParser({ parse: readMoment, serialize: (text: string) => text });
const parseAsKept = createParser({
  parse: (text) => (readKept(text) ? text : null),
  serialize: (text: string) => text,
});
const parseAsZone = createParser({ parse: readZone, serialize: (text: string) => text });
const parsers = {
  m: parseAsString.withOptions(push),
  v: parseAsInteger.withOptions(push),
  cmp: parseAsInteger.withOptions(push),
  panel: parseAsStringLiteral(PANELS).withDefault('decide').withOptions(push),
  req: parseAsInteger.withOptions(push),
  kpi: parseAsString.withOptions(push),
  w: parseAsPeriod.withDefault(USUAL),
  keep: parseAsArrayOf(parseAsKept).withDefault([]),
  on: parseAsStringLiteral(FOCUSES),
  tz: parseAsZone,
  lens: parseAsStringLiteral(LENSES),
  f: parseAsString,
  metric: parseAsString,
  at: parseAsMoment,
  log: parseAsArrayOf(parseAsStringLiteral(LOG_CHARTS)).withDefault([]),
  flt: parseAsStringLiteral(FILTERS).withDefault('all'),
  tier: parseAsString,
  domain: parseAsString,
  use: parseAsString,
  owner: parseAsString,
  sort: parseAsStringLiteral(CATALOG_SORTS),
  q: parseAsString.withDefault('').withOptions({ limitUrlUpdates: throttle(200) }),
};

export const useSelection = () => useQueryStates(parsers);
export type Selection = ReturnType<typeof useSelection>[0];
export type Select = ReturnType<typeof useSelection>[1];

/** Another model: what was chosen of the former one means nothing there. */
export const ofModel = (m: string | null) => ({
  m,
  v: null,
  cmp: null,
  req: null,
  kpi: null,
  f: null,
  metric: null,
  at: null,
});

/** The part of the address that decides what is read from the server. */
export function boardSelection({ m, v, w, f, metric }: Selection): BoardSelection {
  return {
    ...(m ? { m } : {}),
    ...(v ? { v } : {}),
    ...(w !== USUAL ? { w } : {}),
    ...(f ? { f } : {}),
    ...(metric ? { metric } : {}),
  };
}

/** Everybody may look through every lens; the role only decides which one comes first. */
export function lensOf(roles: readonly Role[]): Lens {
  if (roles.includes('product')) return 'product';
  if (roles.includes('data')) return 'data';
  return roles.includes('ops') ? 'ops' : 'product';
}
