import { cut } from '../../base/cut.ts';
import type { CommentView } from '../../comments/schema.ts';
import type { DeploymentView } from '../../deployments/schema.ts';
import type { IncidentView } from '../../incidents/schema.ts';
import type { VersionView } from '../../models/schema.ts';
import type { BoardEvent } from '../schema.ts';
import { readMoment } from './moment.ts';

/** What happened to a model, as each part of the product keeps it. */
export type Happened = {
  deployments: readonly DeploymentView[];
  incidents: readonly IncidentView[];
  limits: readonly { at: Date; name: string; version: number; reason: string }[];
  requests: readonly { id: number; at: Date; version: number | null }[];
  references: readonly { at: Date; version: number; rows: number | null }[];
  versions: readonly Pick<VersionView, 'version' | 'createdAt'>[];
  comments: readonly Pick<CommentView, 'subject' | 'body' | 'createdAt' | 'createdBy'>[];
};

/** A remark on an axis is a hint at the remark, which is read in full under Activity. */
const REMARK_MAX = 80;
const shortened = (text: string): string => (text.length > REMARK_MAX ? `${cut(text, REMARK_MAX - 1)}…` : text);

/** A remark on a moment stands there, `name@2026-03-12T00:00Z`, whenever it was made. */
function momentOf({ type, id }: CommentView['subject']): string | null {
  const at = type === 'moment' ? readMoment(id.slice(id.lastIndexOf('@') + 1)) : null;
  return at && new Date(at).toISOString();
}

/** Everything a chart's lane shows, in order; an incident lasts until the figure was good again. */
export function eventsOf(happened: Happened, from: Date): BoardEvent[] {
  const { deployments, incidents, limits, requests, references, versions, comments } = happened;
  const events: BoardEvent[] = [
    ...deployments.flatMap((row): BoardEvent[] => {
      if (row.servingFrom === null) return [];
      const what = row.kind === 'deploy' ? 'Version' : 'Back to version';
      return [{ at: row.servingFrom, kind: row.kind, label: `${what} ${row.version} in ${row.environment}` }];
    }),
    ...incidents.map((row): BoardEvent => {
      const until = row.recoveredAt ?? row.resolvedAt;
      return { at: row.windowStart, kind: 'incident', label: `${row.kpi} over its limit`, until };
    }),
    ...limits.map(
      ({ at, name, version, reason }): BoardEvent => ({
        at: at.toISOString(),
        kind: 'limit',
        label: `${name}: limits v${version}. ${reason}`,
      }),
    ),
    ...requests.map(
      ({ id, at, version }): BoardEvent => ({
        at: at.toISOString(),
        kind: 'request',
        label: `Request ${id}${version === null ? '' : ` for version ${version}`}`,
      }),
    ),
    ...references.map(
      ({ at, version, rows }): BoardEvent => ({
        at: at.toISOString(),
        kind: 'reference',
        label: `New reference for version ${version}${rows === null ? '' : `, ${rows} rows`}`,
      }),
    ),
    ...versions.map(
      ({ version, createdAt }): BoardEvent => ({
        at: createdAt,
        kind: 'version',
        label: `Version ${version} registered`,
      }),
    ),
    ...comments.map(
      ({ subject, body, createdAt, createdBy }): BoardEvent => ({
        at: momentOf(subject) ?? createdAt,
        kind: 'comment',
        label: `${createdBy}: ${shortened(body)}`,
      }),
    ),
  ];
  const first = from.toISOString();
  return events
    .flatMap((event): BoardEvent[] => {
      if (event.at >= first) return [event];
      // What began before and still lasted then begins, in this view, with it.
      const lasted = event.until !== undefined && (event.until === null || event.until >= first);
      return lasted ? [{ ...event, at: first }] : [];
    })
    .sort((a, b) => a.at.localeCompare(b.at));
}
