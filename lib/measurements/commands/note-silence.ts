import { and, eq } from 'drizzle-orm';
import * as z from 'zod';
import { auditEvents } from '../../../db/schema/audit.ts';
import { findContract } from '../../contracts/queries.ts';
import { overdueFrom, RHYTHM_ARRIVALS } from '../../contracts/rules/overdue.ts';
import { lockModelById } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { listArrivals } from '../queries.ts';

const silenceInput = z.strictObject({ model: z.uuid() });

/** What the trail calls it; there is one such entry a silence. */
export const ACTION = 'measurements.note-silence';

/** Puts on record that a model's data stopped coming, once for each silence: the trail and whoever listens to it are told. */
export const noteSilence = defineCommand(ACTION, silenceInput, async ({ tx, now }, input) => {
  const nothing = { value: { silent: false }, unchanged: true } as const;
  // Two servers look at the same clock: the second one waits here, and sees what the first wrote.
  const model = await lockModelById(tx, input.model);
  const arrivals = model ? await listArrivals(tx, model.id, RHYTHM_ARRIVALS) : [];
  const [last] = arrivals;
  if (!model || !last) return nothing;
  const held = await findContract(tx, model, last.version);
  const times = arrivals.map(({ at }) => at);
  const from = overdueFrom(times, held?.contract.freshnessHours ?? null);
  if (!from || now < from) return nothing;
  const said = and(
    eq(auditEvents.modelId, model.id),
    eq(auditEvents.action, ACTION),
    eq(auditEvents.subjectId, last.batchId),
  );
  const [before] = await tx.select({ id: auditEvents.id }).from(auditEvents).where(said).limit(1);
  if (before) return { value: { silent: true }, unchanged: true };
  return {
    value: { silent: true },
    subject: { type: 'batch', id: last.batchId, model: { id: model.id, name: model.name } },
    before: null,
    after: {
      version: last.version,
      lastCameAt: last.at.toISOString(),
      lastDataAt: last.dataAt?.toISOString() ?? null,
      expectedBy: from.toISOString(),
    },
  };
});
