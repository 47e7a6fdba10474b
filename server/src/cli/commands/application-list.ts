// The applications there are.

import { ownPagesApplicationId } from '#core/application.ts';
import { columns } from '../columns.ts';
import type { Command } from '../command.ts';

export const applicationList: Command = {
  name: 'application list',
  summary: 'Lists the applications',
  async run(_given, desk) {
    const { store } = await desk.openPorts();
    const applications = (await store.clients())
      .filter(({ application }) => application.id !== ownPagesApplicationId)
      .map(({ application: { id, name, secondFactor, homeUrl }, client }) => ({
        id,
        name,
        secondFactor,
        homeUrl: homeUrl ?? null,
        clientId: client?.clientId ?? null,
        redirectUris: client?.redirectUris ?? [],
        postLogoutRedirectUris: client?.postLogoutRedirectUris ?? [],
      }));
    return {
      facts: { applications },
      lines: columns(
        ['CLIENT ID', 'NAME', 'SECOND FACTOR', 'REDIRECT URIS'],
        applications.map(({ clientId, name, secondFactor, redirectUris }) => [
          clientId ?? '',
          name,
          secondFactor,
          redirectUris.join(' '),
        ]),
      ),
    };
  },
};
