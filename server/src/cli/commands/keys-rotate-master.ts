// The master key is replaced while the service runs.

import { rotateMasterKey } from '#store/rotate-master-key.ts';
import type { Command, Result } from '../command.ts';
import { withKeys } from '../open-keys.ts';

export const keysRotateMaster: Command = {
  name: 'keys rotate master',
  summary: 'Wraps all data keys by the newest master key, so that the old one can be taken away',
  about: [
    'Give every process both keys first, the new one before the old one and a comma between them (SECONDRING_MASTER_KEY or the key file), and start it again. With several replicas give the new key in the second place first, so that each can open what another one wraps. Then run this; it may be interrupted and run again. When it says so, take the old key away. Keep it with the backups that were made under it.',
  ],
  async run(_given, desk) {
    const { rewrapped, left, masterKeyId, given } = await withKeys(desk, async (engine, keys) => ({
      ...(await rotateMasterKey(engine, keys, desk.nowMs(), (done) => desk.progress(`${done} data keys`))),
      given: keys.length,
    }));
    const mayRemoveOld = left === 0 && given > 1;
    if (given === 1 && rewrapped === 0 && left === 0) return onlyOne(masterKeyId);
    return {
      status: mayRemoveOld ? 0 : 1,
      facts: { masterKeyId, rewrapped, left, mayRemoveOld },
      lines: [
        `${rewrapped} data keys were wrapped by master key ${masterKeyId}.`,
        mayRemoveOld
          ? 'No data key needs another master key: take the old one away from every process.'
          : `${left} data keys are wrapped by another key: a process still has it in the first place. Run this again after you started that one anew.`,
      ],
    };
  },
};

/** Whoever forgot to give the new key must not be told to take the only one away. */
function onlyOne(masterKeyId: string): Result {
  return {
    status: 1,
    facts: { masterKeyId, rewrapped: 0, left: 0, mayRemoveOld: false },
    lines: [
      `Only the master key ${masterKeyId} is given, and every data key is wrapped by it: there is nothing to do.`,
      'To replace it, give every process the new key, a comma and this one; then run this again.',
    ],
  };
}
