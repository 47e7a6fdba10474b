// What readiness asks of the store: that it answers, has the schema of this version and no other, and that the
// provider's data key opens with the master key of this process. Nothing is taken from memory.

import type { StoreHealth } from '#core/ports.ts';
import { type Keyring, providerScope } from '#custody/keyring.ts';
import type { Engine } from './engine.ts';
import { migrationNames } from './migrate.ts';
import { health as statement } from './queries/health.ts';
import { bytes, number, text } from './rows.ts';
import type { Row } from './statement.ts';

/** Returns what looks, once each time it is called. */
export function createHealthLook(engine: Engine, keyring: Keyring): () => Promise<StoreHealth> {
  const ours = migrationNames(engine.kind);
  return async () => {
    const [row] = await engine.read(statement, { scope: providerScope });
    const schema = row === undefined ? '' : text(row, 'newest');
    return {
      engine: engine.kind,
      schema,
      schemaIsOurs: row !== undefined && schema === ours.at(-1) && number(row, 'applied') === ours.length,
      keysOpen: row !== undefined && opens(keyring, row),
      clockMs: row === undefined || row['now_ms'] === null ? undefined : number(row, 'now_ms'),
    };
  };
}

function opens(keyring: Keyring, row: Row): boolean {
  if (row['wrapped'] === null) return false;
  try {
    keyring.openDataKey({
      scope: providerScope,
      version: number(row, 'version'),
      masterKeyId: text(row, 'master_key_id'),
      wrapped: bytes(row, 'wrapped'),
    });
    return true;
  } catch {
    return false;
  }
}
