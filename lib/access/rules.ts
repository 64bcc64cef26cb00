import { err, ok, type Result } from '../base/result.ts';
import type { Actor, Role, Scope } from './schema.ts';

/**
 * Who may ever do what: the one table. `scope` is what a token needs on top of its owner's roles; `null` means that
 * only a person at a screen may (deciding is for people), `'job'` commands are for the worker alone.
 */
type Permission = { roles: readonly Role[] | 'anyone' | 'signed-in' | 'job'; scope: Scope | null };

const REGISTRARS = ['data', 'ops', 'admin'] as const;
const SIGNERS = ['product', 'data', 'ops', 'validator'] as const;
const GOAL_SETTERS = ['product', 'data', 'ops', 'admin'] as const;
const PROTECTORS = ['product', 'data', 'validator', 'admin'] as const;
const DEPLOYERS = ['ops', 'admin'] as const;
const TALKERS = ['product', 'data', 'ops', 'validator', 'admin', 'viewer', 'auditor'] as const;

export const permissions = {
  'access.sign-in': { roles: 'anyone', scope: null },
  'access.sign-out': { roles: 'signed-in', scope: null },
  'access.set-up': { roles: 'anyone', scope: null },
  'access.keep-token': { roles: 'job', scope: null },
  'access.create-user': { roles: ['admin'], scope: 'admin' },
  'access.update-user': { roles: ['admin'], scope: 'admin' },
  'access.change-password': { roles: 'signed-in', scope: null },
  'access.create-token': { roles: TALKERS, scope: 'admin' },
  'access.revoke-token': { roles: TALKERS, scope: 'admin' },
  'models.register': { roles: REGISTRARS, scope: 'registry:write' },
  'models.update': { roles: ['product', ...REGISTRARS], scope: 'registry:write' },
  'models.rename': { roles: REGISTRARS, scope: 'registry:write' },
  'models.delete': { roles: ['data', 'admin'], scope: 'registry:write' },
  'models.set-tag': { roles: REGISTRARS, scope: 'registry:write' },
  'models.delete-tag': { roles: REGISTRARS, scope: 'registry:write' },
  'models.register-version': { roles: REGISTRARS, scope: 'registry:write' },
  'models.update-version': { roles: REGISTRARS, scope: 'registry:write' },
  'models.set-importance': { roles: REGISTRARS, scope: 'registry:write' },
  'models.delete-version': { roles: ['data', 'admin'], scope: 'registry:write' },
  'models.set-version-tag': { roles: REGISTRARS, scope: 'registry:write' },
  'models.delete-version-tag': { roles: REGISTRARS, scope: 'registry:write' },
  'models.set-alias': { roles: REGISTRARS, scope: 'registry:write' },
  'models.delete-alias': { roles: REGISTRARS, scope: 'registry:write' },
  'models.transition-stage': { roles: REGISTRARS, scope: 'registry:write' },
  'models.import': { roles: ['admin'], scope: 'registry:write' },
  'imports.start': { roles: ['admin'], scope: 'registry:write' },
  'imports.cancel': { roles: ['admin'], scope: 'registry:write' },
  'imports.end': { roles: 'job', scope: null },
  'imports.follow': { roles: ['admin'], scope: 'registry:write' },
  'imports.receive': { roles: 'anyone', scope: null },
  'contracts.infer': { roles: 'job', scope: null },
  'contracts.change': { roles: ['data', 'admin'], scope: 'data:write' },
  'measurements.upload': { roles: REGISTRARS, scope: 'data:write' },
  'measurements.cancel-batch': { roles: REGISTRARS, scope: 'data:write' },
  'measurements.record-metrics': { roles: REGISTRARS, scope: 'data:write' },
  'measurements.record-counts': { roles: 'job', scope: null },
  'measurements.finish-batch': { roles: 'job', scope: null },
  'measurements.note-silence': { roles: 'job', scope: null },
  'drift.name-protected': { roles: PROTECTORS, scope: 'registry:write' },
  'drift.judge-windows': { roles: 'job', scope: null },
  'kpis.create': { roles: GOAL_SETTERS, scope: 'kpi:write' },
  'kpis.update': { roles: GOAL_SETTERS, scope: 'kpi:write' },
  'kpis.delete': { roles: GOAL_SETTERS, scope: 'kpi:write' },
  'incidents.evaluate': { roles: 'job', scope: null },
  'incidents.acknowledge': { roles: ['product', 'data', 'ops', 'admin'], scope: 'kpi:write' },
  'incidents.assign': { roles: ['product', 'data', 'ops', 'admin'], scope: 'kpi:write' },
  'incidents.snooze': { roles: ['product', 'data', 'ops', 'admin'], scope: 'kpi:write' },
  'incidents.resolve': { roles: ['product', 'data', 'ops', 'admin'], scope: 'kpi:write' },
  'approvals.create': { roles: REGISTRARS, scope: 'registry:write' },
  'approvals.decide': { roles: SIGNERS, scope: null },
  'approvals.revise': { roles: REGISTRARS, scope: 'registry:write' },
  'approvals.withdraw': { roles: REGISTRARS, scope: 'registry:write' },
  'deployments.deploy': { roles: DEPLOYERS, scope: 'deploy' },
  'deployments.callback': { roles: 'anyone', scope: null },
  'deployments.rollback': { roles: DEPLOYERS, scope: 'deploy' },
  'comments.create': { roles: TALKERS, scope: 'kpi:write' },
  'notifications.create-webhook': { roles: REGISTRARS, scope: 'registry:write' },
  'notifications.update-webhook': { roles: REGISTRARS, scope: 'registry:write' },
  'notifications.delete-webhook': { roles: REGISTRARS, scope: 'registry:write' },
  'notifications.test-webhook': { roles: REGISTRARS, scope: 'registry:write' },
  'notifications.redeliver': { roles: REGISTRARS, scope: 'registry:write' },
  'notifications.disable-webhook': { roles: 'job', scope: null },
  'board.save-view': { roles: 'signed-in', scope: 'admin' },
  'board.delete-view': { roles: 'signed-in', scope: 'admin' },
  'board.clear-demo': { roles: 'job', scope: null },
  'board.mark-demo': { roles: 'job', scope: null },
  'board.remove-demo': { roles: ['admin'], scope: 'admin' },
} as const satisfies Record<string, Permission>;

