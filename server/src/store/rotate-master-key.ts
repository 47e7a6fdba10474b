// Replaces the master key: each data key is wrapped anew by the first of the given keys, a few at a time, while the
// service runs. Killed at any moment and started again it goes on where it was, since a row says by whom it is wrapped.

import { createKeyring } from '#custody/keyring.ts';
import { checkMasterKeys, checkValueOf, type MasterKey } from '#custody/master-key.ts';
import type { Engine } from './engine.ts';
import * as custody from './queries/custody.ts';
import * as rotation from './queries/rotation.ts';
import { bytes, number, text } from './rows.ts';
import type { Part } from './statement.ts';

export interface MasterKeyRotation {
  readonly masterKeyId: string;
  readonly rewrapped: number;
  /** Data keys that are still wrapped by another key; none unless another process goes on with that. */
  readonly left: number;
}

const atOnce = 50;

/** Wraps every data key by the first master key. Throws SecondringError `master-key-…` as opening a store does. */
export async function rotateMasterKey(
  engine: Engine,
  masterKeys: readonly [MasterKey, ...MasterKey[]],
  nowMs: number,
  progress: (done: number) => void,
): Promise<MasterKeyRotation> {
  const newest = masterKeys[0];
  const checks = await engine.read(custody.masterKeyChecks, {});
  const known = checks.map((row) => ({
    masterKeyId: text(row, 'master_key_id'),
    checkValue: bytes(row, 'check_value'),
  }));
  checkMasterKeys(known, masterKeys);
  const check = { masterKeyId: newest.id, checkValue: checkValueOf(newest), nowMs };
  await engine.apply([{ statement: custody.createMasterKeyCheck, values: check, position: 0 }]);

  const keyring = createKeyring(masterKeys);
  const wrapped = (await engine.read(custody.allDataKeys, {})).map((row) => ({
    scope: text(row, 'scope'),
    version: number(row, 'version'),
    masterKeyId: text(row, 'master_key_id'),
    wrapped: bytes(row, 'wrapped'),
  }));
  const old = wrapped.filter(({ masterKeyId }) => masterKeyId !== newest.id);
  for (let first = 0; first < old.length; first += atOnce) {
    const parts = old.slice(first, first + atOnce).map(
      (row, position): Part => ({
        statement: rotation.rewrapDataKey,
        values: { ...keyring.rewrap(row), oldMasterKeyId: row.masterKeyId },
        position,
      }),
    );
    await engine.apply(parts);
    progress(Math.min(first + atOnce, old.length));
  }
  const values = { masterKeyId: newest.id };
  await engine.apply([{ statement: rotation.forgetUnusedMasterKeys, values, position: 0 }]);
  const left = (await engine.read(custody.allDataKeys, {})).filter(
    (row) => text(row, 'master_key_id') !== newest.id,
  ).length;
  return { masterKeyId: newest.id, rewrapped: old.length, left };
}
