'use client';

import type { MethodResult } from '../../lib/drift/schema.ts';
import { number } from '../board/format.ts';

const NAMES = {
  psi: 'PSI',
  jensen_shannon: 'Jensen-Shannon distance',
  hellinger: 'Hellinger distance',
  l_infinity: 'L-infinity distance',
  total_variation: 'Total variation',
  chi_square: 'Chi-square',
  g_test: 'G-test',
  two_proportion_z: 'Two-proportion z',
  kolmogorov_smirnov: 'Kolmogorov-Smirnov D',
  wasserstein: 'Wasserstein distance',
} as const satisfies Record<MethodResult['method'], string>;

/** What other methods say of the same rows, for those who know them: none of these raises an alarm. */
export function Methods({ methods, lead }: { methods: readonly MethodResult[]; lead: string }) {
  return (
    <details className="text-xs">
      <summary className="cursor-pointer text-muted">
        {lead}, {methods.length} others
      </summary>
      <table className="w-full border-collapse">
        <caption className="sr-only">Other methods on the same rows</caption>
        <thead>
          <tr>
            {['Method', 'Variant', 'Value', 'p'].map((column) => (
              <th key={column} scope="col" className="border-b border-line py-0.5 pr-2 text-left font-semibold">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {methods.map((held) => (
            <tr key={`${held.method} ${held.variant}`} className="border-b border-line">
              <th scope="row" className="py-0.5 pr-2 text-left font-normal">
                {NAMES[held.method]}
              </th>
              <td className="py-0.5 pr-2 text-muted">{held.variant.replaceAll('_', ' ')}</td>
              <td className="py-0.5 pr-2">{held.value === null ? '–' : number(held.value)}</td>
              <td className="py-0.5">{held.p === null ? '–' : number(held.p)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
