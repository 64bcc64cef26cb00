import { and, eq } from 'drizzle-orm';
import { versionImportance } from '../../../db/schema/models.ts';
import { defineCommand } from '../../shell/command.ts';
import { findImportance, getVersion, lockModel } from '../queries.ts';
import { importanceFacts, sharesOf } from '../rules/importance.ts';
import { type SentImportance, setImportanceInput } from '../schema.ts';

/** Keeps how much each column matters to a version, as its makers measured it, in place of what they sent before. */
export const setImportance = defineCommand(
  'models.set-importance',
  setImportanceInput,
  async ({ tx, actor, now }, { name, version, method, values }) => {
    const model = await lockModel(tx, name);
    await getVersion(tx, model, version);
    const held = await findImportance(tx, model.id, version);
    if (values === null && !held) return { value: { sent: null as SentImportance | null }, unchanged: true };
    const sent = values && { method: method!, values };
    if (sent) {
      const row = { ...sent, sentBy: actor.name, sentAt: now };
      await tx
        .insert(versionImportance)
        .values({ modelId: model.id, version, ...row })
        .onConflictDoUpdate({ target: [versionImportance.modelId, versionImportance.version], set: row });
    } else {
      await tx
        .delete(versionImportance)
        .where(and(eq(versionImportance.modelId, model.id), eq(versionImportance.version, version)));
    }
    const value: SentImportance | null = sent && {
      method: sent.method,
      shares: sharesOf(sent.values),
      sentBy: actor.name,
      sentAt: now.toISOString(),
    };
    return {
      value: { sent: value },
      subject: { type: 'version', id: `${model.id}/${version}`, model },
      before: held ? importanceFacts(held) : null,
      after: sent ? { version, ...importanceFacts(sent) } : null,
    };
  },
);
