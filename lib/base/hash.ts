import { hash, timingSafeEqual } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';

/** SHA-256 as 64 lower-case hex digits. */
export const sha256 = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

/** SHA-256 over the RFC 8785 form: equal documents have equal hashes whatever their key order. */
export const contentHash = (value: unknown): string => sha256(canonicalJson(value));

/** Compares two hex digests without telling by its duration where they differ. */
export function sameDigest(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}
