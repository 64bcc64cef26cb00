/** Longer than any name of a zone. */
const NAME_MAX = 64;

/** The zone that an address asks to read in, under its IANA name; null where there is none of that name. */
export function readZone(text: string): string | null {
  if (text.length > NAME_MAX || !/^[A-Za-z]/.test(text)) return null;
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: text });
    return text;
  } catch {
    return null;
  }
}

/** Which zones are offered: the workspace's, in which days are counted; the reader's own; and UTC. Each once. */
export function zonesOffered(workspace: string, own: string | null, chosen: string | null): string[] {
  return [...new Set([workspace, own, 'UTC', chosen].filter((zone) => zone !== null))];
}
