// Everything a decision may want done to the store: named operations of the domain, each with its own condition.
// A list of them is applied whole or not at all, and the store says which condition failed. A list touches a row
// at most once. A change marked "any" in the store's table is unconditional; all others must change exactly
// one row.

import type { AuditEvent } from './audit.ts';
import type { Challenge } from './challenge.ts';
import type { Enrollment, EnrollmentProof } from './enrollment.ts';
import type { MerkleTree } from './merkle-tree.ts';
import type { OutboxItem } from './outbox.ts';
import type { PasswordReset } from './password-reset.ts';
import type { Session, SessionEnd } from './session.ts';
import type { SignIn } from './sign-in.ts';
import type { StaffGrant, StaffRole } from './staff.ts';

/** A secret to be shown to its owner once is stored as its SHA-256. */
export type Hash = Uint8Array;

export type Change =
  // arrangement of the provider
  | { readonly change: 'provider.create'; readonly id: string; readonly name: string; readonly nowMs: number }
  | { readonly change: 'provider.rename'; readonly name: string }
  | {
      readonly change: 'company.create';
      readonly id: string;
      readonly name: string;
      readonly authenticatorAppsPerAccount: number;
      readonly nowMs: number;
    }
  | {
      readonly change: 'account.create';
      readonly id: string;
      readonly companyId: string;
      readonly username: string;
      readonly usernameKey: string;
      readonly passwordHash: string;
      readonly mustChangePassword: boolean;
      /** Where its owner is written to; sealed by the store, which keeps a mask beside it. */
      readonly address: string | undefined;
      readonly nowMs: number;
    }
  | { readonly change: 'account.rearrange'; readonly id: string; readonly expectedArrangement: number }
  | {
      readonly change: 'application.create';
      readonly id: string;
      readonly name: string;
      readonly secondFactor: 'required' | 'optional' | 'none';
      readonly homeUrl: string | undefined;
      readonly client: ClientRegistration | undefined;
      readonly nowMs: number;
    }
  // staff
  | { readonly change: 'staff-role.grant'; readonly grant: StaffGrant; readonly nowMs: number }
  | { readonly change: 'staff-role.revoke'; readonly accountId: string; readonly role: StaffRole }
  // counters
  | {
      readonly change: 'try.count';
      readonly key: string;
      readonly expected: { readonly count: number; readonly startedAtMs: number } | undefined;
      readonly count: number;
      readonly startedAtMs: number;
      readonly notBeforeMs: number;
      readonly expiresAtMs: number | undefined;
    }
  | {
      readonly change: 'try.add';
      readonly key: string;
      readonly nowMs: number;
      readonly windowStartMs: number;
      readonly expiresAtMs: number;
    }
  | { readonly change: 'try.reset'; readonly key: string }
  // sign-ins
  | { readonly change: 'sign-in.begin'; readonly signIn: SignIn; readonly browserKeyHash: Hash }
  | { readonly change: 'sign-in.advance'; readonly next: SignIn; readonly nowMs: number }
  | {
      readonly change: 'sign-in.crowd-out';
      readonly accountId: string;
      /** The sign-in that comes in now and is not to be ended for itself. */
      readonly exceptId: string;
      readonly keep: number;
      readonly nowMs: number;
    }
  | {
      readonly change: 'sign-in.end-others';
      readonly accountId: string;
      readonly exceptId: string;
    }
  | { readonly change: 'sign-in.announce'; readonly id: string }
  // passwords
  | {
      readonly change: 'password.replace';
      readonly accountId: string;
      readonly passwordHash: string;
      readonly expectedRevision: number;
    }
  | {
      readonly change: 'password-reset.begin';
      readonly reset: PasswordReset;
      readonly tokenHash: Hash;
    }
  | {
      readonly change: 'password-reset.choose';
      readonly id: string;
      readonly accountId: string;
      readonly passwordHash: string;
      readonly nowMs: number;
      readonly expiresAtMs: number;
    }
  | {
      readonly change: 'password-reset.consume';
      readonly id: string;
      readonly accountId: string;
      readonly nowMs: number;
    }
  | {
      readonly change: 'password-reset.clear';
      readonly accountId: string;
      readonly exceptId: string | undefined;
    }
  // challenges
  | { readonly change: 'challenge.issue'; readonly challenge: Challenge }
  | {
      readonly change: 'challenge.count';
      readonly id: string;
      readonly limit: number;
      readonly nowMs: number;
    }
  | { readonly change: 'challenge.consume'; readonly id: string; readonly nowMs: number }
  // enrollment and authenticators
  | { readonly change: 'enrollment.begin'; readonly enrollment: Enrollment }
  | {
      readonly change: 'enrollment.count';
      readonly id: string;
      readonly limit: number;
      readonly nowMs: number;
    }
  | { readonly change: 'enrollment.consume'; readonly id: string; readonly nowMs: number }
  | {
      readonly change: 'authenticator.bind';
      readonly proof: EnrollmentProof;
      readonly id: string;
      readonly label: string;
      readonly position: number;
      readonly lastStep: number | undefined;
      readonly driftSteps: number | undefined;
      readonly auditEventId: string;
    }
  | {
      readonly change: 'authenticator.advance';
      readonly id: string;
      readonly lastStep: number;
      readonly driftSteps: number;
      readonly nowMs: number;
    }
  | {
      readonly change: 'authenticator.remove';
      readonly id: string;
      readonly accountId: string;
      readonly nowMs: number;
    }
  | { readonly change: 'recovery-codes.keep'; readonly id: string; readonly nowMs: number }
  | {
      readonly change: 'recovery-code.issue';
      readonly authenticatorId: string;
      readonly selector: string;
      readonly hash: string;
      /** The version of the pepper that went into the hash. */
      readonly pepperVersion: number;
    }
  | {
      readonly change: 'recovery-code.consume';
      readonly authenticatorId: string;
      readonly selector: string;
      readonly nowMs: number;
    }
  // sessions
  | {
      readonly change: 'session.begin';
      readonly session: Session;
      readonly signInId: string;
      readonly tokenHash: Hash;
    }
  | {
      readonly change: 'session.renew';
      readonly session: Session;
      readonly expectedTokenHash: Hash;
      readonly tokenHash: Hash;
      readonly nowMs: number;
    }
  | {
      readonly change: 'session.enter';
      readonly sessionId: string;
      readonly clientId: string;
      readonly nowMs: number;
    }
  /** The session led to one of our own pages. */
  | { readonly change: 'session.use'; readonly sessionId: string; readonly nowMs: number }
  | {
      readonly change: 'session.end';
      readonly id: string;
      readonly reason: SessionEnd;
      readonly nowMs: number;
    }
  | {
      readonly change: 'session.end-all';
      readonly accountId: string;
      readonly reason: SessionEnd;
      readonly nowMs: number;
    }
  // what leaves the house
  | { readonly change: 'outbox.add'; readonly item: OutboxItem }
  | {
      readonly change: 'outbox.claim';
      readonly id: string;
      readonly attempts: number;
      readonly nowMs: number;
      readonly leaseUntilMs: number;
    }
  | {
      readonly change: 'outbox.postpone';
      readonly id: string;
      /** Of the claim; when another one has claimed it since, nothing is changed. */
      readonly attempts: number;
      readonly dueAtMs: number;
    }
  | { readonly change: 'outbox.remove'; readonly id: string; readonly attempts: number }
  // audit
  | { readonly change: 'audit.append'; readonly event: AuditEvent }
  | {
      readonly change: 'audit.index';
      /** The tree these leaves are appended to: whoever comes second finds another one. */
      readonly expectedSize: number;
      readonly next: MerkleTree;
      /** Leaves without a place, in the order in which they get theirs. */
      readonly leafIds: readonly string[];
    }
  | { readonly change: 'audit.checkpoint'; readonly size: number; readonly note: string }
  | {
      readonly change: 'audit-key.create';
      readonly origin: string;
      readonly algorithm: string;
      /** Sealed by the store. */
      readonly privateKey: Uint8Array;
      readonly nowMs: number;
    }
  // documents of the OIDC library, known by the hash of their identifier
  | { readonly change: 'oidc-document.put'; readonly document: OidcDocument }
  | {
      readonly change: 'oidc-document.consume';
      readonly model: string;
      readonly idHash: Hash;
      readonly nowMs: number;
    }
  | { readonly change: 'oidc-document.remove'; readonly model: string; readonly idHash: Hash }
  | { readonly change: 'oidc-document.revoke-grant'; readonly grantIdHash: Hash }
  // custody
  | {
      readonly change: 'signing-key.create';
      readonly id: string;
      readonly algorithm: string;
      /** Counts the keys of an algorithm; of two that are made at once one succeeds. */
      readonly serial: number;
      readonly publicJwk: string;
      /** Sealed by the store. */
      readonly privateKey: Uint8Array;
      readonly nowMs: number;
    }
  // housekeeping
  | { readonly change: 'expired.remove'; readonly nowMs: number };

/** What an OIDC client registered with us. The secret is known by its hash only. */
export interface ClientRegistration {
  readonly clientId: string;
  readonly secretHash: string;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  /** Where the client hears that a session ended (OIDC Back-Channel Logout 1.0); undefined: it is not told. */
  readonly backchannelLogoutUri: string | undefined;
}

export interface OidcDocument {
  readonly model: string;
  readonly idHash: Hash;
  readonly uidHash: Hash | undefined;
  readonly grantIdHash: Hash | undefined;
  /** The session it lives and dies with. */
  readonly sessionId: string | undefined;
  readonly payload: string;
  readonly expiresAtMs: number;
}
