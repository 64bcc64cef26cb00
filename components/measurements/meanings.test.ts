import { describe, expect, it } from 'vitest';
import type { MeasuredColumn } from '../../lib/measurements/schema.ts';
import { guessMeanings, uploadPath, withMeaning } from './meanings.ts';

const known = (name: string, role: MeasuredColumn['role'], of?: string): MeasuredColumn => ({
  name,
  role,
  kind: 'numeric',
  ...(of ? { of } : {}),
});

describe('what the columns of a file mean', () => {
  it('is guessed from their names, attributions with the input they are about', () => {
    const columns = ['ts', 'id', 'income', 'age', 'region', 'score', 'default', 'shap_income', 'age.contribution'];
    expect(guessMeanings(columns, 'reference')).toEqual({
      ts: { is: 'timestamp' },
      id: { is: 'id' },
      income: { is: 'feature' },
      age: { is: 'feature' },
      region: { is: 'segment' },
      score: { is: 'score' },
      default: { is: 'label' },
      shap_income: { is: 'attribution', of: 'income' },
      'age.contribution': { is: 'attribution', of: 'age' },
    });
  });

  it('is an input where an attribution is about no column of the file', () => {
    expect(guessMeanings(['shap_income', 'age'], 'reference').shap_income).toEqual({ is: 'feature' });
  });

  it('is what the reference says, whatever the names look like', () => {
    const reference = [known('label', 'feature'), known('paid', 'label'), known('why', 'attribution', 'income')];
    expect(guessMeanings(['label', 'paid', 'why', 'income', 'target'], 'observations', reference)).toEqual({
      label: { is: 'feature' },
      paid: { is: 'label' },
      why: { is: 'attribution', of: 'income' },
      income: { is: 'feature' },
      target: { is: 'feature' },
    });
  });

  it('is a role once: the first column that looks like it has it', () => {
    expect(guessMeanings(['label', 'target'], 'reference')).toEqual({
      label: { is: 'label' },
      target: { is: 'feature' },
    });
  });

  it('is an id, an outcome or nothing in a file of outcomes', () => {
    expect(guessMeanings(['id', 'outcome', 'ts', 'age'], 'labels')).toEqual({
      id: { is: 'id' },
      outcome: { is: 'label' },
      ts: { is: 'ignore' },
      age: { is: 'ignore' },
    });
  });

  it('is taken from another column when it is given to one', () => {
    const held = guessMeanings(['label', 'paid'], 'reference');
    expect(withMeaning(held, 'paid', { is: 'label' }, 'reference')).toEqual({
      label: { is: 'feature' },
      paid: { is: 'label' },
    });
    expect(withMeaning(held, 'paid', { is: 'segment' }, 'reference').label).toEqual({ is: 'label' });
  });
});

describe('the address of a file', () => {
  it('names the role of every column that has one, several groups and attributions among them', () => {
    const path = uploadPath('observations', 'churn eu', 3, {
      at: { is: 'timestamp' },
      region: { is: 'segment' },
      plan: { is: 'segment' },
      shap_income: { is: 'attribution', of: 'income' },
      income: { is: 'feature' },
      note: { is: 'ignore' },
    });
    const url = new URL(path, 'http://127.0.0.1');
    expect(url.pathname).toBe('/api/v1/models/churn%20eu/versions/3/observations');
    expect([...url.searchParams]).toEqual([
      ['timestamp', 'at'],
      ['segment', 'region'],
      ['segment', 'plan'],
      ['attribution', 'shap_income:income'],
      ['ignore', 'note'],
    ]);
  });

  it('of outcomes names the version and two columns', () => {
    const meanings = { key: { is: 'id' }, paid: { is: 'label' }, note: { is: 'ignore' } } as const;
    expect(uploadPath('labels', 'churn', 2, meanings)).toBe('/api/v1/models/churn/labels?version=2&id=key&label=paid');
  });
});
