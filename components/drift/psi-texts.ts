import { CHANGED, CHANGED_A_LOT } from '../../lib/drift/rules.ts';
import { numbers } from '../board/format.ts';

type Judged = { psi: number | null; noiseLimit: number | null };

/** An index and what chance alone reaches, both told apart from the limits that the index is judged by. */
export function psiTexts({ psi, noiseLimit }: Judged): [psi: string, noise: string] {
  const [index = '', noise = ''] = numbers([psi, noiseLimit, CHANGED, CHANGED_A_LOT]);
  return [index, noise];
}
