import { createHash } from 'node:crypto';
import { AppError } from '../shell/errors.ts';

/** The largest upload, in bytes as sent. */
export const MAX_UPLOAD_BYTES = 4 * 1024 ** 3;
/** A body arrives in pieces of some kilobytes; one call for each costs more than the writing. */
const PIECE_BYTES = 1024 ** 2;

export type Measure = { bytes: number; sha256: string };

/** A body while it is read. `pieces` may be read once, and a piece is valid until the next one is asked for. */
export type Intake = { pieces: AsyncGenerator<Buffer>; measure: () => Measure };

/**
 * The body of an upload in pieces of about a megabyte, counted and hashed on the way.
 * @throws AppError from `pieces`, where the body breaks off, is too large or is not as long as it was said to be
 */
export function openIntake(body: ReadableStream<Uint8Array> | null, declaredBytes: number | null): Intake {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* pieces(): AsyncGenerator<Buffer> {
    if (declaredBytes !== null && declaredBytes > MAX_UPLOAD_BYTES) throw tooLarge();
    const reader = body?.getReader();
    const piece = Buffer.allocUnsafeSlow(Math.min(PIECE_BYTES, declaredBytes || PIECE_BYTES));
    let filled = 0;
    const taken = (): Buffer => {
      const part = piece.subarray(0, filled);
      filled = 0;
      hash.update(part);
      return part;
    };
    try {
      for (;;) {
        const next = await reader?.read().catch(() => {
          throw cutOff();
        });
        if (!next || next.done) break;
        bytes += next.value.byteLength;
        if (bytes > MAX_UPLOAD_BYTES) throw tooLarge();
        for (let from = 0; from < next.value.byteLength; ) {
          const part = next.value.subarray(from, from + piece.byteLength - filled);
          piece.set(part, filled);
          filled += part.byteLength;
          from += part.byteLength;
          if (filled === piece.byteLength) yield taken();
        }
      }
      if (declaredBytes !== null && bytes !== declaredBytes) throw cutOff();
      if (filled > 0) yield taken();
    } finally {
      // Whoever stopped reading will not read on: the sender learns it.
      await reader?.cancel().catch(() => undefined);
    }
  }
  return { pieces: pieces(), measure: () => ({ bytes, sha256: hash.digest('hex') }) };
}

const tooLarge = (): AppError =>
  new AppError('too_large', 'upload_too_large', `An upload must have at most ${MAX_UPLOAD_BYTES} bytes.`);
const cutOff = (): AppError =>
  new AppError('malformed', 'upload_cut_off', 'The upload broke off before its end: nothing was kept. Send it again.');
