import { LRUCache } from 'lru-cache';

/** Whose text it is, and of which of its revisions. */
export type Stamp = { id: string; revision: number };

/**
 * Texts that were made once, each for one revision of what it tells. They are kept up to a number of characters in all,
 * names included; the one that nobody asked for the longest goes first.
 */
export class KeptTexts {
  private readonly texts: LRUCache<string, Stamp & { text: string }>;

  constructor(charactersMax: number) {
    this.texts = new LRUCache({
      maxSize: charactersMax,
      sizeCalculation: ({ text }, key) => key.length + text.length,
    });
  }

  /** Whether there is a text, of whatever revision. */
  has(key: string): boolean {
    return this.texts.has(key);
  }

  /** The text of exactly this revision. */
  get(key: string, { id, revision }: Stamp): string | undefined {
    const held = this.texts.get(key);
    return held?.revision === revision && held.id === id ? held.text : undefined;
  }

  /** Keeps a text unless a later revision of the same is held already. */
  set(key: string, { id, revision }: Stamp, text: string): void {
    const held = this.texts.peek(key);
    if (held?.id === id && held.revision > revision) return;
    this.texts.set(key, { id, revision, text });
  }

  get size(): { texts: number; characters: number } {
    return { texts: this.texts.size, characters: this.texts.calculatedSize };
  }
}
