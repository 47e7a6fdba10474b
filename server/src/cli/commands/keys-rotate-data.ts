// Data keys are replaced while the service runs: of one company, or of all and the provider.

import { createKeyring, providerScope } from '#custody/keyring.ts';
import { type DataKeyRotation, rotateDataKey } from '#store/rotate-data-key.ts';
import type { Command } from '../command.ts';
import { findCompany } from '../find-company.ts';
import { withKeys } from '../open-keys.ts';

export const keysRotateData: Command = {
  name: 'keys rotate data',
  summary: 'Seals what is stored anew under new data keys, while the service runs',
  about: [
    'May be interrupted; the next run goes on where this one was. An old version is kept until nothing needs it: recovery codes on paper need theirs until they are replaced, sessions until they end. A later run, or one with --finish, removes it.',
  ],
  options: [
    {
      name: 'company',
      value: 'COMPANY',
      meaning: 'its name or identifier; without it all companies and the provider',
    },
    {
      name: 'finish',
      meaning: 'makes no new key: goes on with an interrupted run, and removes what nothing needs any more',
    },
  ],
  async run(given, desk) {
    const { store } = await desk.openPorts();
    const mayCreate = !given.has('finish');
    const typed = given.optional('company');
    const scopes =
      typed === undefined
        ? [providerScope, ...(await store.companies()).map(({ id }) => id)]
        : [(await findCompany(store, typed)).id];
    const rotations: DataKeyRotation[] = [];
    await withKeys(desk, async (engine, keys) => {
      for (const scope of scopes) {
        const shown = (resealed: number) => desk.progress(`${scope}: ${resealed} values`);
        rotations.push(
          await rotateDataKey(engine, createKeyring(keys), scope, desk.nowMs(), mayCreate, shown),
        );
      }
    });
    const unreadable = rotations.flatMap((one) => one.unreadable);
    return {
      status: unreadable.length > 0 ? 1 : 0,
      facts: { rotations },
      lines: [
        ...rotations.flatMap(linesOf),
        ...unreadable.map((id) => `NOT GENUINE, left as it is: ${id}. See what happened to its row.`),
      ],
    };
  },
};

function linesOf({ scope, version, resealed, removedVersions, kept }: DataKeyRotation): readonly string[] {
  return [
    `${scope}: version ${version}, ${resealed} values sealed anew.`,
    ...removedVersions.map((old) => `  version ${old} is gone`),
    ...kept.map(
      ({ version: old, neededBy }) =>
        `  version ${old} is kept for ${Object.entries(neededBy)
          .map(([what, count]) => `${count} ${what.replaceAll('_', ' ')}`)
          .join(', ')}`,
    ),
  ];
}
