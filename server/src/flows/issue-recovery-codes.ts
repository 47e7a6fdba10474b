// Use case: the person is given their recovery codes, once. The codes are in the answer to this one request and
// nowhere else; the store keeps slow hashes. Asking again makes a new set and ends the old one.

import type { Change } from '#core/changes.ts';
import { beginEnrollment, bindAuthenticator, proveEnrollment } from '#core/enrollment.ts';
import type { Ports } from '#core/ports.ts';
import { acceptBackup, auditOf, enrolling, settle } from '#core/sign-in.ts';
import { generateRecoveryCodes, recoveryCodePreimage } from '#factors/recovery-code/recovery-code.ts';
import { loadSignIn, situationOf } from './load-sign-in.ts';
import { type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, newId, type Visitor } from './visitor.ts';

export type IssuedCodes =
  | { readonly outcome: 'issued'; readonly codes: readonly string[]; readonly username: string }
  | { readonly outcome: 'overtaken' };

/** Makes and stores a set of recovery codes for a sign-in that waits for its backup. */
export async function issueRecoveryCodes(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
): Promise<IssuedCodes> {
  const view = await loadSignIn(ports, visitor, signInId);
  const own = enrolling(view.signIn);
  const situation = await situationOf(ports, view);
  if (view.signIn.state !== 'backup' || own === undefined || situation === undefined)
    return { outcome: 'overtaken' };

  const circumstances = circumstancesOf(ports, visitor);
  const { nowMs } = circumstances;
  const kind = 'recovery-code';
  const enrollment = beginEnrollment({
    id: newId(ports),
    signIn: own,
    kind,
    secret: new Uint8Array(),
    nowMs,
  });
  const codes = generateRecoveryCodes(ports.random);
  const hashed = await Promise.all(
    codes.map(async ({ selector, secret }) => {
      const preimage = recoveryCodePreimage({ selector, secret, accountId: own.accountId });
      return {
        selector,
        hash: await ports.slowHash.hash(await ports.peppers.recoveryPepper(own.companyId, preimage)),
      };
    }),
  );
  await ports.store.commit([{ change: 'enrollment.begin', enrollment }]);

  // A set that we made ourselves has nothing to answer; what proves it is that its owner is the one who is asking.
  const verdict = { verdict: 'accepted' } as const;
  const proof = proveEnrollment({ signIn: own, enrollment, verdict, nowMs });
  if (proof === undefined) return { outcome: 'overtaken' };
  const authenticatorId = newId(ports);
  const facts = { kind, authenticatorId, enrollmentId: enrollment.id };
  const { event } = auditOf('authenticator.bound', view.signIn, facts, circumstances);
  const authenticator = {
    id: authenticatorId,
    label: '',
    position: 0,
    lastStep: undefined,
    driftSteps: undefined,
  };
  const replaced = situation.authenticators
    .filter((one) => one.kind === kind)
    .flatMap((one): Change[] => [
      { change: 'authenticator.remove', id: one.id, accountId: one.accountId, nowMs },
      auditOf(
        'authenticator.removed',
        view.signIn,
        { kind, authenticatorId: one.id, reason: 'replaced' },
        circumstances,
      ),
    ]);
  const { committed } = await ports.store.commit([
    ...settle({ next: view.signIn, changes: [] }, nowMs),
    ...bindAuthenticator(proof, authenticator, situation.account.arrangement, event),
    ...replaced,
    ...hashed.map((code): Change => ({ change: 'recovery-code.issue', authenticatorId, ...code })),
  ]);
  if (!committed) return { outcome: 'overtaken' };
  return { outcome: 'issued', codes: codes.map((code) => code.text), username: situation.account.username };
}

/** The person says that they kept their codes: what was proven is proven, and this browser gets its session. */
export async function confirmBackup(ports: Ports, visitor: Visitor, signInId: string): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const situation = await situationOf(ports, view);
  const circumstances = circumstancesOf(ports, visitor);
  const next = situation && acceptBackup(view.signIn, situation.authenticators, circumstances);
  if (next === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, { next, changes: [] }, [], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}
