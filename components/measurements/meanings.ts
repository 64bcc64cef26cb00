import type { MeasuredColumn } from '../../lib/measurements/schema.ts';

/** What a column means. `of`: the input that an attribution is about. */
export type Meaning =
  | { is: 'feature' | 'timestamp' | 'id' | 'prediction' | 'score' | 'label' | 'segment' | 'ignore' }
  | { is: 'attribution'; of: string };
export type Meanings = Record<string, Meaning>;
export type UploadKind = 'reference' | 'observations' | 'labels';

/** One column at most may be each of these. */
const SINGLE = ['timestamp', 'id', 'prediction', 'score', 'label'] as const;
const GUESSES: Record<(typeof SINGLE)[number] | 'segment', RegExp> = {
  timestamp: /^(ts|at|time|timestamp|date|datetime|event_time|created_at|.*_at)$/i,
  id: /^(id|row_id|prediction_id|event_id|uuid|request_id)$/i,
  prediction: /^(prediction|predicted|pred|y_pred|yhat|y_hat)$/i,
  score: /^(score|proba|probability|y_score|p1|prob)$/i,
  label: /^(label|target|y|y_true|outcome|actual|default)$/i,
  segment: /^(segment|region|country|group)$/i,
};
/** `shap_income`, `income_shap`, `contribution.income`: about the column `income`, where there is one. */
const ATTRIBUTION =
  /^(?:shap|attr|attribution|contribution|contrib)(?:[_.:-]|_values?_)(.+)$|^(.+)[_.:-](?:shap|attribution|contribution|contrib)$/i;

/** What each column may mean for a kind of file, in plain words. */
export const MEANINGS = {
  feature: 'An input',
  timestamp: 'When it happened',
  id: 'Id of the row',
  prediction: 'The answer',
  score: 'The score',
  label: 'The true outcome',
  segment: 'An input, and a group',
  attribution: 'Effect of an input',
  ignore: 'Leave it out',
} as const satisfies Record<Meaning['is'], string>;

export const meaningsFor = (kind: UploadKind): Meaning['is'][] =>
  kind === 'labels' ? ['ignore', 'id', 'label'] : (Object.keys(MEANINGS) as Meaning['is'][]);

/** As the reference has it, where it knows the column, else by its name; the first column that looks like a role gets it. */
export function guessMeanings(
  columns: readonly string[],
  kind: UploadKind,
  known: readonly MeasuredColumn[] = [],
): Meanings {
  const taken = new Set<string>();
  const reference = new Map(known.map((column) => [column.name, column]));
  const allowed = meaningsFor(kind);
  const usual = kind === 'labels' ? 'ignore' : 'feature';
  const guess = (name: string): Meaning => {
    const held = reference.get(name);
    if (held) return held.role === 'attribution' ? { is: 'attribution', of: held.of ?? '' } : { is: held.role };
    const about = ATTRIBUTION.exec(name);
    const of = columns.find((column) => column === (about?.[1] ?? about?.[2]));
    if (of !== undefined) return { is: 'attribution', of };
    const role = ([...SINGLE, 'segment'] as const).find((one) => GUESSES[one].test(name));
    return { is: role ?? usual };
  };
  // What the reference says comes first: a name that merely looks like a role must not take it.
  const order = [...columns].sort((a, b) => Number(reference.has(b)) - Number(reference.has(a)));
  const found = order.map((name): [string, Meaning] => {
    const meaning = guess(name);
    const single = (SINGLE as readonly string[]).includes(meaning.is);
    if (!allowed.includes(meaning.is) || (single && taken.has(meaning.is))) return [name, { is: usual }];
    taken.add(meaning.is);
    return [name, meaning];
  });
  return Object.fromEntries(found);
}

/** A column gets a meaning; another that held it, where only one may, becomes an input again. */
export function withMeaning(held: Meanings, name: string, meaning: Meaning, kind: UploadKind): Meanings {
  const next: Meanings = { ...held, [name]: meaning };
  if (!(SINGLE as readonly string[]).includes(meaning.is)) return next;
  for (const [other, { is }] of Object.entries(held))
    if (other !== name && is === meaning.is) next[other] = { is: kind === 'labels' ? 'ignore' : 'feature' };
  return next;
}

/** Where a file goes, with the roles of its columns as the interface takes them. */
export function uploadPath(kind: UploadKind, model: string, version: number, meanings: Meanings): string {
  const base = `/api/v1/models/${encodeURIComponent(model)}`;
  const place = kind === 'labels' ? `${base}/labels` : `${base}/versions/${version}/${kind}`;
  const query = new URLSearchParams(kind === 'labels' ? { version: String(version) } : {});
  for (const [name, meaning] of Object.entries(meanings)) {
    if (meaning.is === 'attribution') query.append('attribution', `${name}:${meaning.of}`);
    else if (meaning.is !== 'feature' && !(kind === 'labels' && meaning.is === 'ignore'))
      query.append(meaning.is, name);
  }
  return query.size > 0 ? `${place}?${query}` : place;
}
