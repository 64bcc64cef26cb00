import { type CommandName, mayRun } from '../access/rules.ts';
import type { Actor } from '../access/schema.ts';
import type { Able } from '../approvals/schema.ts';

/** May this person ever do it, and if not, why: sent along so that the screen can say what the server would refuse. */
export function can(actor: Actor, command: CommandName): Able {
  const allowed = mayRun(actor, command);
  return allowed.ok ? { ok: true } : { ok: false, code: allowed.error.code, message: allowed.error.message };
}
