// The database and what belongs to it: reachable, of a schema this version knows, with its master key, and in a time
// that agrees with the clock.

import { existsSync } from 'node:fs';
import type { Configuration } from '#config/configuration.ts';
import { checkMasterKeys } from '#custody/master-key.ts';
import { loadMasterKey } from '#custody/master-key-file.ts';
import { inspectStore, type StoreState } from '#store/inspect.ts';
import { isWithin } from './files.ts';
import { advice, type Finding, fault, faultFrom, fine } from './finding.ts';

/** Clocks of two machines are never quite the same; codes of authenticator apps bear this much, in milliseconds. */
const bearableMs = 5000;
/** No machine that runs this was switched on before it was written. */
const earliestMs = Date.UTC(2026, 0, 1);

/** What is said of database, schema, master key and clock. */
export async function examineDatabase(
  configuration: Configuration,
  masterKeyFile: string | undefined,
  nowMs: number,
): Promise<readonly Finding[]> {
  const path = /^sqlite:(?:\/\/)?(.*)$/.exec(configuration.databaseUrl)?.[1];
  if (path !== undefined && !existsSync(path)) {
    return [
      fine('database', `${path} is made at the first start`),
      examineMasterKey(configuration, masterKeyFile, undefined),
      examineClock(undefined, nowMs),
    ];
  }
  let state: StoreState;
  try {
    state = await inspectStore(configuration.databaseUrl);
  } catch (error) {
    return [
      faultFrom('database', error),
      examineMasterKey(configuration, masterKeyFile, undefined),
      examineClock(undefined, nowMs),
    ];
  }
  return [
    fine('database', 'reachable'),
    examineSchemaState(state),
    examineMasterKey(configuration, masterKeyFile, state),
    examineClock(state, nowMs),
  ];
}

function examineSchemaState({ schema }: StoreState): Finding {
  if (schema.refusal !== undefined) return faultFrom('schema', schema.refusal);
  if (schema.isEmpty) return fine('schema', 'empty; made at the first start or by secondring migrate');
  if (schema.missing.length === 0) return fine('schema', 'up to date');
  const message = `Migrations are to be applied: ${schema.missing.join(', ')}.`;
  return advice('schema', message, 'The next start applies them; secondring migrate does it now.');
}

function examineMasterKey(
  { masterKey, masterKeyFile, databaseUrl, dataFolder }: Configuration,
  namedFile: string | undefined,
  state: StoreState | undefined,
): Finding {
  const check = 'master key';
  const isEmbedded = databaseUrl.startsWith('sqlite:');
  const stored = state?.masterKeys ?? [];
  if (namedFile !== undefined && isWithin(dataFolder, namedFile)) {
    const message = `${namedFile} lies in the data folder, so that a copy of the data takes the key along.`;
    return fault(check, message, 'Keep the master key in a folder of its own.');
  }
  if (masterKey === undefined && !existsSync(masterKeyFile) && stored.length === 0 && isEmbedded) {
    return fine(check, `${masterKeyFile} is made at the first start`);
  }
  try {
    const { keys, source } = loadMasterKey({
      value: masterKey,
      filePath: masterKeyFile,
      storeIsEmpty: stored.length === 0,
      mayCreate: false,
    });
    checkMasterKeys(stored, keys);
    const missing = (state?.wrappingKeyIds ?? []).filter((id) => !keys.some((key) => key.id === id));
    if (missing.length > 0) {
      return fault(
        check,
        `Data keys are still wrapped by master key ${missing.join(', ')}, which is not given.`,
        'Give it after the new one, separated by a comma, and run secondring keys rotate master.',
      );
    }
    const place = source === 'file' ? masterKeyFile : 'given as an option';
    return fine(check, stored.length === 0 ? place : `${place}, and it is the one of this database`);
  } catch (error) {
    return faultFrom(check, error);
  }
}

function examineClock(state: StoreState | undefined, nowMs: number): Finding {
  const check = 'clock';
  const hint = 'Set the clock and keep it right with NTP: codes of authenticator apps depend on it.';
  const shown = new Date(nowMs).toISOString();
  if (nowMs < earliestMs) return fault(check, `It cannot be ${shown}.`, hint);
  const { newestEventMs, serverNowMs } = state ?? {};
  if (newestEventMs !== undefined && newestEventMs > nowMs + bearableMs) {
    const newest = new Date(newestEventMs).toISOString();
    return fault(check, `It is ${shown} here, and the store knows of ${newest}.`, hint);
  }
  const apartMs = serverNowMs === undefined ? 0 : Math.abs(serverNowMs - nowMs);
  if (apartMs > bearableMs) {
    return fault(check, `The database server is ${Math.round(apartMs / 1000)} s apart from here.`, hint);
  }
  return fine(check, shown);
}
