'use client';

import { CONTROL } from '../ui/field.tsx';
import type { HeadColumn } from './file-head.ts';
import { MEANINGS, type Meaning, type Meanings, meaningsFor, type UploadKind, withMeaning } from './meanings.ts';

type Props = {
  kind: UploadKind;
  columns: readonly HeadColumn[];
  meanings: Meanings;
  onChange: (meanings: Meanings) => void;
};

/** The first rows of a file, a column a line, and what each column means: guessed, and changed here. */
export function ColumnTable({ kind, columns, meanings, onChange }: Props) {
  const rows = Math.max(0, ...columns.map(({ values }) => values.length));
  const inputs = columns.filter(({ name }) => ['feature', 'segment'].includes(meanings[name]?.is ?? 'feature'));
  const change = (name: string, is: Meaning['is']) => {
    const of = inputs.find((column) => column.name !== name)?.name ?? '';
    onChange(withMeaning(meanings, name, is === 'attribution' ? { is, of } : { is }, kind));
  };
  return (
    <div className="flex flex-col gap-1">
      <p className="text-xs text-muted">
        What each column means was guessed from its name{rows > 0 && ' and is shown with the first rows'}. Change what
        is wrong.
      </p>
      <section aria-label="Columns of the file" className="max-h-80 overflow-auto rounded-md border border-line">
        <table className="w-full text-xs">
          <thead className="sticky top-0 z-10 bg-raised text-left">
            <tr>
              <th scope="col" className="px-2 py-1 font-medium">
                Column
              </th>
              <th scope="col" className="px-2 py-1 font-medium">
                What it is
              </th>
            </tr>
          </thead>
          <tbody>
            {columns.map(({ name, values }) => {
              const meaning = meanings[name] ?? { is: 'feature' };
              return (
                <tr key={name} className="border-t border-line align-top">
                  <th scope="row" className="max-w-36 px-2 py-1 text-left font-semibold break-words">
                    {name}
                    {values.length > 0 && (
                      <span
                        className="line-clamp-2 font-mono text-[11px] font-normal break-all text-muted"
                        title={values.join(' · ')}
                      >
                        {values.map((value) => value || '∅').join(' · ')}
                      </span>
                    )}
                  </th>
                  <td className="w-1/2 px-2 py-1">
                    <select
                      aria-label={`What ${name} is`}
                      value={meaning.is}
                      onChange={(event) => change(name, event.target.value as Meaning['is'])}
                      className={CONTROL}
                    >
                      {meaningsFor(kind).map((is) => (
                        <option key={is} value={is}>
                          {MEANINGS[is]}
                        </option>
                      ))}
                    </select>
                    {meaning.is === 'attribution' && (
                      <select
                        aria-label={`The input that ${name} is about`}
                        value={meaning.of}
                        onChange={(event) =>
                          onChange(withMeaning(meanings, name, { is: 'attribution', of: event.target.value }, kind))
                        }
                        className={`${CONTROL} mt-1`}
                      >
                        {inputs
                          .filter((column) => column.name !== name)
                          .map((column) => (
                            <option key={column.name} value={column.name}>
                              of {column.name}
                            </option>
                          ))}
                      </select>
                    )}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </section>
    </div>
  );
}
