// The whole audit is checked: every leaf, the tree over them, every checkpoint, and that each method has its leaf.

import { verifyAudit } from '#flows/verify-audit.ts';
import type { Command } from '../command.ts';

export const auditVerify: Command = {
  name: 'audit verify',
  summary: 'Checks the whole audit, and names the first row that is wrong',
  about: [
    'May run beside the service. Only a checkpoint that was kept somewhere else tells whether the end was cut off: give it with --checkpoint.',
  ],
  options: [
    {
      name: 'checkpoint',
      value: 'FILE',
      meaning: 'a checkpoint that was kept outside; what it was signed over must still be there',
    },
  ],
  async run(given, desk) {
    const file = given.optional('checkpoint');
    const expectedCheckpoint = file === undefined ? undefined : desk.readFile(file);
    const found = await verifyAudit(await desk.openPorts(), {
      expectedCheckpoint,
      onProgress: ({ leaves, of }) => desk.progress(`${leaves} of ${of} leaves`),
    });
    const { counts } = found;
    const seen = `${counts.leaves} leaves, ${counts.checkpoints} checkpoints`;
    return {
      status: found.verdict === 'intact' ? 0 : 1,
      facts: { audit: found },
      lines:
        found.verdict === 'intact'
          ? [`The audit is intact: ${seen}.`]
          : [`THE AUDIT IS BROKEN at ${found.fault.place} ${found.fault.row}: ${found.fault.message}`],
    };
  },
};
