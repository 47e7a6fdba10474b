// Where the service is reached: the address it listens on is free or already its own, and the public name leads
// somewhere.

import { lookup } from 'node:dns/promises';
import { request } from 'node:http';
import { createServer } from 'node:net';
import type { Configuration } from '#config/configuration.ts';
import { advice, type Finding, fault, fine } from './finding.ts';

const answerTimeoutMs = 2000;

/** What is said of the listen address, the public URL and the proxies. */
export async function examineNetwork(configuration: Configuration): Promise<readonly Finding[]> {
  return [
    await examineListen(configuration),
    ...(await examineMetrics(configuration)),
    await examinePublicUrl(configuration),
    ...examineProxies(configuration),
  ];
}

async function examineListen({ listen, publicUrl }: Configuration): Promise<Finding> {
  const check = 'listen address';
  const shown = `${listen.host}:${listen.port}`;
  const code = await tryToListen(listen);
  if (code === undefined) return fine(check, `${shown} is free`);
  if (code === 'EADDRINUSE' && (await answersAsUs(listen, publicUrl))) {
    return fine(check, `the service runs at ${shown}`);
  }
  const hints: Readonly<Record<string, string>> = {
    EADDRINUSE: 'Stop what listens there, or choose another address with SECONDRING_LISTEN or PORT.',
    EADDRNOTAVAIL: 'Give SECONDRING_LISTEN an address of this machine.',
    EACCES: 'Choose a port from 1024 on, or allow the lower one with CAP_NET_BIND_SERVICE.',
  };
  return fault(check, `Cannot listen on ${shown} (${code}).`, hints[code] ?? 'Choose another address.');
}

/** The figures have an address of their own; while the service runs it is taken by it. */
async function examineMetrics({
  listen,
  metricsListen,
  publicUrl,
}: Configuration): Promise<readonly Finding[]> {
  if (metricsListen === undefined) return [];
  const check = 'metrics address';
  const shown = `${metricsListen.host}:${metricsListen.port}`;
  const code = await tryToListen(metricsListen);
  if (code === undefined) return [fine(check, `${shown} is free`)];
  if (code === 'EADDRINUSE' && (await answersAsUs(listen, publicUrl))) {
    return [fine(check, `${shown} is taken, as it is while the service runs`)];
  }
  const hint = 'Choose another address with SECONDRING_METRICS_LISTEN, or off.';
  return [fault(check, `Cannot listen on ${shown} (${code}).`, hint)];
}

function tryToListen({ host, port }: Configuration['listen']): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

/** Whether the service that listens there names our public URL as its issuer. */
function answersAsUs({ host, port }: Configuration['listen'], publicUrl: string): Promise<boolean> {
  const path = '/.well-known/openid-configuration';
  const headers = { host: new URL(publicUrl).host };
  // Who listens on all addresses is asked at this machine's own.
  const asked = host === '0.0.0.0' || host === '::' ? 'localhost' : host;
  return new Promise((resolve) => {
    const asking = request({ host: asked, port, path, headers, timeout: answerTimeoutMs }, (answer) => {
      let body = '';
      answer.setEncoding('utf8').on('data', (part: string) => {
        body = (body + part).slice(0, 10_000);
      });
      answer.on('end', () => resolve(body.includes(`"issuer":"${publicUrl}"`)));
    });
    asking.on('timeout', () => asking.destroy());
    asking.on('error', () => resolve(false));
    asking.end();
  });
}

async function examinePublicUrl({ publicUrl }: Configuration): Promise<Finding> {
  const check = 'public URL';
  const host = URL.parse(publicUrl)?.hostname.replace(/^\[|\]$/g, '');
  if (host === undefined) return fault(check, `${publicUrl} is none.`, 'Set SECONDRING_PUBLIC_URL.');
  try {
    const { address } = await lookup(host);
    return fine(check, `${publicUrl} (${address})`);
  } catch {
    const message = `The name ${host} is not known here.`;
    return advice(check, message, 'Panels ask the service by that name: make it known to them in DNS.');
  }
}

function examineProxies({ publicUrl, trustedProxies }: Configuration): readonly Finding[] {
  const check = 'proxies';
  if (trustedProxies.length > 0) return [fine(check, trustedProxies.join(', '))];
  if (!publicUrl.startsWith('https:')) return [];
  const message = 'No proxy is trusted, so that all visitors count as one address and share its limits.';
  return [advice(check, message, 'Name the address of the proxy in SECONDRING_TRUSTED_PROXIES.')];
}
