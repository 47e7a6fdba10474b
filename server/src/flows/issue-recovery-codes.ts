// Use case: the person is given their recovery codes, once. The codes are in the answer to this one request and
// nowhere else; the store keeps slow hashes. Asking again makes a new set and ends the old one.

import type { Change } from '#core/changes.ts';
import { beginEnrollment, bindAuthenticator, proveEnrollment } from '#core/enrollment.ts';
import { SecondringError } from '#core/errors.ts';
import type { Ports, SignInView } from '#core/ports.ts';
import {
  acceptBackup,
  auditOf,
  type Circumstances,
  enrolling,
  type Situation,
  settle,
} from '#core/sign-in.ts';
import { decideTry, recoveryIssueRule, triesKey } from '#core/throttle.ts';
import { generateRecoveryCodes, recoveryCodePreimage } from '#factors/recovery-code/recovery-code.ts';
import { loadSignIn, situationOf } from './load-sign-in.ts';
import { type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, newId, type Visitor } from './visitor.ts';

export type IssuedCodes =
  | { readonly outcome: 'issued'; readonly codes: readonly string[]; readonly username: string }
  | { readonly outcome: 'overtaken' };

const kind = 'recovery-code';

/**
 * Makes and stores a set of recovery codes for a sign-in that waits for its backup. The first commit counts the set
 * (ten slow hashes are dear) and opens its enrollment, the second binds it.
 * @throws SecondringError `busy` when the account had too many sets made within the hour
 */
export async function issueRecoveryCodes(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
): Promise<IssuedCodes> {
  const view = await loadSignIn(ports, visitor, signInId);
  const own = enrolling(view.signIn);
  const situation = await situationOf(ports, view);
  const isAsked = view.signIn.state === 'backup';
  if (!isAsked || own === undefined || situation === undefined) return { outcome: 'overtaken' };

  const circumstances = circumstancesOf(ports, visitor);
  const { nowMs } = circumstances;
  const enrollment = beginEnrollment({
    id: newId(ports),
    signIn: own,
    kind,
    secret: new Uint8Array(),
    nowMs,
  });
  const begun = await ports.store.commit([
    await countSet(ports, own.accountId, nowMs),
    ...settle({ next: view.signIn, changes: [] }, nowMs),
    { change: 'enrollment.begin', enrollment },
    auditOf('enrollment.begun', view.signIn, { kind }, circumstances),
  ]);
  if (!begun.committed) return { outcome: 'overtaken' };

  const codes = generateRecoveryCodes(ports.random);
  const authenticatorId = newId(ports);
  const hashed: Change[] = [];
  // One after another: a set must not fill the line that everybody's passwords wait in.
  for (const { selector, secret } of codes) {
    const preimage = recoveryCodePreimage({ selector, secret, accountId: own.accountId });
    const pepper = await ports.peppers.recoveryPepper(own.companyId, preimage);
    const hash = await ports.slowHash.hash(pepper.text);
    hashed.push({
      change: 'recovery-code.issue',
      ...{ authenticatorId, selector, hash, pepperVersion: pepper.version },
    });
  }
  // A set that we made ourselves has nothing to answer; what proves it is that its owner is the one who is asking.
  const verdict = { verdict: 'accepted' } as const;
  const proof = proveEnrollment({ signIn: own, enrollment, verdict, nowMs });
  if (proof === undefined) return { outcome: 'overtaken' };
  const facts = { kind, authenticatorId, enrollmentId: enrollment.id };
  const { event } = auditOf('authenticator.bound', view.signIn, facts, circumstances);
  const authenticator = {
    id: authenticatorId,
    label: '',
    position: 0,
    lastStep: undefined,
    driftSteps: undefined,
  };
  const next = { ...view.signIn, revision: view.signIn.revision + 1 };
  const { committed } = await ports.store.commit([
    ...settle({ next, changes: [] }, nowMs),
    ...bindAuthenticator(proof, authenticator, situation.account.arrangement, event),
    ...replacing(view, situation, circumstances),
    ...hashed,
  ]);
  if (!committed) return { outcome: 'overtaken' };
  return { outcome: 'issued', codes: codes.map((code) => code.text), username: situation.account.username };
}

async function countSet(ports: Ports, accountId: string, nowMs: number): Promise<Change> {
  const key = triesKey(recoveryIssueRule, accountId);
  const tries = await ports.store.tries([key]);
  const decided = decideTry(recoveryIssueRule, key, tries.get(key), nowMs);
  if (decided.decision === 'count') return decided.change;
  const untilMs = decided.decision === 'wait' ? decided.untilMs : nowMs;
  throw new SecondringError('busy', 'Too many sets of recovery codes were made.', {
    retryAfterSeconds: Math.max(1, Math.ceil((untilMs - nowMs) / 1000)),
  });
}

function replacing(
  view: SignInView,
  { authenticators }: Situation,
  circumstances: Circumstances,
): readonly Change[] {
  return authenticators
    .filter((one) => one.kind === kind)
    .flatMap(({ id, accountId }): Change[] => [
      { change: 'authenticator.remove', id, accountId, nowMs: circumstances.nowMs },
      auditOf(
        'authenticator.removed',
        view.signIn,
        { kind, authenticatorId: id, reason: 'replaced' },
        circumstances,
      ),
    ]);
}

/** The person says that they kept their codes: what was proven is proven, and this browser gets its session. */
export async function confirmBackup(ports: Ports, visitor: Visitor, signInId: string): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  const situation = await situationOf(ports, view);
  const circumstances = circumstancesOf(ports, visitor);
  const decision = situation && acceptBackup(view.signIn, situation.authenticators, circumstances);
  if (decision === undefined) return { outcome: 'overtaken' };
  const settled = await settleDecision(ports, visitor, decision, [], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}
