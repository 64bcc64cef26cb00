import type { Db } from '../../db/client.ts';

type Step = <T>(name: string, run: () => Promise<T> | T) => Promise<T>;
export async function loadDemo(_db: Db, _step: Step): Promise<void> {}
