// Every command that needs no more than the store. `serve` and `demo` need the whole composition and stand in the
// table at the root, server/src/commands.ts.

import type { Command } from './command.ts';
import { accountAdd } from './commands/account-add.ts';
import { accountList } from './commands/account-list.ts';
import { applicationAdd } from './commands/application-add.ts';
import { applicationList } from './commands/application-list.ts';
import { auditVerify } from './commands/audit-verify.ts';
import { backup } from './commands/backup.ts';
import { companyAdd } from './commands/company-add.ts';
import { companyList } from './commands/company-list.ts';
import { doctor } from './commands/doctor.ts';
import { fence } from './commands/fence.ts';
import { keysRotateData } from './commands/keys-rotate-data.ts';
import { keysRotateMaster } from './commands/keys-rotate-master.ts';
import { keysRotateSigning } from './commands/keys-rotate-signing.ts';
import { migrate } from './commands/migrate.ts';
import { providerSetName } from './commands/provider-set-name.ts';
import { restore } from './commands/restore.ts';
import { staffGrant } from './commands/staff-grant.ts';
import { staffRevoke } from './commands/staff-revoke.ts';

/** In the order of the help: first what one needs first. */
export const storeCommands: readonly Command[] = [
  migrate,
  doctor,
  providerSetName,
  companyAdd,
  companyList,
  accountAdd,
  accountList,
  applicationAdd,
  applicationList,
  staffGrant,
  staffRevoke,
  backup,
  restore,
  fence,
  auditVerify,
  keysRotateMaster,
  keysRotateData,
  keysRotateSigning,
];
