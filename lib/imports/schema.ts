import * as z from 'zod';
import { exact } from '../base/text.ts';

export const IMPORT_STATES = ['queued', 'running', 'finished', 'cancelled', 'failed'] as const;
export type ImportState = (typeof IMPORT_STATES)[number];

export const startImportInput = z.strictObject({
  from: exact(500),
  /** Sent as a bearer token; `name:password` is sent as HTTP Basic. */
  token: exact(1000)
    .regex(/^[\x21-\x7e]+$/, 'must be printable ASCII without spaces')
    .nullish(),
});
export const importInput = z.strictObject({ id: z.uuid() });
export const endImportInput = z.strictObject({
  id: z.uuid(),
  state: z.enum(['finished', 'failed']),
  error: z.string().max(500).nullable(),
});

/** What adds to a model, or says something new of it. What was removed over there stays here. */
export const FOLLOWED = [
  'registered_model.created',
  'model_version.created',
  'model_version_tag.set',
  'model_version_alias.created',
] as const;

/** One webhook as it came; the signature covers the exact text. */
export const receiveInput = z.strictObject({
  id: z.uuid(),
  deliveryId: z.string().min(1).max(200),
  timestamp: z.string().regex(/^\d{1,12}$/),
  signature: z
    .string()
    .max(1000)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII'),
  body: z.string(),
});

/** The answer to following: enter both over there, for these events. The secret is shown this once. */
export type FollowView = { path: string; secret: string; events: string[] };

/** Progress, and what has to be looked at. Counts are whole; of conflicts and failures the first 500 are listed. */
export type ImportView = {
  id: string;
  from: string;
  authenticated: boolean;
  /** Webhooks of the other server are taken. */
  following: boolean;
  state: ImportState;
  models: { total: number | null; done: number; created: number };
  versions: { added: number };
  conflictCount: number;
  conflicts: { model: string; what: string; held: string; offered: string }[];
  failureCount: number;
  failures: { model: string; message: string }[];
  error: string | null;
  startedBy: string;
  startedAt: string;
  updatedAt: string;
  finishedAt: string | null;
};
