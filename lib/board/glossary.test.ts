import { expect, it } from 'vitest';
import { metricWords } from './glossary.ts';

it('product reads what a metric says and its name, the others its name alone', () => {
  expect(['recall', 'psi:max', 'psi:income'].map((name) => metricWords(name, 'product'))).toEqual([
    'cases it catches (recall)',
    'input that moved most (psi:max)',
    'how far it moved: income (psi:income)',
  ]);
  expect(metricWords('recall', 'data')).toBe('recall');
  expect(metricWords('revenue', 'product')).toBe('revenue');
});
