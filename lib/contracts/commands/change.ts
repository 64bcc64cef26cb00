import { dataContracts } from '../../../db/schema/contracts.ts';
import { lockModel } from '../../models/queries.ts';
import { defineCommand } from '../../shell/command.ts';
import { AppError, orThrow } from '../../shell/errors.ts';
import { getContract } from '../queries.ts';
import { changeContract, touchedBy } from '../rules/change.ts';
import { changeContractInput } from '../schema.ts';

/** A new immutable version from the changed fields. It holds for files that are read from then on; what was counted stays. */
export const changeDataContract = defineCommand(
  'contracts.change',
  changeContractInput,
  async ({ tx, actor, now }, input) => {
    const model = await lockModel(tx, input.model);
    const held = await getContract(tx, model, input.modelVersion);
    if (held.version !== input.expectedVersion) {
      throw new AppError('stale', 'version_moved', 'Somebody saved this contract after you read it.', [], {
        current: held,
      });
    }
    const contract = orThrow(changeContract(held.contract, input.changes));
    await tx.insert(dataContracts).values({
      modelId: model.id,
      modelVersion: held.modelVersion,
      version: held.version + 1,
      referenceId: held.referenceId,
      contract,
      reason: input.reason,
      createdBy: actor.id,
      createdByName: actor.name,
      createdAt: now,
    });
    const value = await getContract(tx, model, held.modelVersion);
    return {
      value,
      subject: { type: 'contract', id: `${model.name}/${held.modelVersion}`, model },
      before: touchedBy(input.changes, held.contract),
      after: { version: held.modelVersion, contractVersion: value.version, ...touchedBy(input.changes, contract) },
      reason: input.reason,
    };
  },
);
