// The demo: the real service with a company to try it on and panels to sign in to. Nothing of the service knows of
// it, and removing this folder leaves no trace.

import type { Configuration } from '#config/configuration.ts';
import { openPorts, startService } from '../service.ts';
import { demoLogins, seedDemo } from './company.ts';
import { startPanel } from './panel.ts';

/** Runs the demo until told to end. */
export async function runDemo(configuration: Configuration, untilTold: Promise<void>): Promise<number> {
  const demo: Configuration = {
    ...configuration,
    logLevel: configuration.logLevel === 'info' ? 'warn' : configuration.logLevel,
  };
  const ports = await openPorts(demo);
  const panelUrl = `http://localhost:${configuration.listen.port + 1}`;
  const seeded = await seedDemo(ports, configuration.dataFolder, panelUrl);
  const service = await startService(demo, ports);
  const { clientId, clientSecret } = seeded;
  const panel = await startPanel({ url: panelUrl, issuer: service.publicUrl, clientId, clientSecret }).catch(
    async (error: unknown) => {
      await service.close();
      throw error;
    },
  );
  process.stdout.write(welcome(service.publicUrl, panelUrl, seeded.password));
  await untilTold;
  await panel.close();
  await service.close();
  return 0;
}

function welcome(publicUrl: string, panelUrl: string, password: string): string {
  return `
Secondring demo is ready.

  UC panel    ${panelUrl}
  Secondring  ${publicUrl}

  User names  ${demoLogins.join(', ')}
  Password    ${password}

Open the panel and sign in. At the first sign-in you set up an authenticator app; any will do.
Stop with Ctrl+C. What you set up is kept.
`;
}
