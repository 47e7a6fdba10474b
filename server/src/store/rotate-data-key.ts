// Replaces a data key: a new version seals from now on, what the old ones sealed is sealed anew in small conditional
// commits while the service runs, and an old version goes when nothing needs it any more. A run that was killed is gone
// on with by the next one: a sealed value names its version.

import { SecondringError } from '#core/errors.ts';
import { type DataKey, type DataKeyRow, type Keyring, providerScope } from '#custody/keyring.ts';
import { dataKeyKeptMs } from './data-keys.ts';
import type { Engine } from './engine.ts';
import * as custody from './queries/custody.ts';
import * as rotation from './queries/rotation.ts';
import { bytes, number, text } from './rows.ts';
import { openBinding, openSigningKey, sealBinding, sealSigningKey } from './sealed.ts';
import type { Part, Row, Statement } from './statement.ts';

export interface DataKeyRotation {
  readonly scope: string;
  readonly version: number;
  /** Whether this run made the version, or went on with what an earlier one had begun. */
  readonly isNew: boolean;
  readonly resealed: number;
  /** Rows that are not genuine or cannot be opened; they are left as they are. */
  readonly unreadable: readonly string[];
  readonly removedVersions: readonly number[];
  /** Older versions that are kept, and why. */
  readonly kept: readonly { readonly version: number; readonly neededBy: Readonly<Record<string, number>> }[];
}

/** Clocks differ, and what was read just before a key was kept for its full time. */
const marginMs = 5 * 60 * 1000;

/**
 * Rotates the data key of a company, or of the provider.
 * @param mayCreate whether a new version may be made; an interrupted run is gone on with either way
 * @throws SecondringError `not-found` for an unknown scope
 */
export async function rotateDataKey(
  engine: Engine,
  keyring: Keyring,
  scope: string,
  nowMs: number,
  mayCreate: boolean,
  progress: (resealed: number) => void,
): Promise<DataKeyRotation> {
  const before = await keysOf(engine, scope);
  const [newest] = before;
  if (newest === undefined) throw new SecondringError('not-found', `There is no data key of ${scope}.`);
  const isUnfinished = (await nextBatch(engine, scope, newest.row.version, '')).length > 0;
  const isNew = mayCreate && !isUnfinished;
  if (isNew) {
    const values = { ...keyring.newDataKey(scope, newest.row.version + 1), nowMs };
    await engine.apply([{ statement: custody.createDataKey, values, position: 0 }]);
  }
  const rows = await keysOf(engine, scope);
  const keys = new Map(rows.map(({ row }) => [row.version, keyring.openDataKey(row)]));
  const version = Math.max(...keys.keys());
  const { resealed, unreadable } = await reseal(engine, scope, keys, version, progress);
  const { removedVersions, kept } = await removeOld(engine, scope, rows, nowMs);
  return { scope, version, isNew, resealed, unreadable, removedVersions, kept };
}

interface StoredKey {
  readonly row: DataKeyRow;
  readonly createdAtMs: number;
}

/** The newest first. */
async function keysOf(engine: Engine, scope: string): Promise<readonly StoredKey[]> {
  return (await engine.read(custody.dataKeys, { scope })).map((row) => ({
    row: {
      scope: text(row, 'scope'),
      version: number(row, 'version'),
      masterKeyId: text(row, 'master_key_id'),
      wrapped: bytes(row, 'wrapped'),
    },
    createdAtMs: number(row, 'created_at_ms'),
  }));
}

async function reseal(
  engine: Engine,
  scope: string,
  keys: ReadonlyMap<number, DataKey>,
  version: number,
  progress: (resealed: number) => void,
) {
  let resealed = 0;
  const unreadable: string[] = [];
  const newest = keys.get(version);
  for (let afterId = ''; newest !== undefined; ) {
    const batch = await nextBatch(engine, scope, version, afterId);
    const last = batch.at(-1);
    if (last === undefined) break;
    const parts: Part[] = [];
    for (const row of batch) {
      try {
        parts.push(resealRow(scope, row, keys, newest, parts.length));
      } catch {
        // A row that is not genuine must not become genuine by being sealed anew.
        unreadable.push(idOf(scope, row));
      }
    }
    if (parts.length > 0) await engine.apply(parts);
    resealed += parts.length;
    progress(resealed);
    afterId = idOf(scope, last);
  }
  return { resealed, unreadable };
}

