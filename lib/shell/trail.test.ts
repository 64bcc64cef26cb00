import { beforeAll, describe, expect, it } from 'vitest';
import { setUpToken } from '../access/set-up.ts';
import { doorsOf, findRoute, ROLES } from '../testing/routes.ts';
import { auditCount, call, loadRoutes, PASSWORD, type Person, signedIn, testWeb } from '../testing/web.ts';
import { examples, type Kept } from '../testing/writes.ts';

const { db } = await testWeb();
const routes = await loadRoutes();

const people = {} as Record<(typeof ROLES)[number], Person>;
/** Only an empty workspace can be set up, so this writing route is tried before all others. */
const firstAccount = { status: 0, auditRows: 0 };
process.env.OUTBOUND_ALLOW = '127.0.0.1';
beforeAll(async () => {
  const { handler, method, path } = findRoute(routes, 'POST /set-up');
  const token = setUpToken(process.env.AUTH_SECRET!, new Date());
  const body = { token, name: 'First', email: 'first@test.local', password: PASSWORD };
  firstAccount.status = (await call(handler, method, path, { body })).status;
  firstAccount.auditRows = await auditCount(db);
  for (const role of ROLES) people[role] = await signedIn(db, role, [role]);
});

describe('the trail', () => {
  it('holds one row of the set-up', () => {
    expect(firstAccount).toEqual({ status: 201, auditRows: 1 });
  });

  // A logged inference is told in the trail by the batch that it becomes part of.
  it('has an example of every writing route', () => {
    const shown = new Set(['POST /set-up', 'POST /api/ce/[token]', ...examples.map(({ route }) => route)]);
    expect(
      doorsOf(routes)
        .filter(({ method, name }) => method !== 'GET' && !shown.has(name))
        .map(({ name }) => name),
    ).toEqual([]);
  });

  it('holds exactly one row more after each success, and none after the same from a stranger', async () => {
    const kept: Kept = {};
    for (const { route, as, status, send, keep, before } of examples) {
      await before?.(kept, db);
      const { handler, method, path } = findRoute(routes, route);
      const rowsBefore = await auditCount(db);
      if (as !== 'anonymous') {
        expect([route, (await call(handler, method, path, send(kept))).status]).toEqual([route, 401]);
        expect([route, await auditCount(db)]).toEqual([route, rowsBefore]);
      }
      const cookie = as === 'anonymous' ? undefined : people[as].cookie;
      const answer = await call(handler, method, path, { ...send(kept), cookie });
      expect([route, answer.status, answer.body]).toEqual([route, status, answer.body]);
      keep?.(answer.body, kept);
      expect([route, await auditCount(db)]).toEqual([route, rowsBefore + 1]);
    }
  });
});
