'use client';

import type { ReactNode } from 'react';
import { Button } from '../ui/button.tsx';
import { useBoard } from './context.tsx';
import { SendData } from './send-data.tsx';

type Step = { name: string; words: string; done: boolean; way: ReactNode };

/** What is needed before the screen can tell when a model gets worse, ticked as it arrives; `model` may not exist yet. */
export function FirstSteps() {
  const { board, panel, open, select, showRail } = useBoard();
  const setLimit = () => {
    void select({ panel: 'limits', kpi: null });
    showRail();
  };
  const hasVersion = panel !== null && panel.versions.length > 0;
  const steps: Step[] = [
    {
      name: panel ? 'Register its first version' : 'Register a model',
      words: 'Here, or with the MLflow client from the code that trains it.',
      done: hasVersion,
      way: panel ? (
        <Button able={panel.can.registerVersion} onClick={() => open('version')}>
          Register a version
        </Button>
      ) : (
        <Button kind="primary" able={board.can.registerModel} reason="beside" onClick={() => open('register')}>
          Register a model
        </Button>
      ),
    },
    {
      name: 'Send the data it learned from',
      words: 'What comes later is compared with this reference.',
      done: panel !== null && panel.drift.reference !== null,
      way: hasVersion && <SendData words="Send a reference" />,
    },
    {
      name: 'Set a limit',
      words: 'Without a goal nobody is told when the model gets worse. Choose a metric, a limit and an owner.',
      done: panel !== null && panel.kpis.length > 0,
      way: panel && <Button onClick={setLimit}>Set the first goal</Button>,
    },
  ];
  return (
    <ol className="flex flex-col gap-2 text-left">
      {steps.map(({ name, words, done, way }, i) => (
        <li key={name} className="flex items-start gap-2.5">
          <span
            aria-hidden
            className={`mt-0.5 size-5 shrink-0 rounded-full border text-center text-xs leading-[18px] ${done ? 'border-ok text-ok' : 'border-control text-muted'}`}
          >
            {done ? '✓' : i + 1}
          </span>
          <span className="min-w-0 flex-1">
            <span className={done ? 'text-muted' : 'font-semibold'}>{name}</span>
            {done && <span className="sr-only"> (done)</span>}
            {!done && <span className="block text-muted">{words}</span>}
          </span>
          {!done && way}
        </li>
      ))}
    </ol>
  );
}
