import type { ReactNode } from 'react';

type Props = { caption: string; columns: readonly string[]; rows: readonly { key: string; cells: ReactNode[] }[] };

/** A plain table whose first cell names the row; scrolls sideways where it is wider than the phone. */
export function Grid({ caption, columns, rows }: Props) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section aria-label={caption} tabIndex={0} className="overflow-x-auto">
      <table className="w-full border-collapse text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col" className="border-b border-line py-1 pr-3 text-left font-semibold">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells: [first, ...rest] }) => (
            <tr key={key} className="border-b border-line align-top">
              <th scope="row" className="py-1 pr-3 text-left font-normal">
                {first}
              </th>
              {rest.map((cell, i) => (
                <td key={columns[i + 1]} className="py-1 pr-3">
                  {cell}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
