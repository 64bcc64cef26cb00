/**
 * True when one word becomes the other by at most `max` slips of the hand: a letter left out, added, changed, or two
 * neighbours swapped (optimal string alignment distance, Damerau 1964).
 */
export function withinTypos(a: string, b: string, max: number): boolean {
  if (Math.abs(a.length - b.length) > max) return false;
  let [before, last] = [[] as number[], Array.from({ length: b.length + 1 }, (_, j) => j)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(change, last[j]! + 1, row[j - 1]! + 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    [before, last] = [last, row];
  }
  return last[b.length]! <= max;
}

/** How many slips still mean the word: in a short one, a single slip already makes another word. */
export const typosIn = (word: string): number => (word.length < 4 ? 0 : word.length < 7 ? 1 : 2);

/**
 * Tells whether a text holds the word as typed so far: as a part, or the start of one of its words, with typos. Texts of
 * one catalogue share most of their words, so that each word is compared once for all of them.
 */
export function wordFinder(word: string): (text: string) => boolean {
  const wanted = word.toLowerCase();
  const max = typosIn(wanted);
  const known = new Map<string, boolean>();
  const isMeant = (token: string): boolean => {
    const held = known.get(token);
    if (held !== undefined) return held;
    const meant = withinTypos(wanted, token, max) || withinTypos(wanted, token.slice(0, wanted.length), max);
    known.set(token, meant);
    return meant;
  };
  return (text) => {
    const held = text.toLowerCase();
    return held.includes(wanted) || (max > 0 && held.split(/[^\p{L}\p{N}]+/u).some(isMeant));
  };
}
