/**
 * Texts that were made once, each for one revision of what it tells. They are kept up to a number of characters in all;
 * the one that nobody asked for the longest goes first.
 */
export class KeptTexts {
  private readonly texts = new Map<string, { revision: number; text: string }>();
  private readonly charactersMax: number;
  private characters = 0;

  constructor(charactersMax: number) {
    this.charactersMax = charactersMax;
  }

  /** The text of exactly this revision. */
  get(key: string, revision: number): string | undefined {
    const held = this.texts.get(key);
    if (held?.revision !== revision) return undefined;
    // Asked for again: it moves to the end.
    this.texts.delete(key);
    this.texts.set(key, held);
    return held.text;
  }

  /** Keeps a text unless a later revision is held already. */
  set(key: string, revision: number, text: string): void {
    const held = this.texts.get(key);
    if (held && held.revision > revision) return;
    if (held) this.drop(key, held.text);
    this.texts.set(key, { revision, text });
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
