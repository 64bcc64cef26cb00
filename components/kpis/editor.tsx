'use client';

import { type FormEvent, useEffect, useRef, useState } from 'react';
import { toast } from 'sonner';
import { api } from '../../lib/board/client.ts';
import type { KpiPanel } from '../../lib/board/schema.ts';
import { maySetGoal } from '../../lib/kpis/rules.ts';
import type { KpiView } from '../../lib/kpis/schema.ts';
import { usePanel } from '../board/context.tsx';
import { useWrite } from '../board/write.ts';
import { Button } from '../ui/button.tsx';
import { Fault } from '../ui/fault.tsx';
import { Area } from '../ui/field.tsx';
import { Conflict } from './conflict.tsx';
import { changesOf, contractOf, type Draft, draftOf, freshDraft, pointsFor } from './draft.ts';
import { showDraftLimit } from './draft-limit.ts';
import { GoalFields } from './fields.tsx';
import { limitsOf, outcome, Preview } from './preview.tsx';

const REASONS = [
  'Seasonal: expected for this time of year',
  'Too noisy: alerts without a cause',
  'Follow-up of an incident',
  'New target from the business',
];

/** Draws the limit as it stands in the fields on the goal's chart, where it can be moved as well. */
function useOnChart(
  goal: KpiPanel | null,
  base: KpiView | null,
  draft: Draft,
  setDraft: (change: (held: Draft) => Draft) => void,
): void {
  useEffect(() => {
    const limits = limitsOf(draft, base?.contract ?? null);
    if (!goal || !base || !limits) return showDraftLimit(null);
    const { alerts } = outcome(goal.points, limits);
    showDraftLimit({
      kpi: goal.id,
      value: limits.limits.breach,
      saved: base.contract.limits.breach,
      outcome: `${alerts} ${alerts === 1 ? 'alert' : 'alerts'} in ${goal.points.length} windows`,
      set: (value) => setDraft((held) => ({ ...held, breach: String(value) })),
    });
    return () => showDraftLimit(null);
  }, [goal, base, draft, setDraft]);
}

