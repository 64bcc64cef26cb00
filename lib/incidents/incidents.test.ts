import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { and, asc, eq, like } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditEvents } from '../../db/schema/audit.ts';
import type { Actor } from '../access/schema.ts';
import { sha256 } from '../base/hash.ts';
import { listMetricSeries } from '../drift/queries/series.ts';
import { createKpi } from '../kpis/commands/create.ts';
import { deleteKpi } from '../kpis/commands/delete.ts';
import { updateKpi } from '../kpis/commands/update.ts';
import { listKpiPoints, listKpis } from '../kpis/queries.ts';
import { evaluate } from '../kpis/rules.ts';
import { recordMetrics } from '../measurements/commands/record-metrics.ts';
import { upload } from '../measurements/commands/upload.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import { getModel } from '../models/queries.ts';
import { execute } from '../shell/command.ts';
import { testDatabase } from '../testing/database.ts';
import { person } from '../testing/people.ts';
import { acknowledgeIncident } from './commands/acknowledge.ts';
import { assignIncident } from './commands/assign.ts';
import { resolveIncident } from './commands/resolve.ts';
import { evaluateModel, processBatch } from './jobs.ts';
import { listIncidents } from './queries.ts';

const { db } = await testDatabase();
const folder = mkdtempSync(join(tmpdir(), 'plumbline-incidents-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
let admin: Actor;
beforeAll(async () => {
  admin = await person(db, 'admin', ['admin']);
});

const REASON = 'Because the tests need it.';
const contract = {
  name: 'Cases ranked right',
  metric: 'accuracy',
  unit: 'share',
  direction: 'higher_is_better',
  target: 0.95,
  limits: { watch: 0.9, breach: 0.8 },
  window: '1d',
  minSamples: 50,
  rule: { k: 2, m: 3, clearFor: 2 },
  owner: 'admin@test.local',
};

let made = 0;
async function modelWith(goal: object): Promise<{ name: string; kpi: string }> {
  const name = `model-${++made}`;
  await execute(registerModel, { name }, { db, actor: admin });
  await execute(registerVersion, { name, source: 's3://m/1' }, { db, actor: admin });
  const { id } = await execute(
    createKpi,
    { model: name, contract: { ...contract, ...goal }, reason: REASON },
    { db, actor: admin },
  );
  return { name, kpi: id };
}

const incidentsOf = (model: string) => listIncidents(db, { model });
const day = (n: number): string => `2026-03-${String(n).padStart(2, '0')}`;

/** A file of 100 cases a day; on a bad day 40 predictions in 100 are wrong. */
async function send(
  model: string,
  kind: 'reference' | 'observations',
  days: Record<string, 'good' | 'bad'>,
): Promise<void> {
  const lines = Object.entries(days).flatMap(([date, how]) =>
    Array.from({ length: 100 }, (_, i) => {
      const label = i % 2;
      const wrong = how === 'bad' && i % 5 < 2;
      return `${date}T${String(i % 24).padStart(2, '0')}:00:00Z,${wrong ? 1 - label : label},${label},${i % 7}`;
    }),
  );
  const content = `at,prediction,label,age\n${lines.join('\n')}\n`;
  const path = join(folder, `${model}-${kind}-${Object.keys(days)[0]}`);
  writeFileSync(path, content);
  const roles = { timestamp: 'at', prediction: 'prediction', label: 'label' };
  const file = { format: 'csv', roles, sha256: sha256(content), bytes: content.length, path };
  const noted = await execute(upload, { model, version: 1, kind, ...file }, { db, actor: admin });
  await processBatch(db, noted.batchId);
}

describe('an incident from the file to its end', () => {
  it('is not opened on too few positives, and what is told of the goal from its series is the same', async () => {
    const { name, kpi } = await modelWith({ minSamples: { events: 50, positives: 60 } });
    await send(name, 'reference', { '2026-02-01': 'good' });
    await send(name, 'observations', { [day(1)]: 'bad', [day(2)]: 'bad', [day(3)]: 'bad' });
    expect(await incidentsOf(name)).toEqual([]);
    const points = await listKpiPoints(db, kpi);
    expect(points).toMatchObject(Array.from({ length: 3 }, () => ({ n: 100, positives: 50, state: 'no_data' })));
    const [goal] = await listKpis(db, [(await getModel(db, name)).id]);
    const told = (needed: number) =>
      evaluate(points, { ...goal!.contract, minSamples: { events: 50, positives: needed } }).points.map(
        ({ state }) => state,
      );
    expect(told(60)).toEqual(points.map(({ state }) => state));
    expect(told(50)).toContain('breach');
  });

  it('opens on a breach, stays open while data is missing, recovers with good data, and ends with a cause', async () => {
    const { name } = await modelWith({});
    await send(name, 'reference', { '2026-02-01': 'good', '2026-02-02': 'good' });
    await send(name, 'observations', { [day(1)]: 'good', [day(2)]: 'bad' });
    expect(await incidentsOf(name)).toEqual([]);

    await send(name, 'observations', { [day(3)]: 'bad' });
    const [opened] = await incidentsOf(name);
    expect(opened).toMatchObject({ state: 'open', value: 0.6, limit: 0.8, kpiVersion: 1 });

    const model = await getModel(db, name);
    await evaluateModel(db, model.id);
    // A week without a file, then a single good day: the hole is no good day.
    await send(name, 'observations', { [day(11)]: 'good' });
    expect(await incidentsOf(name)).toMatchObject([{ id: opened!.id, state: 'open', recoveredAt: null }]);

    await send(name, 'observations', { [day(12)]: 'good' });
    expect(await incidentsOf(name)).toMatchObject([{ id: opened!.id, state: 'recovered', resolvedAt: null }]);

    const without = execute(resolveIncident, { id: opened!.id }, { db, actor: admin });
    await expect(without).rejects.toMatchObject({
      kind: 'malformed',
      code: 'invalid_input',
      errors: [{ path: 'cause' }],
    });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'recovered', cause: null }]);
    await execute(resolveIncident, { id: opened!.id, cause: 'data_problem' }, { db, actor: admin });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'resolved', cause: 'data_problem' }]);

    const told = await db
      .select({ body: auditEvents.body })
      .from(auditEvents)
      .where(and(eq(auditEvents.modelId, model.id), like(auditEvents.action, 'incidents.%')))
      .orderBy(asc(auditEvents.position));
    const became = told.map(
      ({ body }) => (JSON.parse(body) as { after: { became?: string }[] | { state: string } }).after,
    );
    expect(became).toMatchObject([[{ became: 'open' }], [{ became: 'recover' }], { state: 'resolved' }]);
    // Six files, each read by a process of its own.
  }, 120_000);
});

