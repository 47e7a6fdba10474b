// Examples of the changes of sign-ins and of their challenges.
import type { Change } from '#core/changes.ts';
import { beginSignIn, type SignIn } from '#core/sign-in.ts';
import { commitAll, newHash, newId, type SeededStore } from '../seeded-store.ts';
import { type Examples, hex } from './example.ts';

type Of<Name extends Change['change']> = Extract<Change, { readonly change: Name }>;

function begun(world: SeededStore, fields: Partial<SignIn> = {}): Of<'sign-in.begin'> {
  const wants = { assurance: 'urn:secondring:acr:two-factor', freshSinceMs: 5 } as const;
  const at = { application: world.application, interaction: 'asked', nowMs: world.clock.nowMs() };
  const signIn = beginSignIn({ id: newId(), wants, ...at });
  return { change: 'sign-in.begin', signIn: { ...signIn, ...fields }, browserKeyHash: newHash() };
}

/** The next revision of a sign-in, a minute later. */
function onwards(world: SeededStore, signIn: SignIn, fields: Partial<SignIn> = {}): Of<'sign-in.advance'> {
  const next = { ...signIn, revision: signIn.revision + 1, ...fields };
  return { change: 'sign-in.advance', next, nowMs: world.clock.nowMs() + 60_000 };
}

async function liveSignIns(world: SeededStore, count: number) {
  const account = await world.newAccount();
  const signIns: SignIn[] = [];
  for (let made = 0; made < count; made += 1) {
    world.clock.advance(1000);
    signIns.push(await world.newSignInOf(account));
  }
  return { account, signIns };
}

const crowdOut = (world: SeededStore, accountId: string, keep: number, exceptId = 'none'): Change => ({
  change: 'sign-in.crowd-out',
  ...{ accountId, exceptId, keep, nowMs: world.clock.nowMs() },
});

const expiredRow = { table: 'sign_ins', row: 'changed', columns: { revision: 2, state: 'expired' } } as const;

export const signInExamples: Examples<
  | 'sign-in.begin'
  | 'sign-in.advance'
  | 'sign-in.crowd-out'
  | 'sign-in.end-others'
  | 'sign-in.announce'
  | 'challenge.issue'
  | 'challenge.count'
  | 'challenge.consume'
