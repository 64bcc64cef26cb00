import * as z from 'zod';
import { line, prose } from '../base/text.ts';

export const ROLES = ['product', 'data', 'ops', 'validator', 'auditor', 'viewer', 'admin'] as const;
export type Role = (typeof ROLES)[number];

export const SCOPES = ['registry:read', 'registry:write', 'data:write', 'kpi:write', 'deploy', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** Whoever acts. `scopes` is null for a person's session; a job acts for the system itself. */
export type Actor = {
  kind: 'user' | 'token' | 'job' | 'anonymous';
  id: string;
  name: string;
  email: string | null;
  roles: Role[];
  scopes: Scope[] | null;
  sessionId?: string;
};

export const ANONYMOUS: Actor = {
  kind: 'anonymous',
  id: 'anonymous',
  name: 'Nobody',
  email: null,
  roles: [],
  scopes: null,
};
export const jobActor = (name: string): Actor => ({
  kind: 'job',
  id: `job:${name}`,
  name,
  email: null,
  roles: [],
  scopes: null,
});

export const PASSWORD_MIN = 12;
export const PASSWORD_MAX = 200;
export const SESSION_HOURS = 12;

export const email = z
  .string()
  .trim()
  .max(254, 'must have at most 254 characters')
  .regex(/^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u, 'must be an e-mail address')
  .transform((text) => text.toLowerCase());

export const password = z
  .string()
  .min(PASSWORD_MIN, `must have at least ${PASSWORD_MIN} characters`)
  .max(PASSWORD_MAX, `must have at most ${PASSWORD_MAX} characters`);

const roles = z.array(z.enum(ROLES)).min(1, 'must name at least one role').max(ROLES.length);

export const createUserInput = z.strictObject({
  email,
  name: line(120).optional(),
  roles,
  password: password.optional(),
});
export const updateUserInput = z.strictObject({
  id: z.uuid(),
  name: line(120).optional(),
  roles: roles.optional(),
  password: password.optional(),
  disabled: z.boolean().optional(),
});
export const changePasswordInput = z.strictObject({ current: z.string().max(PASSWORD_MAX), password });
export const createTokenInput = z.strictObject({
  name: line(120),
  scopes: z.array(z.enum(SCOPES)).min(1, 'must name at least one scope'),
  /** null: until it is revoked */
  expiresInDays: z.int().min(1).max(3650).nullable().optional(),
});
export const setUpInput = z.strictObject({ token: z.string().max(100), email, name: line(120), password });
export const keepTokenInput = z.strictObject({
  email,
  secret: z.string().regex(/^[\x21-\x7e]{32,200}$/, 'must have 32 to 200 printable characters without spaces'),
});
export const signInInput = z.strictObject({
  email: prose(254),
  password: z.string().max(PASSWORD_MAX),
  address: z.string().max(100),
});

export type UserView = { id: string; email: string; name: string; roles: Role[]; disabled: boolean; createdAt: string };
export type TokenView = {
  id: string;
  name: string;
  hint: string;
  scopes: Scope[];
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  owner: string;
};
/** What the screen knows of the person before it. */
export type Me = { id: string; name: string; email: string | null; roles: Role[] };
export type SignInAnswer =
  | { ok: true; sessionId: string; userId: string; email: string; name: string }
  | { ok: false; code: 'wrong_credentials' | 'too_many_attempts' };
export type ChangePasswordAnswer = { ok: true } | { ok: false; code: 'wrong_credentials' | 'too_many_attempts' };
