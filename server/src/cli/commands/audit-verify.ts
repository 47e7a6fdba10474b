// The whole audit is checked: every leaf, the tree over them, every checkpoint, and that each method has its leaf.

import { SecondringError } from '#core/errors.ts';
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
    const expectedCheckpoint = file === undefined ? undefined : readCheckpoint(file, desk.readFile);
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
          : [
              `THE AUDIT IS BROKEN at ${[found.fault.place, found.fault.row].join(' ').trim()}: ${found.fault.message}`,
            ],
    };
  },
};

/**
 * A checkpoint as text: three lines, an empty one, and signatures. Whatever wrote it to the file may have added or lost
 * a line end at its end, which says nothing about the audit.
 */
function readCheckpoint(file: string, readFile: (path: string) => string): string {
  let text: string;
  try {
    text = readFile(file);
  } catch (cause) {
    const hint = 'Give the path of a file with a checkpoint in it.';
    throw new SecondringError('not-understood', `The file ${file} cannot be read.`, { cause, hint });
  }
  const checkpoint = `${text.replaceAll('\r\n', '\n').trimEnd()}\n`;
  if (/^[^\n]+\n\d+\n[A-Za-z0-9+/=]+\n\n— /.test(checkpoint)) return checkpoint;
  throw new SecondringError('not-understood', `The file ${file} holds no checkpoint.`, {
    hint: "Take it out of the log: grep 'the audit was signed' LOG | tail -1 | jq -r .checkpoint > FILE",
  });
}
