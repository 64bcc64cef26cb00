import { err, ok, type Result } from '../base/result.ts';
import type { Transition } from '../kpis/schema.ts';
import type { IncidentState } from './schema.ts';

type Refused = { kind: 'conflict'; code: string; message: string };

/** What a person may do next; `resolved` is an end. */
export const acts = {
  open: ['acknowledge', 'assign', 'snooze', 'resolve'],
  acknowledged: ['assign', 'snooze', 'resolve'],
  snoozed: ['acknowledge', 'assign', 'snooze', 'resolve'],
  recovered: ['assign', 'resolve'],
  resolved: [],
} as const satisfies Record<IncidentState, readonly string[]>;

export type Act = 'acknowledge' | 'assign' | 'snooze' | 'resolve';

export function mayAct(state: IncidentState, act: Act): Result<void, Refused> {
  const allowed: readonly string[] = acts[state];
  if (allowed.includes(act)) return ok(undefined);
  return err({
    kind: 'conflict',
    code: 'incident_state',
    message: `An incident that is ${state} takes no ${act} any more.`,
  });
}

export type Held = { state: IncidentState; windowStart: Date } | undefined;

/**
 * What an evaluation does to a goal's incident, from the rule's transitions alone: missing data makes none, so it can
 * neither open nor close one. A recovered figure that breaks again reopens the same incident. An alert that a person has
 * resolved stays resolved: `settled` is the start of the last one, and only a later alert opens another incident.
 */
export function consequence(
  transitions: readonly Transition[],
  held: Held,
  settled: Date | undefined,
): { do: 'nothing' } | { do: 'open' | 'reopen' | 'recover'; at: Transition } {
  const last = transitions.at(-1);
  if (!last) return { do: 'nothing' };
  if (last.to === 'alert') {
    if (!held) return settled && new Date(last.at) <= settled ? { do: 'nothing' } : { do: 'open', at: last };
    return held.state === 'recovered' && new Date(last.at) > held.windowStart
      ? { do: 'reopen', at: last }
      : { do: 'nothing' };
  }
  const ends = held && held.state !== 'recovered' && new Date(last.at) > held.windowStart;
  return ends ? { do: 'recover', at: last } : { do: 'nothing' };
}
