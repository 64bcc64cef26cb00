import { and, asc, count, eq } from 'drizzle-orm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployments, requests, votes } from '../../db/schema/approvals.ts';
import { auditEvents } from '../../db/schema/audit.ts';
import { updateUser } from '../access/commands/update-user.ts';
import { type Actor, ANONYMOUS, jobActor } from '../access/schema.ts';
import { callback } from '../deployments/commands/callback.ts';
import { deploy } from '../deployments/commands/deploy.ts';
import { rollback } from '../deployments/commands/rollback.ts';
import { createKpi } from '../kpis/commands/create.ts';
import { updateKpi } from '../kpis/commands/update.ts';
import { deleteModel } from '../models/commands/delete.ts';
import { deleteVersion } from '../models/commands/delete-version.ts';
import { registerModel } from '../models/commands/register.ts';
import { registerVersion } from '../models/commands/register-version.ts';
import type { Tier } from '../models/schema.ts';
import { type Command, execute } from '../shell/command.ts';
import type { AppError } from '../shell/errors.ts';
import { testDatabase } from '../testing/database.ts';
import { rankingGoal } from '../testing/goal.ts';
import { person } from '../testing/people.ts';
import { createRequest } from './commands/create.ts';
import { decide } from './commands/decide.ts';
import { reviseRequest } from './commands/revise.ts';
import { withdrawRequest } from './commands/withdraw.ts';
import { findRequest, viewRequest } from './queries/request.ts';
import { type CountedVote, matchSlots } from './rules.ts';
import { type Decision, type RequestView, SIGNING_ROLES, type SigningRole } from './schema.ts';

const { db } = await testDatabase();
const who = {} as Record<
  'author' | 'data' | 'product' | 'validator' | 'ops' | 'both' | 'chief' | 'viewer' | 'admin',
  Actor
>;
beforeAll(async () => {
  who.author = await person(db, 'author', ['data']);
  who.data = await person(db, 'data', ['data']);
  who.product = await person(db, 'product', ['product']);
  who.validator = await person(db, 'validator', ['validator']);
  who.ops = await person(db, 'ops', ['ops']);
  who.both = await person(db, 'both', ['data', 'ops']);
  who.chief = await person(db, 'chief', ['product', 'data', 'ops', 'validator', 'admin']);
  who.viewer = await person(db, 'viewer', ['viewer']);
  who.admin = await person(db, 'admin', ['admin']);
});

const as = <I, V>(actor: Actor, command: Command<I, V>, input: unknown): Promise<V> =>
  execute(command, input, { db, actor });
const refusal = (kind: string, code: string) => ({ name: 'AppError', kind, code });

let made = 0;
async function modelOf(tier: Tier, versions = 1): Promise<string> {
  const name = `model-${++made}`;
  await as(who.author, registerModel, { name, tier });
  for (let version = 1; version <= versions; version += 1)
    await as(who.author, registerVersion, { name, source: `s3://${name}/${version}` });
  return name;
}

type Asking = { by?: Actor; version?: number; confirmation?: 'immediate' | 'callback' };
const ask = (model: string, { by = who.author, version = 1, confirmation = 'immediate' }: Asking = {}) =>
  as(by, createRequest, { model, version, reason: 'It is better on last month.', rollout: { confirmation } });

const sign = (actor: Actor, role: SigningRole, seen: RequestView, decision: Decision = 'approve') => {
  const { id, revision, evidenceHash } = seen;
  return as(actor, decide, { id, decision, as: role, revision, evidenceHash, note: 'I have read the evidence.' });
};

async function approved(model: string, asking: Asking = {}): Promise<RequestView> {
  const asked = await ask(model, asking);
  const signers: [Actor, SigningRole][] = [
    [who.product, 'product'],
    [who.validator, 'validator'],
    [who.ops, 'ops'],
  ];
  let seen = asked;
  for (const [actor, role] of signers)
    if (asked.slots.some((slot) => slot.roles.includes(role)) && seen.state === 'in_review')
      seen = await sign(actor, role, asked);
  expect(seen.state).toBe('approved');
  return seen;
}

async function now(id: number): Promise<RequestView> {
  const found = await findRequest(db, id);
  return viewRequest(db, found!.request, found!.model, who.viewer, new Date());
}

