import { randomBytes, randomUUID } from 'node:crypto';

export const newId = (): string => randomUUID();

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
export const isUuid = (text: string): boolean => UUID.test(text);

/** A bearer secret: `plb_` and 40 base62-safe characters (240 bits of base64url randomness). */
export const newTokenSecret = (): string => `plb_${randomBytes(30).toString('base64url')}`;
