import type { ContractColumn } from '../../lib/contracts/schema.ts';
import { Button } from '../ui/button.tsx';
import { brokenWords, FORM_WORDS, missingWords, TYPE_WORDS, valueWords } from './words.ts';

type Able = { ok: true } | { ok: false; message: string };
type Props = {
  columns: readonly ContractColumn[];
  changed: ReadonlySet<string>;
  able: Able;
  onEdit: (name: string) => void;
};

const HEADS = ['Column', 'Type', 'May be missing', 'Values', 'When broken', ''];

/** The columns as they are promised. On a narrow screen the table scrolls within itself. */
export function ContractTable({ columns, changed, able, onEdit }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable with the keyboard
    <section aria-label="Columns of the data contract" tabIndex={0} className="max-h-[40dvh] shrink-0 overflow-auto">
      <table className="w-full min-w-[34rem] border-collapse text-xs">
        <caption className="sr-only">Columns of the data contract</caption>
        <thead>
          <tr>
            {HEADS.map((head) => (
              <th
                key={head}
                scope="col"
                className="sticky top-0 border-b border-line bg-panel py-1 pr-3 text-left font-semibold"
              >
                {head || <span className="sr-only">Change</span>}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {columns.map((column) => (
            <tr key={column.name} className="border-b border-line align-top">
              <th scope="row" className="py-1 pr-3 text-left font-medium break-words">
                {column.name}
                {changed.has(column.name) && <span className="text-watch"> ● changed</span>}
                {column.role !== 'feature' && <span className="block font-normal text-muted">{column.role}</span>}
                {!column.required && <span className="block font-normal text-muted">may be left out</span>}
              </th>
              <td className="py-1 pr-3">
                {TYPE_WORDS[column.type]}
                {column.form !== 'as_is' && <span className="block text-muted">{FORM_WORDS[column.form]}</span>}
              </td>
              <td className="py-1 pr-3">{missingWords(column)}</td>
              <td className="max-w-64 py-1 pr-3 break-words">{valueWords(column)}</td>
              <td className="py-1 pr-3">{brokenWords(column)}</td>
              <td className="py-1">
                {/* Windows are cut by the time: of it nothing can be given up. */}
                {able.ok && column.role !== 'timestamp' && (
                  <Button kind="quiet" onClick={() => onEdit(column.name)} aria-label={`Change ${column.name}`}>
                    Change
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