describe('what may not happen (governance 2.10)', () => {
  it('a withdrawn request does not come back as approved', async () => {
    const seen = await ask(await modelOf('low'));
    await as(who.author, withdrawRequest, { id: seen.id });
    await expect(sign(who.ops, 'ops', seen)).rejects.toMatchObject(refusal('conflict', 'not_in_review'));
    await expect(as(who.author, reviseRequest, { id: seen.id })).rejects.toMatchObject(refusal('conflict', 'not_open'));
    expect((await now(seen.id)).state).toBe('withdrawn');
  });

  it('a signature for revision 1 does not count for revision 2, and cannot be given to it', async () => {
    const first = await approved(await modelOf('low'));
    const second = await as(who.author, reviseRequest, { id: first.id, reason: 'Now with the holidays in.' });
    expect(second).toMatchObject({ state: 'in_review', revision: 2, votes: [{ revision: 1, outdated: true }] });
    expect(second.slots.map((slot) => slot.filledBy)).toEqual([null]);
    await expect(as(who.ops, deploy, { id: first.id })).rejects.toMatchObject(refusal('conflict', 'not_approved'));
    await expect(sign(who.data, 'data', first)).rejects.toMatchObject(refusal('conflict', 'revision_moved'));
  });

  it.each(['approve', 'reject', 'request_changes'] as const)(
    'who asked cannot %s it, not even as administrator',
    async (decision) => {
      const seen = await ask(await modelOf('low'), { by: who.chief });
      await expect(sign(who.chief, 'ops', seen, decision)).rejects.toMatchObject(refusal('forbidden', 'own_request'));
      expect((await now(seen.id)).votes).toEqual([]);
    },
  );

  it('who registered the version, or edited the request, cannot sign it', async () => {
    const seen = await ask(await modelOf('low'), { by: who.admin });
    await expect(sign(who.author, 'data', seen)).rejects.toMatchObject(refusal('forbidden', 'own_request'));
    const edited = await as(who.both, reviseRequest, { id: seen.id });
    await expect(sign(who.both, 'ops', edited)).rejects.toMatchObject(refusal('forbidden', 'own_request'));
  });

  it('one person with two roles fills one slot', async () => {
    const seen = await ask(await modelOf('medium'));
    expect((await sign(who.both, 'ops', seen)).state).toBe('in_review');
    expect((await sign(who.both, 'data', seen)).state).toBe('in_review');
    const done = await sign(who.ops, 'ops', seen);
    expect(done).toMatchObject({ state: 'approved', slots: [{ filledBy: 'both' }, { filledBy: 'ops' }] });
  });

  it('a high tier needs three different people', async () => {
    const seen = await ask(await modelOf('high'));
    await sign(who.chief, 'product', seen);
    await sign(who.chief, 'ops', seen);
    expect((await sign(who.validator, 'validator', seen)).state).toBe('in_review');
    expect((await sign(who.product, 'product', seen)).state).toBe('approved');
  });

  it('a goal changed between approval and deployment stops the deployment', async () => {
    const model = await modelOf('low');
    const seen = await approved(model);
    await as(who.data, createKpi, { model, contract: rankingGoal, reason: 'We forgot to watch this.' });
    await expect(as(who.ops, deploy, { id: seen.id })).rejects.toMatchObject(refusal('conflict', 'subject_moved'));
  });

  it('a changed goal outdates the signatures given before it', async () => {
    const model = await modelOf('high');
    const kpi = await as(who.data, createKpi, { model, contract: rankingGoal, reason: 'The ranking earns the money.' });
    const seen = await ask(model);
    await sign(who.product, 'product', seen);
    const change = {
      id: kpi.id,
      expectedVersion: 1,
      changes: { limits: { breach: 0.7 } },
      reason: 'It was too strict.',
    };
    await as(who.data, updateKpi, change);
    expect(await now(seen.id)).toMatchObject({
      votes: [{ outdated: true }],
      blockedBy: [{ code: 'subject_moved' }, {}, {}],
    });
    await expect(sign(who.ops, 'ops', seen)).rejects.toMatchObject(refusal('conflict', 'subject_moved'));
  });

  it('an approval over a base that has moved does not deploy', async () => {
    const model = await modelOf('low', 3);
    for (const version of [1, 2]) await as(who.ops, deploy, { id: (await approved(model, { version })).id });
    const third = await approved(model, { version: 3 });
    await as(who.ops, rollback, { model, reason: 'Too many complaints.' });
    await expect(as(who.ops, deploy, { id: third.id })).rejects.toMatchObject(refusal('conflict', 'subject_moved'));
  });

  it('of five deployments at once one is in flight, and nothing else starts beside it', async () => {
    const model = await modelOf('low');
    const { id } = await approved(model, { confirmation: 'callback' });
    const tries = await Promise.allSettled(Array.from({ length: 5 }, () => as(who.ops, deploy, { id })));
    const lost = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as AppError] : []));
    expect(lost.map(({ kind, code }) => `${kind} ${code}`)).toEqual(Array(4).fill('conflict deployment_in_flight'));
    const rollingBack = as(who.ops, rollback, { model, reason: 'Changed our minds.' });
    await expect(rollingBack).rejects.toMatchObject(refusal('conflict', 'deployment_in_flight'));
    await expect(ask(model)).rejects.toMatchObject(refusal('conflict', 'request_open'));
    await expect(as(who.author, withdrawRequest, { id })).rejects.toMatchObject(refusal('conflict', 'not_open'));
  });

  it('a signer who lost the role since no longer counts', async () => {
    const seen = await ask(await modelOf('low'));
    const leaver = await person(db, 'leaver', ['ops']);
    expect((await sign(leaver, 'ops', seen)).state).toBe('approved');
    await as(who.admin, updateUser, { id: leaver.id, roles: ['viewer'] });
    await expect(as(who.ops, deploy, { id: seen.id })).rejects.toMatchObject(refusal('conflict', 'quorum_lost'));
  });

  it('a signer whose account was closed since no longer counts', async () => {
    const seen = await ask(await modelOf('low'));
    const goner = await person(db, 'goner', ['ops']);
    await sign(goner, 'ops', seen);
    await as(who.admin, updateUser, { id: goner.id, disabled: true });
    await expect(as(who.ops, deploy, { id: seen.id })).rejects.toMatchObject(refusal('conflict', 'quorum_lost'));
  });

  it.each([{ roles: ['viewer'] }, { disabled: true }])(
    'what somebody asked for who may not ask any more (%j) waits for somebody who may',
    async (change) => {
      const model = await modelOf('low');
      const asker = await person(db, `asker-${model}`, ['data']);
      const seen = await approved(model, { by: asker });
      await as(who.admin, updateUser, { id: asker.id, ...change });
      expect((await now(seen.id)).blockedBy).toMatchObject([{ code: 'sender_may_not_ask' }]);
      await expect(as(who.ops, deploy, { id: seen.id })).rejects.toMatchObject(
        refusal('conflict', 'sender_may_not_ask'),
      );
      const taken = await as(who.author, reviseRequest, { id: seen.id });
      await sign(who.ops, 'ops', taken);
      expect(await as(who.ops, deploy, { id: seen.id })).toMatchObject({ state: 'live' });
    },
  );

  it('a draft is nobody else’s to read, to send or to sign, and an administrator can clear it away', async () => {
    const model = await modelOf('low');
    const reason = 'I am still thinking about it.';
    const draft = await as(who.author, createRequest, { model, version: 1, reason, submit: false });
    const hidden = refusal('not_found', 'request_not_found');
    await expect(as(who.data, reviseRequest, { id: draft.id })).rejects.toMatchObject(hidden);
    await expect(as(who.data, withdrawRequest, { id: draft.id })).rejects.toMatchObject(hidden);
    await expect(as(who.ops, deploy, { id: draft.id })).rejects.toMatchObject(hidden);
    await expect(sign(who.ops, 'ops', draft)).rejects.toMatchObject(hidden);
    expect((await now(draft.id)).state).toBe('draft');
    expect(await as(who.admin, withdrawRequest, { id: draft.id })).toMatchObject({ state: 'withdrawn' });
  });

  it('a version that was rolled back goes live again by a new request only', async () => {
    const model = await modelOf('low', 3);
    const put = async (version: number) => as(who.ops, deploy, { id: (await approved(model, { version })).id });
    const back = (toDeployment?: string) =>
      as(who.ops, rollback, { model, reason: 'It turns away good customers.', toDeployment });
    const early = await put(2);
    await put(1);
    const bad = await put(2);
    expect(await back()).toMatchObject({ version: 1 });
    for (const { id } of [bad, early])
      await expect(back(id)).rejects.toMatchObject(refusal('conflict', 'was_rolled_back'));
    await expect(back()).rejects.toMatchObject(refusal('conflict', 'no_way_back'));
    await put(2);
    await put(3);
    expect(await back()).toMatchObject({ version: 2 });
  });

  it('neither a version nor its model is deleted while it is being deployed', async () => {
    const model = await modelOf('low', 2);
    const { id } = await approved(model, { confirmation: 'callback' });
    await as(who.ops, deploy, { id });
    const inFlight = refusal('conflict', 'deployment_in_flight');
    await expect(as(who.author, deleteVersion, { name: model, version: 1 })).rejects.toMatchObject(inFlight);
    await expect(as(who.admin, deleteModel, { name: model })).rejects.toMatchObject(inFlight);
    expect(await as(who.author, deleteVersion, { name: model, version: 2 })).toEqual({ deleted: true });
  });

  it('a repeated or late callback is acknowledged and moves nothing', async () => {
    const model = await modelOf('low');
    const { id } = await approved(model, { confirmation: 'callback' });
    const started = await as(who.ops, deploy, { id });
    const report = (sequence: number, status: string) =>
      as(jobActor('target'), callback, { id: started.id, token: started.callbackToken, sequence, status });
    expect(await report(2, 'succeeded')).toMatchObject({ state: 'live' });
    const held = await db.select().from(deployments).where(eq(deployments.id, started.id));
    for (const [sequence, status] of [
      [2, 'succeeded'],
      [1, 'in_progress'],
      [3, 'failed'],
      [4, 'succeeded'],
    ] as const)
      expect(await report(sequence, status)).toMatchObject({ state: 'live' });
    expect(await db.select().from(deployments).where(eq(deployments.id, started.id))).toEqual(held);
    const [told] = await db
      .select({ n: count() })
      .from(auditEvents)
      .where(and(eq(auditEvents.subjectId, started.id), eq(auditEvents.action, 'deployments.callback')));
    expect(told?.n).toBe(1);
  });

  it('a callback with a wrong token finds nothing', async () => {
    const { id } = await approved(await modelOf('low'), { confirmation: 'callback' });
    const started = await as(who.ops, deploy, { id });
    const report = { id: started.id, token: 'plb_guess', sequence: 1, status: 'succeeded' };
    await expect(as(jobActor('target'), callback, report)).rejects.toMatchObject(
      refusal('not_found', 'deployment_not_found'),
    );
    expect((await now(id)).state).toBe('deploying');
  });

  it('a target that stays silent holds nothing up: who may deploy says what became of it, and how they know', async () => {
    const model = await modelOf('low');
    const { id } = await approved(model, { confirmation: 'callback' });
    const started = await as(who.ops, deploy, { id });
    const report = (actor: Actor, more: object = { detail: 'Its log says that it broke off.' }) =>
      as(actor, callback, { id: started.id, status: 'failed', ...more });
    for (const actor of [ANONYMOUS, who.viewer, who.author, jobActor('target')])
      await expect(report(actor)).rejects.toMatchObject(refusal('not_found', 'deployment_not_found'));
    await expect(report(who.ops, {})).rejects.toMatchObject({ errors: [{ path: 'detail' }] });
    const untold = as(jobActor('target'), callback, { id: started.id, token: started.callbackToken, status: 'failed' });
    await expect(untold).rejects.toMatchObject({ errors: [{ path: 'sequence' }] });
    expect((await now(id)).state).toBe('deploying');
    expect(await report(who.ops)).toMatchObject({ state: 'failed', detail: 'Its log says that it broke off.' });
    expect((await now(id)).state).toBe('approved');
    const late = { id: started.id, token: started.callbackToken, sequence: 9, status: 'succeeded' };
    expect(await as(jobActor('target'), callback, late)).toMatchObject({ state: 'failed' });
    const again = await as(who.ops, deploy, { id });
    const seen = { id: again.id, status: 'succeeded', detail: 'It answers with the new version.' };
    expect(await as(who.admin, callback, seen)).toMatchObject({ state: 'live' });
    expect(await as(who.admin, callback, seen)).toMatchObject({ state: 'live' });
  });

  it('a failed deployment leaves the request approved, and it can be tried again', async () => {
    const { id } = await approved(await modelOf('low'), { confirmation: 'callback' });
    const started = await as(who.ops, deploy, { id });
    const report = { id: started.id, token: started.callbackToken, sequence: 1, status: 'failed' };
    await as(jobActor('target'), callback, report);
    expect((await now(id)).state).toBe('approved');
    expect(await as(who.ops, deploy, { id })).toMatchObject({ state: 'deploying' });
  });
});

