// Use case: sessions ended, and every panel they had led into is to hear of it (OIDC Back-Channel Logout 1.0). Which
// panels these are is looked up after the end, when no session can lead into one more.

import { addToOutbox } from '#core/outbox.ts';
import type { Deliver, Ports } from '#core/ports.ts';
import { sessionLifeMs } from '#core/session.ts';
import { newId } from './visitor.ts';

/** Makes an item of each panel, so that one that does not answer holds up no other. */
export function findPanelsToTell(ports: Ports): Deliver<'sessions-ended'> {
  return async ({ payload: ended }) => {
    const notices = await ports.store.panelsToTell(ended);
    const nowMs = ports.nowMs();
    await ports.store.commit(
      notices.map((payload) =>
        addToOutbox({ id: newId(ports), kind: 'back-channel-logout', payload, nowMs, lifeMs: sessionLifeMs }),
      ),
    );
    return 'delivered';
  };
}
