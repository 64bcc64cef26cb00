'use client';

import { useState } from 'react';
import { stateNow } from '../../lib/kpis/rules/staleness.ts';
import { usePanel, useWords } from '../board/context.tsx';
import { POINT_LOOKS } from '../board/states.tsx';
import { Button } from '../ui/button.tsx';
import { Choice } from '../ui/field.tsx';
import { GoalEditor } from './editor.tsx';
import { GoalHistory } from './history.tsx';
import { focusGoal, orderedGoals } from './order.ts';

export function LimitsPanel() {
  const { panel, lens, selection, select } = usePanel();
  const words = useWords();
  const [adding, setAdding] = useState(false);
  const goal = focusGoal(panel.kpis, lens, selection.kpi);
  const making = adding || !goal;
  return (
    <>
      <div className="flex items-end gap-2">
        <div className="min-w-0 flex-1">
          <h2 className="mb-1 text-sm font-semibold" title={words.others('kpi')}>
            {making ? 'New goal' : words.term('kpi')}
          </h2>
          {!making && (
            <Choice
              label="Which one"
              value={goal.id}
              onChange={(event) => void select({ kpi: event.target.value })}
              options={orderedGoals(panel.kpis, lens).map((k) => ({
                value: k.id,
                label: `${POINT_LOOKS[stateNow(k, panel.stale !== null)].glyph} ${k.contract.name}`,
              }))}
            />
          )}
        </div>
        {!making && (
          <Button able={panel.can.setGoal} onClick={() => setAdding(true)}>
            New goal
          </Button>
        )}
      </div>
      <GoalEditor key={making ? 'new' : goal.id} goal={making ? null : goal} onDone={() => setAdding(false)} />
      {!making && <GoalHistory goal={goal} />}
    </>
  );
}
