// An application: a panel that people sign in to, registered as an OIDC client. Its secret is shown once.

import type { SecondFactorDemand } from '#core/application.ts';
import { SecondringError } from '#core/errors.ts';
import { createApplication } from '#flows/arrange.ts';
import type { Command } from '../command.ts';

const demands: readonly SecondFactorDemand[] = ['required', 'optional', 'none'];

export const applicationAdd: Command = {
  name: 'application add',
  summary: 'Registers an application and shows its client id and secret, once',
  about: ['The secret is stored as a hash only. Whoever loses it registers the application anew.'],
  options: [
    { name: 'name', value: 'NAME', isRequired: true, meaning: 'as people know it' },
    {
      name: 'redirect-uri',
      value: 'URI',
      isRequired: true,
      isRepeatable: true,
      meaning: 'where browsers may be sent back to after signing in',
    },
    {
      name: 'post-logout-redirect-uri',
      value: 'URI',
      isRepeatable: true,
      meaning: 'where browsers may be sent to after signing out',
    },
    {
      name: 'second-factor',
      value: 'DEMAND',
      meaning: 'required, optional (asked of who has a method) or none; without it required',
    },
    {
      name: 'backchannel-logout-uri',
      value: 'URI',
      meaning: 'where the panel hears that a session has ended',
    },
    { name: 'home-url', value: 'URL', meaning: 'where people find it; shown as a link after signing in' },
    { name: 'client-id', value: 'ID', meaning: 'without it made of the name' },
  ],
  async run(given, desk) {
    const name = given.required('name');
    const secondFactor = readDemand(given.optional('second-factor') ?? 'required');
    const clientId = readClientId(given.optional('client-id') ?? clientIdFor(name));
    const homeUrl = given.optional('home-url');
    const backchannelLogoutUri = given.optional('backchannel-logout-uri');
    const ports = await desk.openPorts();
    const { id, clientSecret } = await createApplication(ports, {
      clientId,
      name,
      secondFactor,
      redirectUris: given.all('redirect-uri'),
      postLogoutRedirectUris: given.all('post-logout-redirect-uri'),
      ...(homeUrl !== undefined && { homeUrl }),
      ...(backchannelLogoutUri !== undefined && { backchannelLogoutUri }),
    });
    const { publicUrl } = desk.configuration();
    return {
      facts: { application: { id, name, secondFactor, issuer: publicUrl, clientId, clientSecret } },
      lines: [
        `The application ${name} is registered.`,
        `  issuer         ${publicUrl}`,
        `  client id      ${clientId}`,
        `  client secret  ${clientSecret}`,
        'The secret is not shown again.',
      ],
    };
  },
};

function readDemand(text: string): SecondFactorDemand {
  const demand = demands.find((one) => one === text);
  if (demand !== undefined) return demand;
  throw new SecondringError(
    'not-understood',
    `--second-factor must be one of ${demands.join(', ')}: ${text}`,
  );
}

/** RFC 6749 appendix A.1 allows more; this much needs no escaping anywhere. */
function readClientId(text: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(text)) return text;
  throw new SecondringError('not-understood', `This is no possible client id: ${text}`, {
    hint: 'Give one of letters, digits, dots and hyphens with --client-id.',
  });
}

function clientIdFor(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '');
}
