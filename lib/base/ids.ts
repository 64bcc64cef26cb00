import { randomBytes, randomUUID } from 'node:crypto';

export const newId = (): string => randomUUID();

/** A bearer secret: `plb_` and 40 base62-safe characters (240 bits of base64url randomness). */
export const newTokenSecret = (): string => `plb_${randomBytes(30).toString('base64url')}`;
