'use client';

import { Minus, Plus } from 'lucide-react';
import { useId } from 'react';
import type { ModelPanel } from '../../lib/board/schema.ts';
import { useWords } from '../board/context.tsx';
import { Choice, CONTROL, Field } from '../ui/field.tsx';
import { type Draft, readNumber, startOf } from './draft.ts';

const KINDS = [
  { value: 'business_kpi', label: 'Business result' },
  { value: 'model_metric', label: 'Quality of the answers' },
  { value: 'guardrail', label: 'Guardrail' },
  { value: 'data_quality', label: 'Input data and drift' },
];
const DIRECTIONS = [
  { value: 'higher_is_better', label: 'Higher is better' },
  { value: 'lower_is_better', label: 'Lower is better' },
];

type Props = {
  draft: Draft;
  panel: ModelPanel;
  fresh: boolean;
  readOnly: boolean;
  set: (change: Partial<Draft>) => void;
  errorAt: (path: string) => string | undefined;
};

function metricsOf(panel: ModelPanel, held: string): string[] {
  const names = [
    ...panel.performance.metrics,
    'psi:max',
    ...panel.drift.features.map((feature) => `psi:${feature.name}`),
    'rows',
    ...(held ? [held] : []),
  ];
  return [...new Set(names)];
}

/** One figure with − and + beside it: for those who point as for those who type. */
function Stepped({
  label,
  value,
  readOnly,
  error,
  onChange,
}: {
  label: string;
  value: string;
  readOnly: boolean;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const id = useId();
  const read = readNumber(value);
  // A hundredth of the figure's own size, rounded to a power of ten: fine for 0.2 as for 40 000.
  const size = 10 ** (Math.floor(Math.log10(Math.abs(read ?? 0) || 1)) - 1);
  const step = (by: number) => onChange(String(Number(((read ?? 0) + by * size).toPrecision(8))));
  const fault = error ?? (value.trim() !== '' && read === null ? 'is not a number' : undefined);
  return (
    <div className="flex min-w-0 flex-col gap-0.5">
      <label htmlFor={id} className="text-xs font-medium text-muted">
        {label}
      </label>
      <div className="flex">
        <button
          type="button"
          disabled={readOnly}
          aria-label={`${label}: less`}
          onClick={() => step(-1)}
          className="tap flex w-6 shrink-0 items-center justify-center rounded-l-md border border-r-0 border-control hover:bg-raised"
        >
          <Minus aria-hidden size={12} />
        </button>
        <input
          id={id}
          inputMode="decimal"
          value={value}
          readOnly={readOnly}
          aria-invalid={fault ? true : undefined}
          aria-describedby={fault ? `${id}-error` : undefined}
          onChange={(event) => onChange(event.target.value)}
          onKeyDown={(event) => {
            const by = { ArrowUp: 1, ArrowDown: -1 }[event.key];
            if (by === undefined || readOnly) return;
            event.preventDefault();
            step(event.shiftKey ? by * 10 : by);
          }}
          className={`${CONTROL} rounded-none`}
        />
        <button
          type="button"
          disabled={readOnly}
          aria-label={`${label}: more`}
          onClick={() => step(1)}
          className="tap flex w-6 shrink-0 items-center justify-center rounded-r-md border border-l-0 border-control hover:bg-raised"
        >
          <Plus aria-hidden size={12} />
        </button>
      </div>
      {fault && (
        <p id={`${id}-error`} className="text-xs font-medium text-breach">
          {fault}
        </p>
      )}
    </div>
  );
}

/** What is seldom changed of a goal that there is: out of the way of its limit, unless something is wrong with it. */
const FOLDED = [
  'name',
  'question',
  'metric',
  'kind',
  'direction',
  'unit',
  'window',
  'minSamples.events',
  'minSamples.positives',
  'rule.k',
  'rule.m',
  'owner',
];

export function GoalFields({ draft, panel, fresh, readOnly, set, errorAt }: Props) {
  const words = useWords();
  const common = (key: keyof Draft, path: string) => ({
    value: draft[key],
    readOnly,
    error: errorAt(path),
    onChange: (event: { target: { value: string } }) => set({ [key]: event.target.value }),
  });
  const choice = (key: keyof Draft, path: string) => {
    const { readOnly: disabled, ...rest } = common(key, path);
    return { ...rest, disabled };
  };
  const stepped = (key: 'target' | 'watch' | 'breach', path: string) => ({
    value: draft[key],
    readOnly,
    error: errorAt(path),
    onChange: (value: string) => set({ [key]: value }),
  });
  const named = (
    <>
      <Field label="Name" {...common('name', 'name')} required />
      <Field label="The question it answers" {...common('question', 'question')} />
      <div className="grid grid-cols-2 gap-2">
        <Choice
          label="Metric"
          {...choice('metric', 'metric')}
          onChange={(event) => set(fresh ? startOf(event.target.value) : { metric: event.target.value })}
          options={metricsOf(panel, draft.metric).map((value) => ({ value, label: words.metric(value) }))}
        />
        <Choice label="Kind" {...choice('kind', 'kind')} options={KINDS} />
        <Choice label="Direction" {...choice('direction', 'direction')} options={DIRECTIONS} />
        <Field label="Unit" {...common('unit', 'unit')} />
      </div>
    </>
  );
  const limits = (
    <div className="grid grid-cols-3 gap-2">
      <Stepped label="Target" {...stepped('target', 'target')} />
      <Stepped label="Watch from" {...stepped('watch', 'limits.watch')} />
      <Stepped label="Limit" {...stepped('breach', 'limits.breach')} />
    </div>
  );
  const judged = (
    <>
      <div className="grid grid-cols-3 gap-2">
        <Field label="Period, days" inputMode="numeric" {...common('window', 'window')} />
        <Field label="Needs rows" inputMode="numeric" {...common('events', 'minSamples.events')} />
        <Field label="… positives" inputMode="numeric" {...common('positives', 'minSamples.positives')} />
      </div>
      <div className="grid grid-cols-[1fr_1fr_2fr] gap-2">
        <Field label="Alert after" inputMode="numeric" {...common('k', 'rule.k')} />
        <Field label="of the last" inputMode="numeric" {...common('m', 'rule.m')} />
        <Field label="Owner, e-mail" type="email" {...common('owner', 'owner')} />
      </div>
    </>
  );
  if (fresh)
    return (
      <>
        {named}
        {limits}
        {judged}
      </>
    );
  const faulty = FOLDED.some((path) => errorAt(path) !== undefined);
  return (
    <>
      {limits}
      <details open={faulty} className="rounded-md border border-line">
        <summary className="cursor-pointer px-2 py-2 text-xs">
          <strong>How it is judged</strong>{' '}
          <span className="text-muted">
            {words.metric(draft.metric)} over {draft.window} d, alert after {draft.k} of {draft.m}
          </span>
        </summary>
        <div className="flex flex-col gap-2 border-t border-line p-2">
          {named}
          {judged}
        </div>
      </details>
    </>
  );
}
