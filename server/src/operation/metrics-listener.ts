// The figures on an address of their own, so that nobody gets at them who can only reach the pages.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SecondringError } from '#core/errors.ts';

const headersTimeoutMs = 5000;

export interface MetricsListener {
  readonly address: AddressInfo;
  close(): Promise<void>;
}

/**
 * Serves the figures at `/metrics`.
 * @throws SecondringError `configuration-invalid` when the address is taken
 */
export async function startMetricsListener(
  { host, port }: { readonly host: string; readonly port: number },
  text: () => Promise<string>,
): Promise<MetricsListener> {
  const server = createServer({ headersTimeout: headersTimeoutMs }, async (request, response) => {
    const isAsked = request.url === '/metrics' && ['GET', 'HEAD'].includes(request.method ?? '');
    const body = isAsked ? await text() : 'The figures are at /metrics.\n';
    response.writeHead(isAsked ? 200 : 404, {
      'content-type': `text/plain; ${isAsked ? 'version=0.0.4; ' : ''}charset=utf-8`,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
    response.end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause) => reject(cannotListen(host, port, cause)));
    server.listen(port, host, resolve);
  });
  return { address: server.address() as AddressInfo, close: () => end(server) };
}

async function end(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  // A figure that is read half is read again; nothing here is worth waiting for.
  server.closeAllConnections();
  await closed;
}

function cannotListen(host: string, port: number, cause: Error): SecondringError {
  return new SecondringError('configuration-invalid', `Cannot listen on ${host}:${port} for metrics.`, {
    cause,
    hint: 'Stop what listens there, choose another address with SECONDRING_METRICS_LISTEN, or set it to off.',
  });
}
