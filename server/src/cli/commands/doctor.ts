// Looks at everything the service stands on, changes nothing, and names every fault at once with what to do.

import { examineConfiguration } from '#config/configuration.ts';
import type { Command } from '../command.ts';
import { examineDatabase } from '../doctor/database.ts';
import { examineFiles } from '../doctor/files.ts';
import { type Finding, fault, fine } from '../doctor/finding.ts';
import { examineNetwork } from '../doctor/network.ts';
import { examineStaffRole } from '../doctor/staff-role.ts';

const marks = { fine: 'ok     ', advice: 'advice ', fault: 'FAULT  ' } as const;

export const doctor: Command = {
  name: 'doctor',
  summary: 'Checks configuration, database, master key, clock, disk and addresses',
  about: ['Changes nothing. Names every fault at once; the status is 1 if there is any.'],
  async run(_given, desk) {
    const { environment, readFile } = desk;
    const { configuration, faults } = examineConfiguration({ environment, readFile });
    const wrong = faults.map((message) =>
      fault('configuration', message, 'See docs/operate/configuration.md.'),
    );
    const findings: readonly Finding[] = [
      ...(wrong.length > 0 ? wrong : [fine('configuration', 'understood')]),
      ...examineFiles(configuration),
      ...(await examineDatabase(configuration, environment['SECONDRING_MASTER_KEY_FILE'], desk.nowMs())),
      ...(await examineStaffRole(configuration)),
      ...(await examineNetwork(configuration)),
    ];
    const count = findings.filter(({ state }) => state === 'fault').length;
    return {
      status: count > 0 ? 1 : 0,
      facts: { faults: count, findings },
      lines: [
        ...findings.flatMap(linesOf),
        count === 0 ? 'Nothing is wrong.' : `${count} ${count === 1 ? 'fault' : 'faults'}.`,
      ],
    };
  },
};

function linesOf({ check, state, message, hint }: Finding): readonly string[] {
  const line = `${marks[state]}${check.padEnd(15)}${message}`;
  return hint === undefined ? [line] : [line, `${' '.repeat(22)}${hint}`];
}
