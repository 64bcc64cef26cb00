import type { Me } from '../access/schema.ts';
import type { Able, RequestView } from '../approvals/schema.ts';
import type { AuditRow } from '../audit/schema.ts';
import type { CommentView } from '../comments/schema.ts';
import type { DeploymentView } from '../deployments/schema.ts';
import type { DistributionView, DriftView, PerformanceView } from '../drift/schema.ts';
import type { IncidentView } from '../incidents/schema.ts';
import type { EvaluatedPoint, KpiView } from '../kpis/schema.ts';
import type { BatchView } from '../measurements/schema.ts';
import type { ModelView, VersionView } from '../models/schema.ts';

export const HEALTH = ['over_limit', 'checking', 'watch', 'on_target', 'no_data', 'no_goal'] as const;
export type Health = (typeof HEALTH)[number];

/** One row of the catalogue. `health` is the worst state of its goals; `since` is when that state began. */
export type CatalogRow = {
  name: string;
  title: string | null;
  domain: string | null;
  useCase: string | null;
  /** The addresses of those who answer for it, each once. */
  owners: string[];
  tier: 'high' | 'medium' | 'low' | null;
  liveVersion: number | null;
  candidateVersion: number | null;
  latestVersion: number;
  health: Health;
  since: string | null;
  updatedAt: string;
  lastDataAt: string | null;
  /** Data that stopped coming: shown as it is, and never as good. */
  stale: boolean;
  spark: { label: string; values: (number | null)[] };
  openIncidents: number;
  needsMe: number;
  demo: boolean;
};

export const FACETS = ['health', 'tier', 'domain', 'useCase', 'owner'] as const;
export type Facet = (typeof FACETS)[number];
/** What the catalogue is narrowed to: at most one word of each facet. */
export type CatalogFilter = Partial<Record<Facet, string | undefined>>;
export type FacetCount = { value: string; count: number };
export const CATALOG_SORTS = ['name', 'worst', 'alerts', 'changed', 'data'] as const;
export type CatalogSort = (typeof CATALOG_SORTS)[number];

/** What of the address a saved view keeps. */
export const VIEW_KEYS = ['flt', 'q', 'tier', 'domain', 'use', 'owner', 'sort'] as const;
export type SavedView = { id: string; name: string; query: Partial<Record<(typeof VIEW_KEYS)[number], string>> };

/** Something that waits for the viewer. `title` starts with the verb. */
export type InboxItem = {
  kind: 'request' | 'incident' | 'deploy' | 'revise';
  id: string;
  model: string;
  title: string;
  detail: string;
  at: string;
};

export type KpiPanel = KpiView & {
  points: (EvaluatedPoint & { kpiVersion: number; watch: number | null; breach: number })[];
  incident: number | null;
  /** The goal in a sentence, its numbers those of the record. */
  sentence: string;
};

export type BoardEvent = {
  at: string;
  kind: 'deploy' | 'rollback' | 'limit' | 'incident' | 'request' | 'version' | 'reference' | 'comment';
  label: string;
  /** When it was over, of what lasts; null while it still does. */
  until?: string | null;
};

export type ModelPanel = {
  model: ModelView;
  owners: { role: string; email: string; name: string | null }[];
  versions: VersionView[];
  live: { version: number; since: string; by: string } | null;
  candidate: number | null;
  /** The version whose data is shown. */
  version: number | null;
  /** Where a version can be put live. */
  environments: string[];
  from: string;
  to: string;
  kpis: KpiPanel[];
  drift: DriftView;
  distribution: DistributionView | null;
  performance: PerformanceView;
  stale: { since: string; days: number } | null;
  events: BoardEvent[];
  requests: RequestView[];
  incidents: IncidentView[];
  deployments: DeploymentView[];
  activity: AuditRow[];
  comments: CommentView[];
  batches: BatchView[];
  can: Record<
    | 'registerVersion'
    | 'uploadData'
    | 'readRows'
    | 'changeContract'
    | 'setGoal'
    | 'ask'
    | 'rollback'
    | 'comment'
    | 'updateModel'
    | 'handleIncident'
    | 'nameProtected',
    Able
  >;
};

export type BoardView = {
  me: Me;
  workspace: { name: string; timezone: string; currency: string; demo: boolean };
  now: string;
  /** The live position this view includes. */
  position: number;
  models: CatalogRow[];
  inbox: InboxItem[];
  views: SavedView[];
  model: ModelPanel | null;
  can: Record<'registerModel' | 'importRegistry' | 'manageUsers' | 'manageWebhooks' | 'removeDemo', Able>;
};

export const BOARD_WINDOWS = { '24h': 1, '7d': 7, '30d': 30, '90d': 90, '365d': 365 } as const;
export type BoardWindow = keyof typeof BOARD_WINDOWS;

/** One move of a registry alias; null: it did not exist before, or does not any more. */
export type AliasMove = { alias: string; from: number | null; to: number | null; by: string; at: string };
/** `evidenced`: the reference was uploaded here and is known by its hash; `stated`: somebody named a data set; or nothing. */
export type DataOrigin = {
  state: 'evidenced' | 'stated' | 'missing';
  dataset: unknown;
  reference: { rows: number; by: string; at: string; contentHash: string } | null;
};
export type VersionPage = VersionView & {
  /** The version that serves in production, where that is another one. */
  live: { version: number; metrics: Record<string, number> } | null;
  origin: DataOrigin;
  deployments: DeploymentView[];
  aliasHistory: AliasMove[];
};
