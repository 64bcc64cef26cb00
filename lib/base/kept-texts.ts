/** Whose text it is, and of which of its revisions. */
export type Stamp = { id: string; revision: number };

/**
 * Texts that were made once, each for one revision of what it tells. They are kept up to a number of characters in all;
 * the one that nobody asked for the longest goes first.
 */
export class KeptTexts {
  private readonly texts = new Map<string, Stamp & { text: string }>();
  private readonly charactersMax: number;
  private characters = 0;

  constructor(charactersMax: number) {
    this.charactersMax = charactersMax;
  }

  /** Whether there is a text, of whatever revision. */
  has(key: string): boolean {
    return this.texts.has(key);
  }

  /** The text of exactly this revision. */
  get(key: string, { id, revision }: Stamp): string | undefined {
    const held = this.texts.get(key);
    if (held?.revision !== revision || held.id !== id) return undefined;
    // Asked for again: it moves to the end.
    this.texts.delete(key);
    this.texts.set(key, held);
    return held.text;
  }

  /** Keeps a text unless a later revision of the same is held already. */
  set(key: string, { id, revision }: Stamp, text: string): void {
    const held = this.texts.get(key);
    if (held?.id === id && held.revision > revision) return;
    if (held) this.drop(key, held.text);
    this.texts.set(key, { id, revision, text });
    this.characters += text.length;
    for (const [oldest, { text: old }] of this.texts) {
      if (this.characters <= this.charactersMax) break;
      this.drop(oldest, old);
    }
  }

  get size(): { texts: number; characters: number } {
    return { texts: this.texts.size, characters: this.characters };
  }

  private drop(key: string, text: string): void {
    this.texts.delete(key);
    this.characters -= text.length;
  }
}