> = {
  'sign-in.begin': {
    applied: {
      'without an account': async (world) => {
        const change = begun(world);
        const { signIn } = change;
        const columns = {
          ...{ id: signIn.id, revision: 0, state: 'password', browser_key_hash: hex(change.browserKeyHash) },
          ...{ application_id: 'secondring', interaction: 'sealed', proofs: '[]' },
          wants: '{"assurance":"urn:secondring:acr:two-factor","freshSinceMs":5}',
          ...{ created_at_ms: signIn.createdAtMs, expires_at_ms: signIn.createdAtMs + 600_000 },
          ...{ row_mac: 'sealed', origin_mac: 'sealed' },
        };
        return { changes: [change], does: [{ table: 'sign_ins', row: 'inserted', columns }] };
      },
      'of a session’s account': async (world) => {
        const { id: accountId, companyId } = world.account;
        const proofs = [{ kind: 'password', atMs: 3 }] as const;
        const known = { accountId, companyId, proofs, interaction: undefined, state: 'backup' } as const;
        const change = begun(world, known);
        const columns = {
          ...{
            id: change.signIn.id,
            revision: 0,
            state: 'backup',
            browser_key_hash: hex(change.browserKeyHash),
          },
          ...{ application_id: 'secondring', account_id: accountId, company_id: companyId },
          proofs: '[{"kind":"password","atMs":3}]',
          wants: '{"assurance":"urn:secondring:acr:two-factor","freshSinceMs":5}',
          created_at_ms: change.signIn.createdAtMs,
          expires_at_ms: change.signIn.createdAtMs + 600_000,
          ...{ row_mac: 'sealed', origin_mac: 'sealed' },
        };
        return { changes: [change], does: [{ table: 'sign_ins', row: 'inserted', columns }] };
      },
    },
    refused: {},
    faults: {
      'it is there': async (world) => begun(world, { id: (await world.newSignIn()).id }),
      'to an application that is not there': async (world) => begun(world, { applicationId: 'nowhere' }),
      'beyond the password without an account': async (world) => begun(world, { state: 'proven' }),
    },
  },
  'sign-in.advance': {
    applied: {
      'with everything that came to be known': async (world) => {
        const signIn = await world.newSignIn();
        const { id: accountId, companyId } = world.account;
        const known = {
          state: 'done',
          accountId,
          companyId,
          challengeId: 'c',
          enrollmentId: 'e',
          sessionId: 's',
          passwordRevision: 0,
          passwordResetId: 'r',
        };
        const proofs = [{ kind: 'totp', authenticatorId: 'a', atMs: 9 }] as const;
        const columns = {
          ...{ revision: 1, state: 'done', account_id: accountId, company_id: companyId },
          ...{ challenge_id: 'c', enrollment_id: 'e', session_id: 's' },
          ...{ password_revision: 0, password_reset_id: 'r' },
          proofs: '[{"kind":"totp","authenticatorId":"a","atMs":9}]',
          row_mac: 'sealed',
        };
        return {
          changes: [onwards(world, signIn, { ...known, proofs } as Partial<SignIn>)],
          does: [{ table: 'sign_ins', row: 'changed', columns }],
        };
      },
      'in its last millisecond': async (world) => {
        const signIn = await world.newSignInOf();
        return {
          changes: [{ ...onwards(world, signIn), nowMs: signIn.expiresAtMs - 1 }],
          does: [{ table: 'sign_ins', row: 'changed', columns: { revision: 2, row_mac: 'sealed' } }],
        };
      },
    },
    refused: {
      'it went on meanwhile': async (world) => {
        const signIn = await world.newSignInOf();
        return onwards(world, signIn, { revision: signIn.revision });
      },
      'it is not as far as that': async (world) => {
        const signIn = await world.newSignInOf();
        return onwards(world, signIn, { revision: signIn.revision + 2 });
      },
      'its password is not the account’s any more': async (world) => {
        const account = await world.newAccount();
        const signIn = await world.newSignInOf(account);
        await world.raw.run('update accounts set password_revision = 1 where id = $1', account.id);
        return onwards(world, signIn, { passwordRevision: 1 });
      },
      'the password was changed after it was found right': async (world) => {
        const account = await world.newAccount();
        const signIn = await world.newSignIn();
        await world.raw.run('update accounts set password_revision = 1 where id = $1', account.id);
        const { id: accountId, companyId } = account;
        return onwards(world, signIn, { accountId, companyId, state: 'factor', passwordRevision: 0 });
      },
      'its time is over': async (world) => {
        const signIn = await world.newSignInOf();
        return { ...onwards(world, signIn), nowMs: signIn.expiresAtMs };
      },
      'it is another account’s': async (world) => {
        const signIn = await world.newSignInOf();
        const other = await world.newAccount();
        return onwards(world, signIn, { accountId: other.id });
      },
      'it would lose its account': async (world) => {
        const signIn = await world.newSignInOf();
        return onwards(world, signIn, { accountId: undefined, companyId: undefined, state: 'expired' });
      },
      'it is not there': async (world) => onwards(world, { ...(await world.newSignInOf()), id: 'nowhere' }),
    },
    faults: {
      'an account of another company': async (world) => {
        const other = await world.newCompany();
        return onwards(world, await world.newSignInOf(), { companyId: other.id });
      },
    },
  },
  'sign-in.crowd-out': {
    applied: {
      'all but the newest that may stay': async (world) => {
        const { account } = await liveSignIns(world, 5);
        return { changes: [crowdOut(world, account.id, 3)], does: [expiredRow, expiredRow] };
      },
      'not the one it is done for, which is none of those that may stay either': async (world) => {
        const { account, signIns } = await liveSignIns(world, 4);
        return { changes: [crowdOut(world, account.id, 2, signIns[0]?.id)], does: [expiredRow] };
      },
      'nothing while there are not too many': async (world) => {
        const { account } = await liveSignIns(world, 3);
        return { changes: [crowdOut(world, account.id, 3)], does: [] };
      },
      'none of what is over': async (world) => {
        const { account, signIns } = await liveSignIns(world, 4);
        const [first, second, third] = signIns;
        if (!first || !second || !third) throw new Error('there are four');
        await commitAll(
          world,
          onwards(world, first, { state: 'done' }),
          onwards(world, second, { state: 'refused' }),
        );
        await commitAll(world, onwards(world, third, { state: 'backup' }));
        const columns = { revision: 3, state: 'expired' };
        return {
          changes: [crowdOut(world, account.id, 1)],
          does: [{ table: 'sign_ins', row: 'changed', columns }],
        };
      },
      'none of another account': async (world) => {
        await liveSignIns(world, 2);
        return { changes: [crowdOut(world, (await world.newAccount()).id, 1)], does: [] };
      },
    },
    refused: {},
  },
  'sign-in.end-others': {
    applied: {
      'all that live but one, whatever their state': async (world) => {
        const { account, signIns } = await liveSignIns(world, 4);
        const [kept, asked, done] = signIns;
        await world.raw.run(`update sign_ins set state = 'change-password' where id = $1`, asked?.id ?? '');
        await world.raw.run(`update sign_ins set state = 'done' where id = $1`, done?.id ?? '');
        await world.newSignInOf();
        return {
          changes: [{ change: 'sign-in.end-others', accountId: account.id, exceptId: kept?.id ?? '' }],
          does: [expiredRow, expiredRow],
        };
      },
      'none where there is none': async () => ({
        changes: [{ change: 'sign-in.end-others', accountId: 'nobody', exceptId: '' }],
        does: [],
      }),
    },
    refused: {},
  },
  'sign-in.announce': {
    applied: {
      'without a trace': async (world) => {
        const { id } = await world.newSignIn();
        return { changes: [{ change: 'sign-in.announce', id }], does: [] };
      },
    },
    refused: {},
  },
  'challenge.issue': {
    applied: {
      'without a try, not used': async (world) => {
        const totp = await world.newTotp();
        const made = await world.newChallenge(totp);
        const change: Change = { change: 'challenge.issue', challenge: { ...made, id: newId(), tries: 9 } };
        const columns = {
          ...{ id: change.challenge.id, sign_in_id: made.signInId, account_id: world.account.id },
          ...{ authenticator_id: totp.id, kind: 'totp', tries: 0 },
          ...{ issued_at_ms: made.issuedAtMs, expires_at_ms: made.expiresAtMs },
        };
        return { changes: [change], does: [{ table: 'challenges', row: 'inserted', columns }] };
      },
    },
    refused: {},
    faults: {
      'it is there': async (world) => {
        const challenge = await world.newChallenge(await world.newTotp());
        return { change: 'challenge.issue', challenge };
      },
      'in a sign-in that is not there': async (world) => {
        const challenge = await world.newChallenge(await world.newTotp());
        return { change: 'challenge.issue', challenge: { ...challenge, id: newId(), signInId: 'nowhere' } };
      },
      'of an authenticator that is not there': async (world) => {
        const challenge = await world.newChallenge(await world.newTotp());
        return {
          change: 'challenge.issue',
          challenge: { ...challenge, id: newId(), authenticatorId: 'none' },
        };
      },
    },
  },
  'challenge.count': {
    applied: {
      'the last try in the last millisecond': async (world) => {
        const { id, expiresAtMs } = await world.newChallenge(await world.newTotp());
        await world.raw.run('update challenges set tries = 2 where id = $1', id);
        return {
          changes: [{ change: 'challenge.count', id, limit: 3, nowMs: expiresAtMs - 1 }],
          does: [{ table: 'challenges', row: 'changed', columns: { tries: 3 } }],
        };
      },
    },
    refused: {
      'its tries are used up': async (world) => {
        const { id } = await world.newChallenge(await world.newTotp());
        await world.raw.run('update challenges set tries = 3 where id = $1', id);
        return { change: 'challenge.count', id, limit: 3, nowMs: world.clock.nowMs() };
      },
      'it was answered': async (world) => {
        const { id } = await world.newChallenge(await world.newTotp());
        await commitAll(world, { change: 'challenge.consume', id, nowMs: world.clock.nowMs() });
        return { change: 'challenge.count', id, limit: 3, nowMs: world.clock.nowMs() };
      },
      'its time is over': async (world) => {
        const { id, expiresAtMs } = await world.newChallenge(await world.newTotp());
        return { change: 'challenge.count', id, limit: 3, nowMs: expiresAtMs };
      },
      'it is not there': async () => ({ change: 'challenge.count', id: 'none', limit: 3, nowMs: 1 }),
    },
  },
  'challenge.consume': {
    applied: {
      'in its last millisecond': async (world) => {
        const { id, expiresAtMs } = await world.newChallenge(await world.newTotp());
        return {
          changes: [{ change: 'challenge.consume', id, nowMs: expiresAtMs - 1 }],
          does: [{ table: 'challenges', row: 'changed', columns: { consumed_at_ms: expiresAtMs - 1 } }],
        };
      },
    },
    refused: {
      'it was answered': async (world) => {
        const { id } = await world.newChallenge(await world.newTotp());
        await commitAll(world, { change: 'challenge.consume', id, nowMs: world.clock.nowMs() });
        return { change: 'challenge.consume', id, nowMs: world.clock.nowMs() + 1 };
      },
      'its time is over': async (world) => {
        const { id, expiresAtMs } = await world.newChallenge(await world.newTotp());
        return { change: 'challenge.consume', id, nowMs: expiresAtMs };
      },
      'it is not there': async () => ({ change: 'challenge.consume', id: 'none', nowMs: 1 }),
    },
  },
};
