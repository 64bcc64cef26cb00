import * as z from 'zod';
import { dataContracts } from '../../../db/schema/contracts.ts';
import { grouped } from '../../base/figures.ts';
import { contentHash } from '../../base/hash.ts';
import { exact } from '../../base/text.ts';
import { lockModel } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { findContract, getContract } from '../queries.ts';
import { inferContract } from '../rules/infer.ts';
import type { ReferenceFacts } from '../schema.ts';

const inferInput = z.strictObject({
  model: exact(256),
  modelVersion: z.int().min(1),
  reference: z.custom<ReferenceFacts>(),
});

/** The contract of a new reference, as its next version; once a reference. */
export const inferDataContract = defineCommand('contracts.infer', inferInput, async ({ tx, actor, now }, input) => {
  const model = await lockModel(tx, input.model);
  const held = await findContract(tx, model, input.modelVersion);
  if (held?.referenceId === input.reference.id) return { value: held, unchanged: true };
  const contract = inferContract(input.reference, held?.contract);
  const reason = `Inferred from the reference of ${grouped(String(input.reference.rows))} rows.`;
  await tx.insert(dataContracts).values({
    modelId: model.id,
    modelVersion: input.modelVersion,
    version: (held?.version ?? 0) + 1,
    referenceId: input.reference.id,
    contract,
    reason,
    createdBy: actor.id,
    createdByName: actor.name,
    createdAt: now,
  });
  const value = await getContract(tx, model, input.modelVersion);
  return {
    value,
    subject: { type: 'contract', id: `${model.name}/${input.modelVersion}`, model },
    // The contract itself is kept for good beside the others; a wide one would weigh on everybody who reads the trail.
    before: held ? { contractVersion: held.version } : null,
    after: {
      version: input.modelVersion,
      contractVersion: value.version,
      referenceId: input.reference.id,
      columns: contract.columns.length,
      contractHash: contentHash(contract),
    },
    reason,
  };
});