function nextBatch(engine: Engine, scope: string, version: number, afterId: string): Promise<readonly Row[]> {
  const versionBytes = bytesOf(version);
  return scope === providerScope
    ? engine.read(rotation.signingKeysOnOldKeys, { afterId, versionBytes })
    : engine.read(rotation.authenticatorsOnOldKeys, { scope, afterId, versionBytes });
}

const idOf = (scope: string, row: Row) => text(row, scope === providerScope ? 'id' : 'authenticator_id');

function resealRow(
  scope: string,
  row: Row,
  keys: ReadonlyMap<number, DataKey>,
  newest: DataKey,
  position: number,
): Part {
  const made = scope === providerScope ? resealSigning(row, keys, newest) : resealBound(row, keys, newest);
  return { ...made, position };
}

function resealSigning(row: Row, keys: ReadonlyMap<number, DataKey>, newest: DataKey) {
  const oldPrivateKey = bytes(row, 'private_key');
  const id = text(row, 'id');
  const place = { id, algorithm: text(row, 'algorithm') };
  const opened = openSigningKey(keyThatSealed(oldPrivateKey, keys), place, oldPrivateKey);
  const privateKey = sealSigningKey(newest, place, opened);
  opened.fill(0);
  return { statement: rotation.resealSigningKey, values: { id, privateKey, oldPrivateKey } };
}

function resealBound(row: Row, keys: ReadonlyMap<number, DataKey>, newest: DataKey) {
  const oldSecret = bytes(row, 'secret');
  const id = text(row, 'authenticator_id');
  const binding = {
    id,
    companyId: text(row, 'company_id'),
    accountId: text(row, 'account_id'),
    enrollmentId: text(row, 'enrollment_id'),
    kind: text(row, 'authenticator_kind'),
    boundAtMs: number(row, 'bound_at_ms'),
    boundLeafHash: bytes(row, 'bound_leaf_hash'),
  };
  const opened = openBinding(keyThatSealed(oldSecret, keys), binding, oldSecret, bytes(row, 'binding_mac'));
  const { secret, bindingMac } = sealBinding(newest, binding, opened);
  opened.fill(0);
  return {
    statement: rotation.resealAuthenticator satisfies Statement,
    values: { id, secret, bindingMac, oldSecret },
  };
}

function keyThatSealed(sealed: Uint8Array, keys: ReadonlyMap<number, DataKey>): DataKey {
  const key = keys.get(Buffer.from(sealed).readUInt32BE(1));
  if (key !== undefined) return key;
  throw new SecondringError('sealed-value-unreadable', 'The key that sealed a value is not there.');
}

async function removeOld(engine: Engine, scope: string, rows: readonly StoredKey[], nowMs: number) {
  const removedVersions: number[] = [];
  const kept: DataKeyRotation['kept'][number][] = [];
  for (const [place, { row }] of rows.entries()) {
    const successor = rows[place - 1];
    if (successor === undefined) continue;
    const { version } = row;
    // A process that runs may seal with the key it has read for as long as it keeps it.
    const sinceMs = successor.createdAtMs + dataKeyKeptMs + marginMs;
    const values = { scope, version, versionBytes: bytesOf(version), nowMs, sinceMs };
    const needs = scope === providerScope ? rotation.needsOfProvider : rotation.needsOfCompany;
    const [found = {}] = await engine.read(needs, values);
    const neededBy = Object.fromEntries(
      Object.entries(found)
        .map(([what, count]) => [what, Number(count)] as const)
        .filter(([, count]) => count > 0),
    );
    if (nowMs < sinceMs) neededBy['processes_that_may_have_it'] = 1;
    if (Object.keys(neededBy).length > 0) {
      kept.push({ version, neededBy });
      continue;
    }
    await engine.apply([{ statement: rotation.forgetDataKey, values: { scope, version }, position: 0 }]);
    removedVersions.push(version);
  }
  return { removedVersions, kept };
}

/** As a sealed value carries it. */
function bytesOf(version: number): Uint8Array {
  const place = Buffer.alloc(4);
  place.writeUInt32BE(version);
  return place;
}
