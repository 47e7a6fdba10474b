// Use case: the person gives user name and password. The try is counted before anything is checked; an unknown
// name costs the same work and gets the same answer as a known one.

import { createHash } from 'node:crypto';
import { usernameKey } from '#core/account.ts';
import { normalizePassword } from '#core/password.ts';
import type { AccountView, Ports } from '#core/ports.ts';
import { acceptPassword, auditOf } from '#core/sign-in.ts';
import {
  addToWindow,
  decideTry,
  delayOf,
  passwordRule,
  type TryDecision,
  triesKey,
  wrongPasswordsPerAddress,
  wrongPasswordsPerName,
} from '#core/throttle.ts';
import { generateTotpKey } from '#factors/totp/totp.ts';
import { loadSignIn } from './load-sign-in.ts';
import { countFirst, type Outcome, settleDecision } from './outcome.ts';
import { circumstancesOf, networkOf, type Visitor } from './visitor.ts';

/** Takes user name and password for a sign-in that waits for them. */
export async function givePassword(
  ports: Ports,
  visitor: Visitor,
  signInId: string,
  typed: { readonly username: unknown; readonly password: unknown },
): Promise<Outcome> {
  const view = await loadSignIn(ports, visitor, signInId);
  if (view.signIn.state !== 'password') return { outcome: 'overtaken' };
  // Whose session asks for more is asked for their own password; a name that comes along counts for nothing.
  const key = usernameKey(view.account?.username ?? typed.username);
  const password = normalizePassword(typed.password);
  if (key === undefined || password === undefined) return malformed;

  const subjects = subjectsOf(key, visitor.address);
  ports.slowHash.ensureRoom(subjects.network);
  const counted = await countTry(ports, subjects);
  if (counted.decision === 'wait') return { outcome: 'wait', untilMs: counted.untilMs, view };
  if (counted.decision === 'locked') return { outcome: 'locked' };

  const found = await ports.store.accountByUsernameKey(key);
  const { isRight, resetId } = await check(ports, found, password, subjects.network);

  const circumstances = circumstancesOf(ports, visitor);
  if (found === undefined || !isRight || found.account.status !== 'active') {
    await ports.store.commit([
      addToWindow(wrongPasswordsPerName, subjects.name, circumstances.nowMs),
      addToWindow(wrongPasswordsPerAddress, subjects.network, circumstances.nowMs),
      auditOf(
        'password.refused',
        asked(view.signIn, found),
        { reason: reasonOf(found, isRight) },
        circumstances,
      ),
    ]);
    return { outcome: 'refused', reason: 'wrong' };
  }

  const authenticators = await ports.store.authenticators(found.account.id);
  const decision = acceptPassword(
    view.signIn,
    { application: view.application, account: found.account, company: found.company, authenticators },
    () => generateTotpKey(ports.random),
    circumstances,
    resetId,
  );
  if (decision === undefined) return { outcome: 'overtaken' };
  const reset = { change: 'try.reset', key: triesKey(passwordRule, subjects.nameAndNetwork) } as const;
  const settled = await settleDecision(ports, visitor, decision, [reset], circumstances);
  return settled.outcome === 'condition' ? { outcome: 'overtaken' } : settled;
}

/**
 * Compares with the password in force, and then with one that waits to be. Whoever does not come in costs two
 * comparisons, whether there is such a name, a waiting password, or a disabled account with the right password.
 */
async function check(
  ports: Ports,
  found: AccountView | undefined,
  password: string,
  network: string,
): Promise<{ readonly isRight: boolean; readonly resetId?: string }> {
  const against = (hash: string | undefined) =>
    hash === undefined
      ? ports.slowHash.verifyNothing(password, network)
      : ports.slowHash.verify(password, hash, network);
  const isInForce = await against(found?.passwordHash);
  if (isInForce && found?.account.status === 'active') return { isRight: true };
  const waiting = found?.waiting;
  const isWaiting = waiting !== undefined && ports.nowMs() < waiting.expiresAtMs;
  if (!(await against(isWaiting ? waiting.passwordHash : undefined)) || !isWaiting) {
    return { isRight: isInForce };
  }
  return { isRight: true, resetId: waiting.resetId };
}

const malformed: Outcome = { outcome: 'refused', reason: 'malformed' };

/**
 * What the counters are kept for. Names are hashed: what somebody typed into the wrong field is not to be found in
 * the store.
 */
function subjectsOf(key: string, address: string) {
  const name = createHash('sha256').update(key).digest('base64url');
  const network = networkOf(address);
  return { name, network, nameAndNetwork: `${name}@${network}` };
}

async function countTry(ports: Ports, subjects: ReturnType<typeof subjectsOf>) {
  const key = triesKey(passwordRule, subjects.nameAndNetwork);
  const nameKey = triesKey(wrongPasswordsPerName, subjects.name);
  const addressKey = triesKey(wrongPasswordsPerAddress, subjects.network);
  let isDelayed = false;
  const decide = async (): Promise<TryDecision> => {
    const tries = await ports.store.tries([key, nameKey, addressKey]);
    const nowMs = ports.nowMs();
    const decided = decideTry(passwordRule, key, tries.get(key), nowMs);
    const delayMs = Math.max(
      delayOf(wrongPasswordsPerName, tries.get(nameKey), nowMs),
      delayOf(wrongPasswordsPerAddress, tries.get(addressKey), nowMs),
    );
    if (decided.decision !== 'count' || delayMs === 0 || isDelayed) return decided;
    isDelayed = true;
    await ports.sleep(delayMs);
    // Decided anew: while the answer was held back others may have tried, and the time is another.
    return decide();
  };
  return countFirst(ports, decide, (decided) => (decided.decision === 'count' ? [decided.change] : []));
}

/** The sign-in as the audit is to see a refused password: with the account that was asked for, if there is one. */
function asked<SignIn>(signIn: SignIn, found: AccountView | undefined): SignIn {
  if (found === undefined) return signIn;
  return { ...signIn, accountId: found.account.id, companyId: found.account.companyId };
}

function reasonOf(found: AccountView | undefined, isRight: boolean): string {
  if (found === undefined) return 'unknown-name';
  return isRight ? 'account-disabled' : 'wrong-password';
}