describe('who decides, and on what', () => {
  it.each(['approve', 'reject'] as const)(
    'somebody without the role cannot %s, and leaves no row',
    async (decision) => {
      const seen = await ask(await modelOf('low'));
      await expect(sign(who.viewer, 'ops', seen, decision)).rejects.toMatchObject(refusal('forbidden', 'role_missing'));
      await expect(sign(who.product, 'ops', seen, decision)).rejects.toMatchObject(
        refusal('forbidden', 'role_missing'),
      );
      await expect(sign(who.product, 'product', seen, decision)).rejects.toMatchObject(
        refusal('forbidden', 'role_not_asked'),
      );
      const token: Actor = { ...who.ops, kind: 'token', scopes: ['admin'] };
      await expect(sign(token, 'ops', seen, decision)).rejects.toMatchObject(refusal('forbidden', 'people_only'));
      const [cast] = await db.select({ n: count() }).from(votes).where(eq(votes.requestId, seen.id));
      expect(cast?.n).toBe(0);
    },
  );

  it('evidence that is not what stands is a conflict', async () => {
    const seen = await ask(await modelOf('low'));
    const other = { ...seen, evidenceHash: '0'.repeat(64) };
    await expect(sign(who.ops, 'ops', other)).rejects.toMatchObject(refusal('conflict', 'evidence_moved'));
  });

  it('asked changes block until the same person agrees', async () => {
    const seen = await ask(await modelOf('low'));
    expect((await sign(who.data, 'data', seen, 'request_changes')).state).toBe('changes_requested');
    const { state, blockedBy } = await sign(who.ops, 'ops', seen);
    expect(state).toBe('changes_requested');
    // Nothing else is missing: without this the request would wait for no reason that anybody could read.
    expect(blockedBy).toMatchObject([{ code: 'changes_requested', message: expect.stringMatching(/^data asked for/) }]);
    expect((await sign(who.data, 'data', seen)).state).toBe('approved');
  });

  it('a rejected request is over', async () => {
    const seen = await ask(await modelOf('low'));
    await sign(who.ops, 'ops', seen, 'reject');
    await expect(sign(who.data, 'data', seen)).rejects.toMatchObject(refusal('conflict', 'not_in_review'));
    await expect(as(who.ops, deploy, { id: seen.id })).rejects.toMatchObject(refusal('conflict', 'not_approved'));
  });

  it('an approval that ran out, and a request that expired, allow nothing', async () => {
    const seen = await approved(await modelOf('low'));
    const later = (days: number) => ({ db, actor: who.ops, now: new Date(Date.now() + days * 86_400_000) });
    await expect(execute(deploy, { id: seen.id }, later(4))).rejects.toMatchObject(
      refusal('conflict', 'approval_expired'),
    );
    const open = await ask(await modelOf('low'));
    const vote = { id: open.id, decision: 'approve', as: 'ops', revision: 1, evidenceHash: open.evidenceHash };
    await expect(execute(decide, vote, later(15))).rejects.toMatchObject(refusal('conflict', 'expired'));
  });
});

