// The staff pages at the main process's door: it knows who asks and signs them in, has the page made by the staff
// process, and writes down who was looked at before the page goes out. It reads nothing of what the page shows.

import type { Ports, StaffProcess } from '#core/ports.ts';
import { type StaffPath, staffPaths } from '#core/staff.ts';
import { admitStaff, noteStaff, recordLook } from '#flows/admit-staff.ts';
import { type Answer, get, type PageRequest, post, type Route, redirect } from '../route.ts';
import { askStaffProcess } from './ask.ts';

/** The routes of the staff pages. */
export function staffRoutes(ports: Ports, process: StaffProcess): readonly Route[] {
  return staffPaths.flatMap((path) => [
    get(path, (request) => passOn(ports, process, path, 'GET', request)),
    post(path, (request) => passOn(ports, process, path, 'POST', request)),
  ]);
}

async function passOn(
  ports: Ports,
  process: StaffProcess,
  path: StaffPath,
  method: 'GET' | 'POST',
  { visitor, form, page }: PageRequest,
): Promise<Answer> {
  const admitted = await admitStaff(ports, visitor, path);
  if (admitted.admission === 'sign-in') {
    const { signIn, browserKey } = admitted.begun;
    return redirect(`/sign-in/${signIn.id}`, [{ cookie: 'browser', value: browserKey }]);
  }
  const { staff } = admitted;
  const { status, body, foundId } = await askStaffProcess(ports, await process.reach(), {
    method,
    path,
    username: form.get('username'),
    language: page.language,
    grant: staff.grant,
  });
  await (method === 'GET' ? noteStaff(ports, staff) : recordLook(ports, visitor, staff, foundId));
  return { answer: 'passed-on', status, body };
}
