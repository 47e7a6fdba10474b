// All examples together: the type says that no change was forgotten.
import type { Change } from '#core/changes.ts';
import { arrangementExamples } from './arrangement.ts';
import { auditExamples } from './audit.ts';
import { authenticatorExamples } from './authenticators.ts';
import type { Examples } from './example.ts';
import { passwordExamples } from './passwords.ts';
import { sessionExamples } from './sessions.ts';
import { signInExamples } from './sign-ins.ts';
import { staffExamples } from './staff.ts';
import { tryExamples } from './tries.ts';

export const everyChange: Examples<Change['change']> = {
  ...arrangementExamples,
  ...tryExamples,
  ...signInExamples,
  ...authenticatorExamples,
  ...sessionExamples,
  ...auditExamples,
  ...passwordExamples,
  ...staffExamples,
};