describe('an incident on a figure from elsewhere', () => {
  const goal = { metric: 'revenue', kind: 'guardrail', target: 100, limits: { watch: 90, breach: 80 }, minSamples: 1 };
  async function figures(model: string, values: Record<number, number>): Promise<void> {
    const list = Object.entries(values).map(([n, value]) => ({
      metric: 'revenue',
      value,
      at: `${day(Number(n))}T00:00:00Z`,
      n: 10,
    }));
    await execute(recordMetrics, { model, figures: list }, { db, actor: admin });
    await evaluateModel(db, (await getModel(db, model)).id);
  }

  it('a limit change never resolves it, and the rule that raised it says when it recovers', async () => {
    const { name, kpi } = await modelWith(goal);
    await figures(name, { 1: 100, 2: 70, 3: 70 });
    const looser = {
      id: kpi,
      expectedVersion: 1,
      changes: { limits: { watch: 60, breach: 50 } },
      reason: 'It was too strict.',
    };
    await execute(updateKpi, looser, { db, actor: admin });
    await figures(name, { 4: 70, 5: 70 });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'open', kpiVersion: 1, limit: 80 }]);
    await figures(name, { 6: 95, 7: 95 });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'recovered', kpiVersion: 1 }]);
  });

  it('a figure that came for two versions of one moment is judged once, the newest where none serves', async () => {
    const { name } = await modelWith(goal);
    const at = `${day(1)}T00:00:00Z`;
    await execute(registerVersion, { name, source: 's3://m/2' }, { db, actor: admin });
    const figures = [2, 1].map((version) => ({ metric: 'revenue', value: version * 50, at, n: 10, version }));
    await execute(recordMetrics, { model: name, figures }, { db, actor: admin });
    const { id } = await getModel(db, name);
    await evaluateModel(db, id);
    expect(await listMetricSeries(db, id, 'revenue', 1)).toMatchObject([{ value: 100 }]);
    expect(await listKpis(db, [id])).toMatchObject([{ value: 100, state: 'ok' }]);
  });

  it('a retired goal leaves its incident open', async () => {
    const { name, kpi } = await modelWith(goal);
    await figures(name, { 1: 70, 2: 70 });
    await execute(deleteKpi, { id: kpi, expectedVersion: 1, reason: REASON }, { db, actor: admin });
    await figures(name, { 3: 100, 4: 100 });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'open' }]);
  });

  it('a recovered figure that breaks again reopens the same incident', async () => {
    const { name } = await modelWith(goal);
    await figures(name, { 1: 70, 2: 70 });
    await figures(name, { 3: 100, 4: 100 });
    await figures(name, { 5: 70, 6: 70 });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'open', recoveredAt: null }]);
  });

  it('judging twice, or at the same moment, makes one incident', async () => {
    const { name } = await modelWith(goal);
    await figures(name, { 1: 70, 2: 70 });
    const { id } = await getModel(db, name);
    await Promise.all([1, 2, 3, 4].map(() => evaluateModel(db, id)));
    expect(await incidentsOf(name)).toHaveLength(1);
  });

  it('a resolved incident takes nothing any more, and only a later breach opens another', async () => {
    const { name } = await modelWith(goal);
    await figures(name, { 1: 70, 2: 70 });
    const [incident] = await incidentsOf(name);
    const id = incident!.id;
    await execute(resolveIncident, { id, cause: 'noise' }, { db, actor: admin });
    const over = { kind: 'conflict', code: 'incident_state' };
    const acting = { db, actor: admin };
    await expect(execute(acknowledgeIncident, { id }, acting)).rejects.toMatchObject(over);
    await expect(execute(resolveIncident, { id, cause: 'noise' }, acting)).rejects.toMatchObject(over);
    await expect(execute(assignIncident, { id, assignee: 'admin@test.local' }, acting)).rejects.toMatchObject(over);
    await evaluateModel(db, (await getModel(db, name)).id);
    expect(await incidentsOf(name)).toMatchObject([{ id, state: 'resolved' }]);
    await figures(name, { 3: 100, 4: 100, 5: 70, 6: 70 });
    expect(await incidentsOf(name)).toMatchObject([{ state: 'open' }, { id, state: 'resolved' }]);
  });
});
