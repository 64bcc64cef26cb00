/** The beginning of a text, so many UTF-16 units at most: no character is cut in half, for half a one cannot be stored. */
export const cut = (text: string, max: number): string => text.slice(0, max).replace(/[\ud800-\udbff]$/, '');
