'use client';

import type { ContractChanges, ContractColumn } from '../../lib/contracts/schema.ts';
import { Area, Choice, Field } from '../ui/field.tsx';
import { WHEN_BROKEN } from './words.ts';

type Change = NonNullable<ContractChanges['columns']>[string];
type Props = {
  column: ContractColumn;
  onChange: (change: Change) => void;
  errorAt: (path: string) => string | undefined;
};

const numberOr = (text: string): number | null => (text.trim() === '' ? null : Number(text));
const shareOf = (text: string): number => Number(text) / 100;
const inPercent = (share: number): string => String(Number((share * 100).toPrecision(6)));

/** What may be changed of one column; its name, role and type are the reference's. */
export function ColumnFields({ column, onChange, errorAt }: Props) {
  const at = (field: keyof ContractColumn) => errorAt(`columns.${column.name}.${field}`);
  const isNumber = column.type === 'number' || column.type === 'integer';
  const inWords = column.type === 'text' || column.type === 'boolean';
  const { range } = column;
  const percentage = { type: 'number', min: 0, max: 100, step: 'any', inputMode: 'decimal' } as const;
  return (
    <fieldset className="flex flex-col gap-2 rounded-md border border-control p-2">
      <legend className="px-1 text-xs font-semibold">{column.name}</legend>
      <div className="grid gap-2 sm:grid-cols-2">
        <Tick label="Must be in the file" checked={column.required} onChange={(required) => onChange({ required })} />
        <Tick label="May be missing" checked={column.nullable} onChange={(nullable) => onChange({ nullable })} />
        {column.nullable && (
          <Field
            label="Missing in at most, % of the rows"
            {...percentage}
            defaultValue={inPercent(column.maxMissingShare)}
            onChange={(event) => onChange({ maxMissingShare: shareOf(event.target.value) })}
            error={at('maxMissingShare')}
          />
        )}
        <Choice
          label="When a row breaks this"
          value={column.whenBroken}
          onChange={(event) => onChange({ whenBroken: event.target.value as ContractColumn['whenBroken'] })}
          options={WHEN_BROKEN}
        />
      </div>
      {isNumber && (
        <div className="grid gap-2 sm:grid-cols-3">
          {(['min', 'max'] as const).map((end) => (
            <Field
              key={end}
              label={end === 'min' ? 'Lowest' : 'Highest'}
              type="number"
              step="any"
              placeholder="open"
              defaultValue={range?.[end] ?? ''}
              onChange={(event) => {
                const next = { min: range?.min ?? null, max: range?.max ?? null, [end]: numberOr(event.target.value) };
                onChange({ range: next.min === null && next.max === null ? null : next });
              }}
              error={at('range')}
            />
          ))}
          <Field
            label="Outside in at most, %"
            {...percentage}
            defaultValue={inPercent(column.maxOutsideShare)}
            onChange={(event) => onChange({ maxOutsideShare: shareOf(event.target.value) })}
            error={at('maxOutsideShare')}
          />
        </div>
      )}
      {inWords && (
        <>
          <Area
            label="Categories, one a line"
            defaultValue={(column.categories ?? []).join('\n')}
            onChange={(event) => {
              const lines = event.target.value.split('\n').filter((line) => line !== '');
              onChange({ categories: lines.length > 0 ? lines : null });
            }}
            error={at('categories')}
          />
          <Tick label="No other categories" checked={column.closed} onChange={(closed) => onChange({ closed })} />
          {at('closed') && <p className="text-xs font-medium text-breach">{at('closed')}</p>}
        </>
      )}
    </fieldset>
  );
}

type TickProps = { label: string; checked: boolean; onChange: (checked: boolean) => void };

function Tick({ label, checked, onChange }: TickProps) {
  return (
    <label className="tap flex min-h-8 items-center gap-2">
      <input
        type="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        className="size-4"
      />
      {label}
    </label>
  );
}