export type CommandName = keyof typeof permissions;

/** Who may read what. Everybody with an account sees the common view; that is the point of one screen. */
export const reads = {
  public: { roles: 'anyone', scope: null },
  'common-view': { roles: 'signed-in', scope: null },
  registry: { roles: 'signed-in', scope: 'registry:read' },
  people: { roles: 'signed-in', scope: 'admin' },
  /** Rows as they were sent, which may name people: for those who send them. */
  rows: { roles: REGISTRARS, scope: 'data:write' },
  /** Where another registry lies, and what differs in it. */
  imports: { roles: ['admin'], scope: 'registry:write' },
  /** A webhook's address may hold a key of its receiver. */
  webhooks: { roles: REGISTRARS, scope: 'registry:write' },
} as const satisfies Record<string, Permission>;

export type ReadName = keyof typeof reads;

export type Denial = { code: 'unauthenticated' | 'people_only' | 'scope_missing' | 'role_missing'; message: string };

function judge(actor: Actor, permission: Permission, peopleOnlyWhenScopeless: boolean): Result<void, Denial> {
  if (permission.roles === 'job') {
    return actor.kind === 'job'
      ? ok(undefined)
      : err({ code: 'role_missing', message: 'Only the system itself may do this.' });
  }
  if (actor.kind === 'job' || permission.roles === 'anyone') return ok(undefined);
  if (actor.kind === 'anonymous')
    return err({ code: 'unauthenticated', message: 'Sign in, or send a valid API token.' });
  if (actor.kind === 'token') {
    if (permission.scope === null && peopleOnlyWhenScopeless) {
      return err({ code: 'people_only', message: 'This is for people: a token cannot do it.' });
    }
    const held = actor.scopes ?? [];
    const implied = permission.scope === 'registry:read' && held.includes('registry:write');
    if (permission.scope !== null && !held.includes(permission.scope) && !implied) {
      return err({ code: 'scope_missing', message: `The token needs the scope ${permission.scope}.` });
    }
  }
  if (permission.roles === 'signed-in') return ok(undefined);
  if (permission.roles.some((role) => actor.roles.includes(role))) return ok(undefined);
  return err({ code: 'role_missing', message: `Needs one of the roles ${permission.roles.join(', ')}.` });
}

/** May this actor ever run this command? */
export const mayRun = (actor: Actor, command: CommandName): Result<void, Denial> =>
  judge(actor, permissions[command], true);

/** May this actor read this? */
export const mayRead = (actor: Actor, read: ReadName): Result<void, Denial> => judge(actor, reads[read], false);

export const SIGN_IN_WINDOW_MS = 15 * 60 * 1000;
/** Ten wrong passwords for one account, or fifty from one address, in a quarter of an hour: slow guessing, spare typists. */
export const SIGN_IN_MAX_PER_EMAIL = 10;
export const SIGN_IN_MAX_PER_ADDRESS = 50;

/**
 * Where somebody goes who has signed in: an address given from outside must not lead them away. It is read as a browser reads
 * it, which leaves out tabs and line breaks and takes a backslash for a slash.
 */
export function ownPath(next: unknown): string {
  const own = 'http://own.invalid';
  if (typeof next !== 'string' || !next.startsWith('/') || !URL.canParse(next, own)) return '/';
  const { origin, pathname, search, hash } = new URL(next, own);
  return origin === own && !pathname.startsWith('//') ? `${pathname}${search}${hash}` : '/';
}
