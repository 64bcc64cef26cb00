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

/** Whether a word as typed so far means a word that there is: that one or its start, with typos. Both in lower case. */
export function isMeant(typed: string, word: string): boolean {
  const max = typosIn(typed);
  return withinTypos(typed, word, max) || withinTypos(typed, word.slice(0, typed.length), max);
}
