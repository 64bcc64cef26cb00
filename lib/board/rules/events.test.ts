import { expect, test } from 'vitest';
import { eventsOf, type Happened } from './events.ts';

const nothing: Happened = {
  deployments: [],
  incidents: [],
  limits: [],
  requests: [],
  references: [],
  versions: [],
  comments: [],
};
const from = new Date('2026-03-01T00:00:00.000Z');
const incident = {
  id: 1,
  model: 'churn-eu',
  kpiId: 'k',
  kpi: 'Churn caught',
  kpiVersion: 1,
  state: 'open',
  openedAt: '2026-03-12T00:00:00.000Z',
  windowStart: '2026-03-10T00:00:00.000Z',
  value: 0.5,
  limit: 0.6,
  assignee: null,
  acknowledgedBy: null,
  recoveredAt: null,
  resolvedAt: null,
  cause: null,
  note: null,
} as const;

test('an incident that began before the period is there as long as it lasts', () => {
  const before = { ...incident, windowStart: '2026-02-01T00:00:00.000Z' };
  const seen = (recoveredAt: string | null) => eventsOf({ ...nothing, incidents: [{ ...before, recoveredAt }] }, from);
  expect(seen(null)).toMatchObject([{ at: from.toISOString(), until: null }]);
  expect(seen('2026-03-02T00:00:00.000Z')).toMatchObject([{ at: from.toISOString() }]);
  expect(seen('2026-02-20T00:00:00.000Z')).toEqual([]);
});

test('references, versions and remarks stand on the axis beside limits, in the order they happened', () => {
  const events = eventsOf(
    {
      ...nothing,
      references: [{ at: new Date('2026-03-05T10:00:00.000Z'), version: 2, rows: 4000 }],
      versions: [{ version: 2, createdAt: '2026-03-04T09:00:00.000Z' }],
      limits: [{ at: new Date('2026-03-06T00:00:00.000Z'), name: 'Churn caught', version: 3, reason: 'Too noisy.' }],
      comments: [
        {
          subject: { type: 'model', id: 'churn-eu' },
          body: 'x'.repeat(200),
          createdAt: '2026-03-05T11:00:00.000Z',
          createdBy: 'Paula',
        },
      ],
    },
    from,
  );
  expect(events.map(({ kind }) => kind)).toEqual(['version', 'reference', 'comment', 'limit']);
  expect(events[1]).toMatchObject({ label: 'New reference for version 2, 4000 rows' });
  expect(events[2]!.label).toHaveLength('Paula: '.length + 80);
});

test('a remark on a moment stands at that moment', () => {
  const remark = { body: 'A holiday.', createdAt: '2026-03-20T11:00:00.000Z', createdBy: 'Paula' };
  const subject = { type: 'moment', id: 'churn-eu@2026-03-12T00:00Z' };
  const [event] = eventsOf({ ...nothing, comments: [{ ...remark, subject }] }, from);
  expect(event).toEqual({ at: '2026-03-12T00:00:00.000Z', kind: 'comment', label: 'Paula: A holiday.' });
  const [elsewhere] = eventsOf(
    { ...nothing, comments: [{ ...remark, subject: { type: 'moment', id: 'x@soon' } }] },
    from,
  );
  expect(elsewhere).toMatchObject({ at: remark.createdAt });
});

test('an incident lasts until its figure was good again, and an open one has no end', () => {
  const recovered = { ...incident, recoveredAt: '2026-03-20T00:00:00.000Z' };
  const [first, second] = eventsOf({ ...nothing, incidents: [incident, recovered] }, from);
  expect(first).toMatchObject({ at: incident.windowStart, until: null });
  expect(second).toMatchObject({ until: '2026-03-20T00:00:00.000Z' });
});

test('what happened before the period, and a version that never served, are no events of it', () => {
  const before = { at: new Date('2026-02-28T23:59:59.000Z'), version: 1, rows: null };
  expect(eventsOf({ ...nothing, references: [before] }, from)).toEqual([]);
});
