// Looks at a store without changing it: how far its schema is, which master keys it knows, what time it has. What
// `doctor` asks before anything is started.

import type { MasterKeyCheck } from '#custody/master-key.ts';
import { examineSchema, type SchemaState } from './migrate.ts';
import { openEngine } from './open-engine.ts';
import * as custody from './queries/custody.ts';
import { bytes, number, text } from './rows.ts';

export interface StoreState {
  readonly schema: SchemaState;
  /** Of every master key the store was ever sealed with; none in an empty store. */
  readonly masterKeys: readonly MasterKeyCheck[];
  /** Master keys that still wrap a data key. */
  readonly wrappingKeyIds: readonly string[];
  /** When the newest audit event was written, by the clock of who wrote it. */
  readonly newestEventMs: number | undefined;
  /** The database server's own clock; undefined where there is no server. */
  readonly serverNowMs: number | undefined;
}

/** @throws SecondringError `store-unavailable`, `store-corrupt`, `configuration-invalid` */
export async function inspectStore(databaseUrl: string): Promise<StoreState> {
  const engine = await openEngine(databaseUrl);
  try {
    const schema = await examineSchema(engine);
    const [clock] = await engine.read(custody.serverClock, {});
    const serverNowMs = engine.kind === 'sqlite' || clock === undefined ? undefined : number(clock, 'now_ms');
    if (schema.isEmpty || schema.refusal !== undefined) {
      return { schema, masterKeys: [], wrappingKeyIds: [], newestEventMs: undefined, serverNowMs };
    }
    const checks = await engine.read(custody.masterKeyChecks, {});
    const wrapping = await engine.read(custody.wrappingMasterKeys, {});
    const [newest] = await engine.read(custody.newestEvent, {});
    return {
      schema,
      masterKeys: checks.map((row) => ({
        masterKeyId: text(row, 'master_key_id'),
        checkValue: bytes(row, 'check_value'),
      })),
      wrappingKeyIds: wrapping.map((row) => text(row, 'master_key_id')),
      newestEventMs: newest?.['at_ms'] == null ? undefined : number(newest, 'at_ms'),
      serverNowMs,
    };
  } finally {
    await engine.close();
  }
}
