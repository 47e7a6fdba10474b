// A panel's code flow on top of a session that is there already: authorization request, interaction, code, tokens
// (OpenID Connect Core 1.0 section 3.1). What it takes is what the OIDC library takes.

import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Jar, signInOnce } from './client.ts';
import { hurried } from './clock.ts';
import { median, print, rounded } from './figures.ts';
import { HttpConnection, type Reply } from './http-connection.ts';
import { startServer } from './server.ts';

const warmUpFlows = 150;
const slices = 7;
const flowsPerSlice = 60;

/** Prints the server's CPU time for a flow. */
export async function measureCodeFlow(input: {
  readonly store: string;
  readonly databaseUrl: string;
  readonly isHashing: boolean;
  readonly people: number;
}): Promise<void> {
  const server = await startServer({ ...input, people: 1 });
  const connection = new HttpConnection(server.port);
  try {
    // The newest code was used when the app was set up.
    await sleep((2 * 30_000) / hurried);
    const jar: Jar = new Map();
    await signInOnce(connection, server, server.nextPerson(), jar);
    const flow = () => codeFlow(connection, server.port, jar, server.client);
    for (let count = 0; count < warmUpFlows; count++) await flow();
    const cpuMs: number[] = [];
    for (let slice = 0; slice < slices; slice++) {
      const before = await server.usage();
      for (let count = 0; count < flowsPerSlice; count++) await flow();
      cpuMs.push(((await server.usage()).cpuMs - before.cpuMs) / flowsPerSlice);
    }
    print({ bench: 'code-flow', store: input.store, serverCpuMsPerFlow: rounded(median(cpuMs)) });
  } finally {
    connection.close();
    await server.stop();
  }
}

async function codeFlow(
  connection: HttpConnection,
  port: number,
  jar: Jar,
  client: { readonly id: string; readonly secret: string; readonly redirectUri: string },
): Promise<void> {
  const origin = `http://localhost:${port}`;
  const verifier = randomBytes(32).toString('base64url');
  const asked = new URLSearchParams({
    client_id: client.id,
    redirect_uri: client.redirectUri,
    response_type: 'code',
    scope: 'openid profile',
    state: 'state',
    nonce: 'nonce',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  let target = `/oidc/authorize?${asked}`;
  // The library, our interaction and the library again; each sends the browser on.
  while (!target.startsWith(client.redirectUri)) {
    const reply = await get(connection, port, target, jar);
    if (reply.location === undefined) throw new Error(`${target} was answered with ${reply.status}`);
    target = reply.location.startsWith(origin) ? reply.location.slice(origin.length) : reply.location;
  }
  const code = new URL(target).searchParams.get('code');
  if (code === null) throw new Error(`there is no code at ${target}`);
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: client.redirectUri,
    code_verifier: verifier,
  }).toString();
  const credentials = Buffer.from(`${client.id}:${client.secret}`).toString('base64');
  const tokens = await connection.send(
    [
      'POST /oidc/token HTTP/1.1',
      `Host: localhost:${port}`,
      `Authorization: Basic ${credentials}`,
      'Content-Type: application/x-www-form-urlencoded',
      `Content-Length: ${form.length}`,
    ].join('\r\n'),
    form,
  );
  if (tokens.status !== 200) throw new Error(`the code was answered with ${tokens.status}: ${tokens.body}`);
}

async function get(connection: HttpConnection, port: number, path: string, jar: Jar): Promise<Reply> {
  const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  const head = [`GET ${path} HTTP/1.1`, `Host: localhost:${port}`, `Cookie: ${cookie}`];
  const reply = await connection.send(head.join('\r\n'));
  for (const set of reply.cookies) jar.set(set.slice(0, set.indexOf('=')), set.slice(set.indexOf('=') + 1));
  return reply;
}