/** `base` is the version the draft was made from: the board may move on while somebody types. */
export function GoalEditor({ goal, onDone }: { goal: KpiPanel | null; onDone: () => void }) {
  const { board, panel, select } = usePanel();
  const { busy, problem, write, errorAt, clear } = useWrite();
  const [base, setBase] = useState<KpiView | null>(goal);
  const [draft, setDraft] = useState<Draft>(() =>
    goal ? draftOf(goal.contract) : freshDraft(panel, board.me.email ?? ''),
  );
  const [reason, setReason] = useState('');
  const [stopping, setStopping] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);
  const allowed = maySetGoal(board.me, draft.kind);
  const able = !panel.can.setGoal.ok
    ? panel.can.setGoal
    : allowed.ok
      ? allowed
      : { ok: false as const, message: allowed.error.message };
  const changes = base ? changesOf(draftOf(base.contract), draft) : contractOf(draft);
  const changed = Object.keys(changes).length > 0;
  const newer = goal && base && goal.version > base.version ? goal : null;
  const stale = problem?.status === 412 ? ((problem.body.current as KpiView | undefined) ?? newer) : newer;

  useOnChart(able.ok ? goal : null, base, draft, setDraft);

  const undo = (saved: KpiView, before: KpiView) =>
    write(
      () =>
        api(
          'PATCH',
          `/api/v1/kpis/${saved.id}`,
          {
            ...changesOf(draftOf(saved.contract), draftOf(before.contract)),
            reason: `Undo of version ${saved.version}`,
          },
          { 'if-match': `"${saved.etag}"` },
        ),
      `Undone: the figures of version ${before.version} hold again.`,
    );
  const save = async (event: FormEvent) => {
    event.preventDefault();
    if (!base) {
      const made = await write(
        () =>
          api<KpiView>('POST', `/api/v1/models/${encodeURIComponent(panel.model.name)}/kpis`, { ...changes, reason }),
        'The goal is set.',
      );
      if (made) {
        void select({ kpi: made.id });
        onDone();
      }
      return;
    }
    const saved = await write(
      () => api<KpiView>('PATCH', `/api/v1/kpis/${base.id}`, { ...changes, reason }, { 'if-match': `"${base.etag}"` }),
      '',
    );
    if (!saved) return;
    const before = base;
    setReason('');
    if (!saved.contract) return void toast.success('Asked: another role must agree before the looser limit holds.');
    setBase(saved);
    setDraft(draftOf(saved.contract));
    toast.success(`Saved version ${saved.version}.`, {
      action: { label: 'Undo', onClick: () => void undo(saved, before) },
    });
  };
  const remove = async () => {
    if (!base) return;
    const gone = await write(
      () => api('DELETE', `/api/v1/kpis/${base.id}`, { reason }, { 'if-match': `"${base.etag}"` }),
      'The goal is no longer watched.',
    );
    if (gone) void select({ kpi: null });
  };

  return (
    <form
      onSubmit={(event) => void save(event)}
      className="flex flex-col gap-2"
      aria-label={base ? `Goal ${base.contract.name}` : 'New goal'}
    >
      {base && (
        <p className="text-xs text-muted">
          Version {base.version} by {base.changedBy}: “{base.reason}”
        </p>
      )}
      {stale && base && stale.version > base.version && (
        <Conflict
          base={base}
          theirs={stale}
          mine={draft}
          onTheirs={() => {
            setBase(stale);
            setDraft(draftOf(stale.contract));
            clear();
          }}
          onMine={() => {
            // Fields I did not touch take the other person's value; what I typed stays and goes on top of it.
            const mine = changesOf(draftOf(base.contract), draft);
            const next = draftOf(stale.contract);
            const touched = (Object.keys(draft) as (keyof Draft)[]).filter(
              (key) => draft[key] !== draftOf(base.contract)[key],
            );
            setDraft({ ...next, ...Object.fromEntries(touched.map((key) => [key, draft[key]])) });
            setBase(stale);
            clear();
            if (Object.keys(mine).length > 0) field.current?.focus();
          }}
        />
      )}
      <GoalFields
        draft={draft}
        panel={panel}
        fresh={base === null}
        readOnly={!panel.can.setGoal.ok}
        set={(change) => setDraft({ ...draft, ...change })}
        errorAt={errorAt}
      />
      <Preview
        draft={draft}
        saved={base?.contract ?? null}
        points={goal ? goal.points : pointsFor(panel, draft.metric)}
      />
      <Area
        ref={field}
        label="Reason (needed to save)"
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        readOnly={!able.ok}
        minLength={10}
        required
        error={errorAt('reason')}
      />
      {able.ok && (
        <div className="flex flex-wrap gap-1">
          {REASONS.map((said) => (
            <button
              key={said}
              type="button"
              onClick={() => setReason(said)}
              className="min-h-6 rounded-md border border-line px-1.5 text-xs text-muted hover:bg-raised"
            >
              {said.split(':')[0]}
            </button>
          ))}
        </div>
      )}
      {problem?.status !== 412 && <Fault problem={problem} />}
      <div className="flex flex-wrap items-start gap-1.5">
        <Button
          type="submit"
          kind="primary"
          busy={busy}
          able={able.ok && !changed ? { ok: false, message: 'Nothing is changed yet.' } : able}
          reason="beside"
        >
          {base ? `Save as version ${base.version + 1}` : 'Set this goal'}
        </Button>
        {base ? (
          <>
            <Button
              able={changed ? { ok: true } : { ok: false, message: 'Nothing is changed yet.' }}
              onClick={() => {
                setDraft(draftOf(base.contract));
                setReason('');
              }}
            >
              Discard
            </Button>
            <Button
              kind="danger"
              able={
                !able.ok
                  ? able
                  : reason.trim().length >= 10
                    ? { ok: true }
                    : { ok: false, message: 'Write the reason first.' }
              }
              aria-expanded={stopping}
              onClick={() => setStopping(!stopping)}
            >
              Stop watching
            </Button>
          </>
        ) : (
          <Button onClick={onDone}>Cancel</Button>
        )}
      </div>
      {base && stopping && (
        <div className="flex flex-wrap items-center gap-1.5">
          Nobody is told any more when “{base.contract.name}” gets worse, for good.
          <Button onClick={() => setStopping(false)}>Keep it</Button>
          <Button kind="danger" busy={busy} onClick={() => void remove()}>
            Stop watching it
          </Button>
        </div>
      )}
    </form>
  );
}
