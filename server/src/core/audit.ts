// What is written down of every authentication operation, in the same commit as its cause. An event becomes a
// leaf of an RFC 6962 tree: SHA-256(0x00 ‖ canonical bytes). Personal fields do not stand in those bytes, only
// a salted commitment to them does, so that they can be erased and the leaf stays valid (security.md §5.6).

/** Past tense, dotted: what happened to what. */
export type AuditEventName =
  | 'provider.created'
  | 'provider.renamed'
  | 'company.created'
  | 'account.created'
  | 'application.created'
  | 'password.accepted'
  | 'password.refused'
  | 'password.changed'
  | 'password-reset.mailed'
  | 'password-reset.refused'
  | 'password-reset.chosen'
  | 'outbox.given-up'
  | 'factor.accepted'
  | 'factor.refused'
  | 'factor.locked'
  | 'enrollment.begun'
  | 'enrollment.refused'
  | 'authenticator.bound'
  | 'authenticator.removed'
  | 'sign-in.succeeded'
  | 'sign-in.refused'
  | 'session.ended'
  | 'signing-key.created'
  | 'audit-key.created'
  | 'store.fenced'
  | 'staff-role.granted'
  | 'staff-role.revoked'
  | 'staff.looked';

export interface AuditEvent {
  readonly id: string;
  readonly atMs: number;
  readonly event: AuditEventName;
  readonly companyId: string | undefined;
  readonly accountId: string | undefined;
  /** Facts that are no personal data: identifiers, kinds, reasons. */
  readonly facts: Readonly<Record<string, string | number | boolean>>;
  /** Personal data: network address, browser, typed names. Stored beside the leaf, erasable. */
  readonly personal: Readonly<Record<string, string>>;
}

/** An event that just happened; what is not said of it is empty. */
export function auditEvent(
  { id, atMs }: Pick<AuditEvent, 'id' | 'atMs'>,
  event: AuditEventName,
  of: Partial<Pick<AuditEvent, 'companyId' | 'accountId' | 'facts' | 'personal'>> = {},
): AuditEvent {
  const { companyId, accountId, facts = {}, personal = {} } = of;
  return { id, atMs, event, companyId, accountId, facts, personal };
}

/**
 * The canonical bytes of an event, as text: JSON with a fixed order of members, facts sorted by name, and the
 * commitment in the place of the personal fields. Two different events never have the same text.
 */
export function canonicalEvent(event: AuditEvent, personalCommitment: string | undefined): string {
  return `${canonicalHead(event)}${JSON.stringify(sorted(event.facts))}${canonicalTail(personalCommitment)}`;
}

/** What stands beside a canonical text in a row of its own columns. */
interface CanonicalColumns {
  readonly id: string;
  readonly atMs: number | string;
  readonly event: string;
  readonly companyId: string | null | undefined;
  readonly accountId: string | null | undefined;
}

/** Whether a canonical text says the same as the columns beside it. */
export function saysTheSame(canonical: string, columns: CanonicalColumns): boolean {
  return canonical.startsWith(canonicalHead(columns));
}

/** Whether a canonical text commits to personal fields, by the commitment made of them. */
export function commitsTo(canonical: string, personalCommitment: string): boolean {
  return canonical.endsWith(canonicalTail(personalCommitment));
}

function canonicalHead({ id, atMs, event, companyId, accountId }: CanonicalColumns): string {
  const [company, account] = [companyId ?? null, accountId ?? null];
  return (
    `{"version":1,"id":${JSON.stringify(id)},"atMs":${atMs},"event":${JSON.stringify(event)}` +
    `,"companyId":${JSON.stringify(company)},"accountId":${JSON.stringify(account)},"facts":`
  );
}

function canonicalTail(personalCommitment: string | undefined): string {
  return `,"personal":${JSON.stringify(personalCommitment ?? null)}}`;
}

/** The text that a commitment to the personal fields is made over. */
export function canonicalPersonal(event: AuditEvent): string {
  return JSON.stringify(sorted(event.personal));
}

function sorted<Value>(record: Readonly<Record<string, Value>>): readonly (readonly [string, Value])[] {
  return Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
}
