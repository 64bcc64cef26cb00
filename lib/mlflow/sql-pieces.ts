/**
 * A piece of SQL with a `?` for each of its values, in their order. Searches are put together of these: the query
 * builder's own form of the same takes as long as the database takes for a short page.
 */
export type Piece = { text: string; values: (string | number)[] };

export const piece = (text: string, ...values: Piece['values']): Piece => ({ text, values });

/** The pieces one after the other, with the same words between them. */
export const joined = (pieces: readonly Piece[], between: string): Piece => ({
  text: pieces.map(({ text }) => text).join(between),
  values: pieces.flatMap(({ values }) => values),
});

/** The text as Postgres takes it, its values numbered. */
export function numbered({ text }: Piece): string {
  let n = 0;
  return text.replaceAll('?', () => {
    n += 1;
    return `$${n}`;
  });
}
