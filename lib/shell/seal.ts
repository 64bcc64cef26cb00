import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { sha256 } from '../base/hash.ts';
import { authSecret } from './session.ts';

/** Where a sealed value lies; it opens nowhere else (additional data of AES-GCM). */
export type Place = { table: string; id: string; column: string };

const VERSION = 'v1';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** The text as AES-256-GCM under a key derived from AUTH_SECRET: `v1.<key id>.<nonce, ciphertext and tag as base64url>`. */
export function seal(text: string, place: Place): string {
  const { key, id } = sealingKey();
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(placeBytes(place));
  const bytes = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${VERSION}.${id}.${bytes.toString('base64url')}`;
}

/** The text again; undefined when another AUTH_SECRET sealed it, or it was moved or altered. */
export function unseal(sealed: string, place: Place): string | undefined {
  const [version, id, data] = sealed.split('.');
  const held = sealingKey();
  if (version !== VERSION || id !== held.id || !data) return undefined;
  const bytes = Buffer.from(data, 'base64url');
  if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
  const opener = createDecipheriv('aes-256-gcm', held.key, bytes.subarray(0, NONCE_BYTES), {
    authTagLength: TAG_BYTES,
  });
  opener.setAAD(placeBytes(place)).setAuthTag(bytes.subarray(-TAG_BYTES));
  try {
    return Buffer.concat([opener.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), opener.final()]).toString('utf8');
  } catch {
    return undefined;
  }
}

function sealingKey(): { key: Buffer; id: string } {
  const key = Buffer.from(hkdfSync('sha256', authSecret(), '', 'plumbline secrets at rest', 32));
  return { key, id: sha256(key).slice(0, 8) };
}

const placeBytes = ({ table, id, column }: Place): Buffer => Buffer.from(`${table}|${id}|${column}`);
