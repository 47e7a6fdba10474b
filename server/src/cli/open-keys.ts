// The database and its master keys, for commands that work on keys: opened without a store, and closed after.

import { SecondringError } from '#core/errors.ts';
import { checkMasterKeys, type MasterKey } from '#custody/master-key.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import type { Engine } from '#store/engine.ts';
import { inspectStore } from '#store/inspect.ts';
import { openEngine } from '#store/open-engine.ts';
import type { Desk } from './command.ts';

/** @throws SecondringError `not-found` where there is no store, `store-newer`, `master-key-…` */
export async function withKeys<Result>(
  desk: Desk,
  work: (engine: Engine, keys: readonly [MasterKey, ...MasterKey[]]) => Promise<Result>,
): Promise<Result> {
  const { databaseUrl, masterKey, masterKeyFile } = desk.configuration();
  const { schema, masterKeys } = await inspectStore(databaseUrl);
  if (schema.refusal !== undefined) throw schema.refusal;
  if (schema.isEmpty || schema.missing.length > 0) {
    throw new SecondringError('not-found', 'There is no store of this version here.', {
      hint: 'Run secondring migrate, or check SECONDRING_DATA and SECONDRING_DATABASE_URL.',
    });
  }
  const { keys } = loadMasterKey({
    value: masterKey,
    filePath: masterKeyFile,
    storeIsEmpty: false,
    mayCreate: false,
  });
  checkMasterKeys(masterKeys, keys);
  const engine = await openEngine(databaseUrl);
  try {
    return await work(engine, keys);
  } finally {
    await engine.close();
  }
}
