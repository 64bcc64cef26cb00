import { and, desc, eq } from 'drizzle-orm';
import type { Db } from '../../db/client.ts';
import { dataContracts } from '../../db/schema/contracts.ts';
import { AppError } from '../shell/errors.ts';
import type { ContractView, DataContract } from './schema.ts';

type ModelKey = { id: string; name: string };

const viewOf = (model: ModelKey, row: typeof dataContracts.$inferSelect): ContractView => ({
  model: model.name,
  modelVersion: row.modelVersion,
  version: row.version,
  referenceId: row.referenceId,
  contract: row.contract as DataContract,
  reason: row.reason,
  changedBy: row.createdByName,
  changedAt: row.createdAt.toISOString(),
  etag: row.version,
});

/** The contract in force for a version; without a version, of the newest version that has one. `version` asks for an earlier one. */
export async function findContract(
  db: Db,
  model: ModelKey,
  modelVersion: number | undefined,
  version: number | null = null,
): Promise<ContractView | undefined> {
  const [row] = await db
    .select()
    .from(dataContracts)
    .where(
      and(
        eq(dataContracts.modelId, model.id),
        modelVersion === undefined ? undefined : eq(dataContracts.modelVersion, modelVersion),
        version === null ? undefined : eq(dataContracts.version, version),
      ),
    )
    .orderBy(desc(dataContracts.modelVersion), desc(dataContracts.version))
    .limit(1);
  return row && viewOf(model, row);
}

export async function getContract(db: Db, model: ModelKey, modelVersion: number | undefined): Promise<ContractView> {
  const held = await findContract(db, model, modelVersion);
  if (held) return held;
  const which = modelVersion === undefined ? model.name : `version ${modelVersion} of ${model.name}`;
  const message = `There is no data contract for ${which} yet: it is inferred when a reference is sent.`;
  throw new AppError('not_found', 'contract_not_found', message);
}

/** Every version of a contract, newest first. */
export async function listContractVersions(db: Db, model: ModelKey, modelVersion: number): Promise<ContractView[]> {
  const rows = await db
    .select()
    .from(dataContracts)
    .where(and(eq(dataContracts.modelId, model.id), eq(dataContracts.modelVersion, modelVersion)))
    .orderBy(desc(dataContracts.version));
  return rows.map((row) => viewOf(model, row));
}
