'use client';

import type { ContractChanges, DataContract } from '../../lib/contracts/schema.ts';
import { Field } from '../ui/field.tsx';

type Props = {
  contract: DataContract;
  onChange: (changes: ContractChanges) => void;
  errorAt: (path: string) => string | undefined;
};

/** What may be changed of the file as a whole. */
export function FileFields({ contract, onChange, errorAt }: Props) {
  const day = (text: string) => (text === '' ? null : `${text}T00:00:00.000Z`);
  return (
    <fieldset className="grid gap-2 rounded-md border border-control p-2 sm:grid-cols-3">
      <legend className="px-1 text-xs font-semibold">The file</legend>
      <Field
        label="Next rows within, hours"
        type="number"
        min={1}
        step={1}
        placeholder="not known"
        defaultValue={contract.freshnessHours ?? ''}
        onChange={(event) =>
          onChange({ freshnessHours: event.target.value === '' ? null : Number(event.target.value) })
        }
        error={errorAt('changes.freshnessHours')}
      />
      <Field
        label="No rows before (UTC)"
        type="date"
        defaultValue={contract.earliestAt?.slice(0, 10) ?? ''}
        onChange={(event) => onChange({ earliestAt: day(event.target.value) })}
        error={errorAt('changes.earliestAt')}
      />
      <Field
        label="Set aside at most, %"
        type="number"
        min={0}
        max={50}
        step="any"
        defaultValue={contract.maxSetAsideShare * 100}
        onChange={(event) => onChange({ maxSetAsideShare: Number(event.target.value) / 100 })}
        error={errorAt('changes.maxSetAsideShare')}
      />
    </fieldset>
  );
}
