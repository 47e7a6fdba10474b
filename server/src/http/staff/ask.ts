// One request from the main process to the staff process. It is made anew and not handed through: no header, cookie
// or field of the browser's gets there except the user name that was typed; and of the answer nothing comes back
// except a status, a page within limits, and who was found. The headers of the page are ours.

import { request } from 'node:http';
import { SecondringError } from '#core/errors.ts';
import type { Ports, StaffDoor } from '#core/ports.ts';
import type { StaffGrant, StaffPath } from '#core/staff.ts';
import { bodyHashOf, signStatement } from '#flows/staff-statement.ts';
import { newToken } from '#flows/visitor.ts';
import { foundHeader, nobody, statementHeader } from './headers.ts';

const timeoutMs = 5000;
/** Bytes of a page at most. */
const maximumPageBytes = 256 * 1024;

export interface StaffQuestion {
  readonly method: 'GET' | 'POST';
  readonly path: StaffPath;
  /** As typed; undefined for a look at the empty page. */
  readonly username: string | undefined;
  readonly language: string;
  readonly grant: StaffGrant;
}

export interface StaffAnswer {
  readonly status: 200 | 404;
  readonly body: string;
  /** The account that the page shows; undefined: nobody's. */
  readonly foundId: string | undefined;
}

/** @throws SecondringError `staff-unavailable` when it does not answer in time, or not as it must */
export async function askStaffProcess(
  ports: Pick<Ports, 'random' | 'nowMs'>,
  door: StaffDoor,
  { method, path, username = '', language, grant }: StaffQuestion,
): Promise<StaffAnswer> {
  const body = method === 'GET' ? '' : new URLSearchParams({ username }).toString();
  const statement = signStatement(door.statementKey, {
    ...{ id: newToken(ports), method, path, bodyHash: bodyHashOf(body), language },
    ...{ accountId: grant.accountId, role: grant.role, companyId: grant.companyId ?? null },
    ...{ nowMs: ports.nowMs(), tickMs: door.tickMs() },
  });
  try {
    const { status, page, found } = await send(door.socketPath, { method, path, body, statement });
    // Who was looked at must be known before the page goes out: a page that does not say it does not go out.
    const isComplete = method === 'GET' || found !== undefined;
    if ((status !== 200 && status !== 404) || !isComplete) throw new Error(`its answer has status ${status}`);
    return { status, body: page, foundId: found === nobody ? undefined : found };
  } catch (cause) {
    door.giveUp();
    throw new SecondringError('staff-unavailable', 'The staff process did not answer as it must.', {
      cause,
      retryAfterSeconds: 5,
    });
  }
}

interface Sent {
  readonly method: string;
  readonly path: string;
  readonly body: string;
  readonly statement: string;
}

interface Arrived {
  readonly status: number | undefined;
  readonly page: string;
  readonly found: string | undefined;
}

function send(socketPath: string, { method, path, body, statement }: Sent): Promise<Arrived> {
  return new Promise((resolve, reject) => {
    const headers = {
      [statementHeader]: statement,
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': Buffer.byteLength(body),
    };
    const signal = AbortSignal.timeout(timeoutMs);
    const asking = request({ socketPath, method, path, headers, agent: false, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > maximumPageBytes) asking.destroy(new Error('its page is too large'));
        else chunks.push(chunk);
      });
      response.once('error', reject);
      response.once('end', () => {
        const found = response.headers[foundHeader];
        const page = Buffer.concat(chunks, length).toString('utf8');
        resolve({ status: response.statusCode, page, found: typeof found === 'string' ? found : undefined });
      });
    });
    asking.once('error', reject);
    asking.end(body);
  });
}
