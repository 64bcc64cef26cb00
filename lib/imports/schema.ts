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

/** Progress, and what has to be looked at. Counts are whole; of conflicts and failures the first 500 are listed. */
export type ImportView = {
  id: string;
  from: string;
  authenticated: boolean;
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
