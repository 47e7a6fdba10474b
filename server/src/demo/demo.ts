// The demo: the real service with a company to try it on and panels to sign in to. Nothing of the service knows of
// it, and removing this folder leaves no trace.

import type { Configuration } from '#config/configuration.ts';
import { openPorts, startService } from '../service.ts';
import { demoLogins, demoPanels, seedDemo } from './company.ts';
import { startMailbox } from './mailbox.ts';
import { type Panel, startPanel } from './panel.ts';
import type { PanelKind } from './panel-pages.ts';

/** Made up. */
const supportPhone = '085-0000000';

/** Runs the demo until told to end. */
export async function runDemo(configuration: Configuration, untilTold: Promise<unknown>): Promise<void> {
  const mailbox = configuration.smtpUrl === undefined ? await startMailbox() : undefined;
  const demo: Configuration = {
    ...configuration,
    smtpUrl: configuration.smtpUrl ?? mailbox?.smtpUrl,
    supportPhone: configuration.supportPhone ?? supportPhone,
    logLevel: configuration.logLevel === 'info' ? 'warn' : configuration.logLevel,
  };
  const ports = await openPorts(demo);
  const urlOf = (kind: PanelKind) => {
    const offset = demoPanels.find((panel) => panel.kind === kind)?.portOffset ?? 0;
    return `http://localhost:${configuration.listen.port + offset}`;
  };
  const seeded = await seedDemo(ports, configuration.dataFolder, urlOf);
  const service = await startService(demo, ports, { more: mailbox === undefined ? [] : [mailbox.route] });
  const panels: Panel[] = [];
  try {
    for (const { kind } of demoPanels) {
      const client = { clientId: kind, clientSecret: seeded.clientSecrets[kind] };
      panels.push(await startPanel({ kind, url: urlOf(kind), issuer: service.publicUrl, ...client }));
    }
    process.stdout.write(welcome(service.publicUrl, urlOf, seeded.password));
    await untilTold;
  } finally {
    for (const panel of panels) await panel.close();
    await service.close();
    await mailbox?.close();
  }
}

function loginLines(): string {
  return Object.entries(demoLogins)
    .map(([username, whom]) => `    ${username.padEnd(24)} ${whom}`)
    .join('\n');
}

function welcome(publicUrl: string, urlOf: (kind: PanelKind) => string, password: string): string {
  return `
Secondring demo is ready.

  UC panel       ${urlOf('uc-panel')}
  Company panel  ${urlOf('company-panel')}
  Secondring     ${publicUrl}
  Mail           ${publicUrl}/demo/mail
  Helpdesk       ${publicUrl}/helpdesk, for agent@demo.test
  Company        ${publicUrl}/company, for administrator@demo.test

  Password       ${password}
  User names
${loginLines()}

Open the panel and sign in. At the first sign-in you set up an authenticator app; any will do.
Stop with Ctrl+C. What you set up is kept.
`;
}
