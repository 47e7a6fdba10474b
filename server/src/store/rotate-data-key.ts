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
import {
  openAddress,
  openBinding,
  openSigningKey,
  sealAddress,
  sealBinding,
  sealSigningKey,
} from './sealed.ts';
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
  const isUnfinished = await isUnfinishedOn(engine, scope, newest.row.version);
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

/** A column of sealed values, and how one of them is sealed anew. */
interface SealedColumn {
  readonly onOldKeys: Statement;
  readonly idOf: (row: Row) => string;
  readonly reseal: (row: Row, keys: ReadonlyMap<number, DataKey>, newest: DataKey) => Omit<Part, 'position'>;
}

const columnsOfProvider: readonly SealedColumn[] = [
  { onOldKeys: rotation.signingKeysOnOldKeys, idOf: (row) => text(row, 'id'), reseal: resealSigning },
];
const columnsOfCompany: readonly SealedColumn[] = [
  {
    onOldKeys: rotation.authenticatorsOnOldKeys,
    idOf: (row) => text(row, 'authenticator_id'),
    reseal: resealBound,
  },
  { onOldKeys: rotation.addressesOnOldKeys, idOf: (row) => text(row, 'id'), reseal: resealAddress },
];

function columnsOf(scope: string): readonly SealedColumn[] {
  return scope === providerScope ? columnsOfProvider : columnsOfCompany;
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
  if (newest === undefined) return { resealed, unreadable };
  for (const column of columnsOf(scope)) {
    for (let afterId = ''; ; ) {
      const batch = await nextBatch(engine, column, scope, version, afterId);
      const last = batch.at(-1);
      if (last === undefined) break;
      const parts: Part[] = [];
      for (const row of batch) {
        try {
          parts.push({ ...column.reseal(row, keys, newest), position: parts.length });
        } catch {
          // A row that is not genuine must not become genuine by being sealed anew.
          unreadable.push(column.idOf(row));
        }
      }
      if (parts.length > 0) await engine.apply(parts);
      resealed += parts.length;
      progress(resealed);
      afterId = column.idOf(last);
    }
  }
  return { resealed, unreadable };
}

function nextBatch(
  engine: Engine,
  { onOldKeys }: SealedColumn,
  scope: string,
  version: number,
  afterId: string,
): Promise<readonly Row[]> {
  return engine.read(onOldKeys, { scope, afterId, versionBytes: bytesOf(version) });
}

/** Whether an earlier run left values on older keys. */
async function isUnfinishedOn(engine: Engine, scope: string, version: number): Promise<boolean> {
  for (const column of columnsOf(scope)) {
    if ((await nextBatch(engine, column, scope, version, '')).length > 0) return true;
  }
  return false;
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
    statement: rotation.resealAuthenticator,
    values: { id, secret, bindingMac, oldSecret },
  };
}

function resealAddress(row: Row, keys: ReadonlyMap<number, DataKey>, newest: DataKey) {
  const oldAddress = bytes(row, 'address');
  const place = { id: text(row, 'id'), companyId: text(row, 'company_id') };
  const opened = openAddress(keyThatSealed(oldAddress, keys), place, oldAddress);
  const address = sealAddress(newest, place, opened);
  return { statement: rotation.resealAddress, values: { id: place.id, address, oldAddress } };
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
