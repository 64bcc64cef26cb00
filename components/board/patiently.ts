const AGAIN_MS = 1000;
const TRIES = 30;

/**
 * Fetches a part of the screen that is loaded when first needed. A line that is cut at that moment is tried again until
 * it is back; after half a minute the screen's own error page offers to read it anew.
 */
export async function patiently<T>(load: () => Promise<T>): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await load();
    } catch (error) {
      if (tried === TRIES) throw error;
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}
