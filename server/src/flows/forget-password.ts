// Use case: somebody forgot their password and types their user name. The request does the same for every name: it
// counts, and puts what was typed into the outbox. Only there, after the answer, is the name looked up.

import { createHash } from 'node:crypto';
import { usernameKey } from '#core/account.ts';
import { addToOutbox } from '#core/outbox.ts';
import {
  answerResetRequest,
  decideResetRequest,
  resetCounterKeys,
  resetLinkLifeMs,
} from '#core/password-reset.ts';
import type { Deliver, Ports } from '#core/ports.ts';
import { correspondentOf } from './correspondent.ts';
import { countFirst } from './outcome.ts';
import { hashOfToken, networkOf, newId, newToken, personalOf, type Visitor } from './visitor.ts';

export type Asked =
  /** What is always said, whether there is such a name or not. */
  | { readonly outcome: 'asked' }
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'wait'; readonly untilMs: number }
  /** The provider has set up no mail. */
  | { readonly outcome: 'no-mail' };

/** Asks for a link to choose a new password. */
export async function askForReset(ports: Ports, visitor: Visitor, username: unknown): Promise<Asked> {
  if (ports.mailer === undefined) return { outcome: 'no-mail' };
  const key = usernameKey(username);
  if (key === undefined) return { outcome: 'malformed' };
  const subjects = {
    name: createHash('sha256').update(key).digest('base64url'),
    network: networkOf(visitor.address),
  };
  const item = { id: newId(ports), kind: 'password-reset' } as const;
  const payload = { usernameKey: key, language: visitor.language, personal: personalOf(visitor) };
  const decided = await countFirst(
    ports,
    async () =>
      decideResetRequest(subjects, await ports.store.tries(resetCounterKeys(subjects)), ports.nowMs()),
    (decision) =>
      decision.decision === 'count'
        ? [
            ...decision.changes,
            addToOutbox({ ...item, payload, nowMs: ports.nowMs(), lifeMs: resetLinkLifeMs }),
          ]
        : [],
  );
  return decided.decision === 'wait' ? { outcome: 'wait', untilMs: decided.untilMs } : { outcome: 'asked' };
}

/** Answers a request out of the outbox: mails a link where there is an account, an address and a method to prove. */
export function answerRequests(ports: Ports): Deliver<'password-reset'> {
  return async ({ id, payload }) => {
    const found = await ports.store.accountByUsernameKey(payload.usernameKey);
    if (found === undefined) return 'delivered';
    const { account } = found;
    const token = newToken(ports);
    const nowMs = ports.nowMs();
    const answer = answerResetRequest({
      id,
      account,
      authenticators: await ports.store.authenticators(account.id),
      correspondent: await correspondentOf(ports, payload.language, account.id),
      token: { text: token, hash: hashOfToken(token) },
      letterId: newId(ports),
      nowMs,
    });
    if (answer === undefined) return 'delivered';
    // A request that was answered already, by whoever died right after, is refused here and mailed once.
    await ports.store.commit([
      ...answer.changes,
      {
        change: 'audit.append',
        event: {
          id: newId(ports),
          atMs: nowMs,
          event: answer.outcome === 'mailed' ? 'password-reset.mailed' : 'password-reset.refused',
          companyId: account.companyId,
          accountId: account.id,
          facts: answer.outcome === 'mailed' ? { resetId: id } : { reason: 'no-method' },
          personal: payload.personal,
        },
      },
    ]);
    return 'delivered';
  };
}
