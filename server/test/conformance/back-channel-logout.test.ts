// Every panel that a session led into hears of its end (OIDC Back-Channel Logout 1.0), whoever ended it and wherever. What
// it hears is checked here as a panel's makers would, with the third-party library `jose` against the published keys.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { createRemoteJWKSet, type JWTPayload, jwtVerify } from 'jose';
import { enrolledPerson, type Person } from '../support/person.ts';
import { onEachEngine, type ServiceUnderTest } from '../support/service-under-test.ts';
import { confirmSignOut, connectPanel, leftFor, type Panel, type Tokens } from './panel.ts';

const event = 'http://schemas.openid.net/event/backchannel-logout';

onEachEngine('back-channel logout', (running) => {
  test('signed out at one panel, the others are told once each, of the session as they know it', async () => {
    await withPanels(running(), 'at-one', 2, async ({ service, person, panels, ears }) => {
      const tokens: Tokens[] = [];
      for (const panel of panels) tokens.push(await panel.signIn(person));
      const [panel, [mine]] = [panels[0] as Panel, tokens as [Tokens]];
      await confirmSignOut(person, await person.open(panel.signOutUrl(mine)));
      await service.outboxEmptied();
      for (const [index, ear] of ears.entries()) {
        assert.equal(ear.heard.length, 1);
        const { payload, header } = await verified(service, panels[index] as Panel, ear.heard[0] ?? '');
        const claims = tokens[index]?.claims();
        assert.equal(header.typ, 'logout+jwt');
        assert.deepEqual(payload['events'], { [event]: {} });
        assert.equal(payload['sid'], claims?.['sid']);
        assert.ok(typeof payload.jti === 'string' && payload.jti !== '');
        assert.ok(Number(payload.exp) - Number(payload.iat) <= 300);
        assert.equal('nonce' in payload, false, 'it must not pass for an ID token');
      }
      assert.notEqual(
        tokens[0]?.claims()?.['sid'],
        tokens[1]?.claims()?.['sid'],
        'panels cannot compare notes',
      );
    });
  });

  test('signed out at our own page', async () => {
    await withPanels(running(), 'own-page', 1, async ({ service, person, panels, ears }) => {
      await panels[0]?.signIn(person);
      await person.browser.post(`${service.origin}/sign-out`);
      await service.outboxEmptied();
      assert.equal(ears[0]?.heard.length, 1);
    });
  });

  test('somebody else signs in in the same browser', async () => {
    await withPanels(running(), 'somebody-else', 1, async ({ service, person, panels, ears }) => {
      const other = await enrolledPerson(service, 'somebody-else-other');
      await panels[0]?.signIn(person);
      other.browser = person.browser;
      await other.signIn();
      await service.outboxEmptied();
      assert.equal(ears[0]?.heard.length, 1);
    });
  });

  test('a session that led elsewhere says nothing to a panel it did not lead into', async () => {
    await withPanels(running(), 'elsewhere', 2, async ({ service, person, panels, ears }) => {
      await panels[0]?.signIn(person);
      await person.browser.post(`${service.origin}/sign-out`);
      await service.outboxEmptied();
      assert.deepEqual(
        ears.map(({ heard }) => heard.length),
        [1, 0],
      );
    });
  });

  test('a step-up ends nothing, and nobody is told', async () => {
    await withPanels(running(), 'stepped-up', 1, async ({ service, person, panels, ears }) => {
      await panels[0]?.signIn(person);
      service.clock.toNextStep();
      const begun = await panels[0]?.begin({ prompt: 'login' });
      await panels[0]?.finish(begun as never, leftFor(await person.signIn(begun?.url)));
      await service.outboxEmptied();
      assert.equal(ears[0]?.heard.length, 0);
    });
  });

  test('a panel that is down is told when it is back, and holds up no other', async () => {
    await withPanels(running(), 'down', 2, async ({ service, person, panels, ears }) => {
      const [down, up] = ears as [Ear, Ear];
      for (const panel of panels) await panel.signIn(person);
      down.status = 503;
      await person.browser.post(`${service.origin}/sign-out`);
      await Promise.all([down.heardAnother(), up.heardAnother()]);
      assert.equal(up.heard.length, 1);
      assert.equal(down.heard.length, 1);
      const waiting = `select id from outbox where due_at_ms = ${service.clock.nowMs() + 10_000}`;
      while ((await service.rows(waiting)).length === 0) await nextTurn();
      down.status = 200;
      service.clock.advance(10_000);
      await service.outboxEmptied();
      assert.equal(down.heard.length, 2);
      assert.equal(up.heard.length, 1);
    });
  });
});

interface Ear {
  readonly url: string;
  /** Logout tokens, in the order they came. */
  readonly heard: string[];
  status: number;
  /** Resolves with the next one, or at once when there was one nobody waited for. */
  heardAnother(): Promise<void>;
  close(): Promise<void>;
}

interface Scene {
  readonly service: ServiceUnderTest;
  readonly person: Person;
  readonly panels: readonly Panel[];
  readonly ears: readonly Ear[];
}

/** A person, and panels that listen for the end of sessions. */
async function withPanels(
  service: ServiceUnderTest,
  name: string,
  count: number,
  use: (scene: Scene) => Promise<void>,
): Promise<void> {
  const ears: Ear[] = [];
  try {
    const panels: Panel[] = [];
    for (let index = 0; index < count; index += 1) {
      const ear = await listenForLogout();
      ears.push(ear);
      const hearing = { backchannelLogoutUri: ear.url };
      panels.push(await connectPanel(service, `${name}-${index}`, 'required', hearing));
    }
    await use({ service, person: await enrolledPerson(service, name), panels, ears });
  } finally {
    for (const ear of ears) await ear.close();
  }
}

async function listenForLogout(): Promise<Ear> {
  let unseen = 0;
  let tell: (() => void) | undefined;
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const piece of request) body += String(piece);
    assert.equal(request.headers['content-type'], 'application/x-www-form-urlencoded');
    ear.heard.push(new URLSearchParams(body).get('logout_token') ?? '');
    response.writeHead(ear.status).end();
    unseen += 1;
    tell?.();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const ear: Ear = {
    url: `http://localhost:${(server.address() as AddressInfo).port}/ended`,
    heard: [],
    status: 200,
    async heardAnother() {
      if (unseen === 0) await new Promise<void>((resolve) => (tell = resolve));
      unseen -= 1;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return ear;
}

async function verified(service: ServiceUnderTest, panel: Panel, token: string) {
  const keys = createRemoteJWKSet(new URL(panel.config.serverMetadata().jwks_uri ?? ''));
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    ...{ issuer: service.origin, audience: panel.clientId, typ: 'logout+jwt' },
    currentDate: new Date(service.clock.nowMs()),
  });
  return { payload: payload as JWTPayload & Record<string, unknown>, header: protectedHeader };
}
