import { isUtf8 } from 'node:buffer';
import { createReadStream, createWriteStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type { LineScan } from './ndjson.ts';
import type { UploadFault, UploadFormat } from './schema.ts';

/** Largest upload after decompression, in bytes: what 50 million rows of a few columns take, and what a disk can spare. */
const MAX_BYTES = 4 * 1024 ** 3;
/** gzip cannot honestly shrink tables beyond about 1:100; a bomb does 1:1000. Small files get a floor. */
const MAX_RATIO = 200;
const RATIO_FREE_BYTES = 64 * 1024 ** 2;
const CHUNK_BYTES = 1024 ** 2;
/** A row of a table is far shorter; without a bound, a file that is one line would be held in memory whole. */
export const MAX_LINE_BYTES = 2 * 1024 ** 2;
const MAGIC = Buffer.from('PAR1');
/** Magic, footer length and magic again: no Parquet file is shorter. */
const MIN_PARQUET_BYTES = 12;

/**
 * Looks at the bytes of an upload before native code does: empty files, Parquet without its two ends, NUL bytes and invalid UTF-8
 * in text (with the line). Costs one read of the file.
 * @param lines is shown the lines of an NDJSON file
 */
export async function prescan(path: string, format: UploadFormat, lines: LineScan): Promise<UploadFault | null> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    if (size === 0) return { code: 'empty_file', message: 'The file is empty.' };
    if (size > MAX_BYTES) return tooLarge();
    if (format !== 'parquet') return await scanText(file, format === 'ndjson' ? lines : undefined);
    const head = Buffer.alloc(4);
    const tail = Buffer.alloc(8);
    await file.read(head, 0, 4, 0);
    if (!head.equals(MAGIC)) return { code: 'not_parquet', message: 'This is not a Parquet file.' };
    await file.read(tail, 0, 8, Math.max(0, size - 8));
    const whole =
      size >= MIN_PARQUET_BYTES && tail.subarray(4).equals(MAGIC) && tail.readUInt32LE(0) <= size - MIN_PARQUET_BYTES;
    return whole ? null : { code: 'truncated_parquet', message: 'The Parquet file is cut off: its end is missing.' };
  } finally {
    await file.close();
  }
}

/** Whether the file starts as gzip does. */
export async function isGzip(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(2);
    await file.read(head, 0, 2, 0);
    return head[0] === 0x1f && head[1] === 0x8b;
  } finally {
    await file.close();
  }
}

/**
 * Decompresses to `output`, which is removed again where the file is damaged or grows beyond what an honest one would.
 * @throws where the system refuses to read or write: the disk is full, say
 */
export async function gunzip(path: string, output: string): Promise<UploadFault | null> {
  const file = await open(path);
  const { size } = await file.stat();
  await file.close();
  const limit = Math.min(MAX_BYTES, Math.max(RATIO_FREE_BYTES, size * MAX_RATIO));
  let bytes = 0;
  const guard = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      done(bytes > limit ? new Error('too large') : null, chunk);
    },
  });
  try {
    await pipeline(createReadStream(path), createGunzip(), guard, createWriteStream(output, { flags: 'wx' }));
    return null;
  } catch (error) {
    await rm(output, { force: true });
    // What the system refused is not the data's doing.
    if (error instanceof Error && 'syscall' in error) throw error;
    return bytes > limit ? tooLarge() : { code: 'not_gzip', message: 'The gzip data is damaged or cut off.' };
  }
}

async function scanText(file: FileHandle, lines: LineScan | undefined): Promise<UploadFault | null> {
  // What a piece ends with of a line is carried to the front, where the next piece follows it: nothing is allocated on the way.
  const buffer = Buffer.allocUnsafe(MAX_LINE_BYTES + CHUNK_BYTES);
  let line = 1;
  let carried = 0;
  for (;;) {
    const { bytesRead } = await file.read(buffer, carried, CHUNK_BYTES);
    const chunk = buffer.subarray(0, carried + bytesRead);
    if (bytesRead === 0) return badLine(chunk, line) ?? lines?.add(chunk, line) ?? null;
    const nul = chunk.indexOf(0, carried);
    if (nul >= 0) {
      return { code: 'nul_byte', line: line + newlines(chunk, nul), message: 'The text holds a NUL byte.' };
    }
    // Judge up to the last line break, so that no character is cut in two.
    const cut = chunk.lastIndexOf(10) + 1;
    const whole = chunk.subarray(0, cut);
    const fault = badLine(whole, line) ?? lines?.add(whole, line);
    if (fault) return fault;
    line += newlines(chunk, cut);
    chunk.copy(buffer, 0, cut);
    carried = chunk.length - cut;
    if (carried > MAX_LINE_BYTES) return { code: 'malformed_row', line, message: 'The line is longer than 2 MB.' };
  }
}

function badLine(bytes: Buffer, from: number): UploadFault | null {
  if (isUtf8(bytes)) return null;
  let line = from;
  for (let start = 0; start < bytes.length; line++) {
    const next = bytes.indexOf(10, start);
    const end = next < 0 ? bytes.length : next;
    if (!isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return { code: 'invalid_utf8', line, message: 'The text is not valid UTF-8; save it as UTF-8.' };
}

function newlines(bytes: Buffer, end: number): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0 && at < end; at = bytes.indexOf(10, at + 1)) count++;
  return count;
}

function tooLarge(): UploadFault {
  return {
    code: 'too_large',
    message: `The file is larger than ${MAX_BYTES / 1024 ** 3} GB, or unpacks to far more than it is.`,
  };
}
