// Writes docs/operate/commands.md: the help of every command, as the commands themselves print it. `npm run manual`
// writes it; a test fails when it is out of date.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { helpOf } from '../server/src/cli/help.ts';
import { commands } from '../server/src/commands.ts';

const heading = `# Commands

Written by \`npm run manual\` from what the commands print themselves; do not edit. In a clone of the repository a
command is run as \`npx secondring COMMAND\`.

Every command takes its settings from the environment ([configuration.md](configuration.md)) and changes nothing
before it has understood everything it was given. What it has to say is on standard output; faults are on standard
error, each with what to do next. With \`--json\` there is one JSON object on standard output and nothing else, for a
fault \`{"error":{"code","message","hint"}}\`. Long work shows how far it is on a terminal, and is quiet in a pipe.

| exit status | meaning |
| --- | --- |
| 0 | all is well |
| 1 | a fault, or something was found that is not in order |
| 2 | what was given was not understood; nothing was done |
`;

const sections = commands.map((command) => `\n## ${command.name}\n\n\`\`\`text\n${helpOf(command)}\`\`\`\n`);

writeFileSync(join(import.meta.dirname, '../docs/operate/commands.md'), heading + sections.join(''));
console.log('docs/operate/commands.md is written.');