describe('at the same moment', () => {
  const acts = {
    'ops approves': (seen: RequestView) => sign(who.ops, 'ops', seen),
    'data approves': (seen: RequestView) => sign(who.data, 'data', seen),
    'ops rejects': (seen: RequestView) => sign(who.ops, 'ops', seen, 'reject'),
    'data asks for changes': (seen: RequestView) => sign(who.data, 'data', seen, 'request_changes'),
    'the author withdraws': (seen: RequestView) => as(who.author, withdrawRequest, { id: seen.id }),
    'an administrator withdraws': (seen: RequestView) => as(who.admin, withdrawRequest, { id: seen.id }),
  };
  type Act = keyof typeof acts;
  const others = (Object.keys(acts) as Act[]).filter((act) => act !== 'the author withdraws');
  const round = fc
    .shuffledSubarray(others, { minLength: 1 })
    .chain((some) => fc.shuffledSubarray<Act>([...some, 'the author withdraws'], { minLength: some.length + 1 }));

  it('in 100 interleavings of approve, reject and withdraw a request ends exactly once and is never revived', async () => {
    const ended = async (order: Act[]) => {
      const seen = await ask(await modelOf('low'));
      const answers = await Promise.allSettled(order.map((act) => acts[act](seen)));
      for (const answer of answers)
        if (answer.status === 'rejected') expect(answer.reason).toMatchObject({ name: 'AppError', kind: 'conflict' });
      const told = await db
        .select({ body: auditEvents.body })
        .from(auditEvents)
        .where(and(eq(auditEvents.subjectType, 'request'), eq(auditEvents.subjectId, String(seen.id))))
        .orderBy(asc(auditEvents.position));
      const steps = told.map(
        ({ body }) => JSON.parse(body) as { before: { state: string } | null; after: { state: string } },
      );
      const states = steps.map((step) => step.after.state);
      expect(steps.slice(1).map((step) => step.before?.state)).toEqual(states.slice(0, -1));
      expect(states.filter((state) => state === 'rejected' || state === 'withdrawn')).toEqual([states.at(-1)]);
      const [row] = await db.select({ state: requests.state }).from(requests).where(eq(requests.id, seen.id));
      expect(row?.state).toBe(states.at(-1));
      expect(answers.filter((answer) => answer.status === 'fulfilled')).toHaveLength(steps.length - 1);
    };
    await fc.assert(fc.asyncProperty(round, ended), { numRuns: 100, endOnFailure: true });
  }, 120_000);
});

