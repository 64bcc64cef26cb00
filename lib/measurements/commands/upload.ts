import { and, eq, notInArray } from 'drizzle-orm';
import * as z from 'zod';
import { batches } from '../../../db/schema/measurements.ts';
import { contentHash } from '../../base/hash.ts';
import { newId } from '../../base/ids.ts';
import { exact } from '../../base/text.ts';
import { getVersion, lockModel } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { BATCH_KINDS, columnRoles, uploadFormat } from '../schema.ts';

const uploadInput = z.strictObject({
  model: exact(256),
  version: z.coerce.number().int().min(1),
  kind: z.enum(BATCH_KINDS),
  format: uploadFormat,
  roles: columnRoles.strict(),
  sha256: z.string().length(64),
  bytes: z.int().min(0),
  path: z.string(),
});

/** Takes note of a file that is already durable. The same bytes with the same roles are the batch they were. */
export const upload = defineCommand('measurements.upload', uploadInput, async ({ tx, actor, now }, input) => {
  const model = await lockModel(tx, input.model);
  await getVersion(tx, model, input.version);
  const hash = contentHash({ sha256: input.sha256, roles: input.roles, format: input.format });
  const [held] = await tx
    .select({ id: batches.id })
    .from(batches)
    .where(
      and(
        eq(batches.modelId, model.id),
        eq(batches.version, input.version),
        eq(batches.kind, input.kind),
        eq(batches.contentHash, hash),
        notInArray(batches.state, ['failed', 'cancelled']),
      ),
    );
  if (held) return { value: { batchId: held.id, repeated: true }, unchanged: true };
  const id = newId();
  await tx.insert(batches).values({
    id,
    modelId: model.id,
    version: input.version,
    kind: input.kind,
    state: 'received',
    format: input.format,
    roles: input.roles,
    contentHash: hash,
    bytes: input.bytes,
    rawPath: input.path,
    createdBy: actor.name,
    createdAt: now,
  });
  return {
    value: { batchId: id, repeated: false },
    subject: { type: 'batch', id, model },
    before: null,
    after: { kind: input.kind, version: input.version, bytes: input.bytes, sha256: input.sha256, roles: input.roles },
    jobs: [{ name: 'process-batch', data: { batchId: id } }],
  };
});
