import { type CommandName, type Denial, mayRead, mayRun, type ReadName } from '../access/rules.ts';

import type { Actor } from '../access/schema.ts';
import type { Able } from '../approvals/schema.ts';
import type { Result } from '../base/result.ts';

/** May this person ever do it, and if not, why: sent along so that the screen can say what the server would refuse. */
export const can = (actor: Actor, command: CommandName): Able => ableOf(mayRun(actor, command));

/** The same of what may be read. */
export const canRead = (actor: Actor, read: ReadName): Able => ableOf(mayRead(actor, read));

const ableOf = (allowed: Result<void, Denial>): Able =>
  allowed.ok ? { ok: true } : { ok: false, code: allowed.error.code, message: allowed.error.message };