describe('filling the slots', () => {
  const role = fc.constantFrom(...SIGNING_ROLES);
  const slots = fc.array(fc.record({ roles: fc.uniqueArray(role, { minLength: 1, maxLength: 3 }) }), {
    minLength: 1,
    maxLength: 4,
  });
  const cast = fc.array(fc.record({ userId: fc.constantFrom('a', 'b', 'c', 'd'), role }), { maxLength: 7 });

  /** Tries every choice of a voter, or nobody, for each slot in turn. */
  const most = (open: { roles: SigningRole[] }[], given: CountedVote[], used: string[] = []): number => {
    const [slot, ...rest] = open;
    if (!slot) return 0;
    const usable = given.filter((vote) => slot.roles.includes(vote.role) && !used.includes(vote.userId));
    return Math.max(most(rest, given, used), ...usable.map((vote) => 1 + most(rest, given, [...used, vote.userId])));
  };

  it('fills as many slots as trying every assignment does, with one slot a person', () => {
    const fills = (open: { roles: SigningRole[] }[], given: CountedVote[]) => {
      const filled = matchSlots(open, given);
      const used = filled.flatMap((index, slot) => {
        if (index === null) return [];
        expect(open[slot]!.roles).toContain(given[index]!.role);
        return [given[index]!.userId];
      });
      expect(new Set(used).size).toBe(used.length);
      expect(used.length).toBe(most(open, given));
    };
    fc.assert(fc.property(slots, cast, fills), { numRuns: 500 });
  });

  it('moves a first signer on so that a second one fits', () => {
    const open: { roles: SigningRole[] }[] = [{ roles: ['data', 'ops'] }, { roles: ['ops'] }];
    const given: CountedVote[] = [
      { userId: 'a', role: 'ops' },
      { userId: 'b', role: 'data' },
    ];
    expect(matchSlots(open, given)).toEqual([1, 0]);
  });
});
