// What must hold in the tables whatever broke and whenever: nothing is there by half, and nothing was let in that was
// not paid for. Each rule reads the tables from behind and gives the sentences it finds broken.

import type { RawDatabase, RawRow } from '../support/raw-database.ts';

interface Leaf {
  readonly event: string;
  readonly accountId: string | null;
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * Everything that is there by half or should not be there at all; empty when all is well.
 * @param racing whether one code was sent several times at once: the winner then resets what the losers counted
 */
export async function brokenRules(
  raw: RawDatabase,
  { racing = false }: { readonly racing?: boolean } = {},
): Promise<readonly string[]> {
  const leaves = (
    await raw.rows('select id, event, account_id, canonical from audit_leaves order by id')
  ).map(leafOf);
  return [
    ...(await bindings(raw, leaves)),
    ...(await sessions(raw, leaves)),
    ...(racing ? [] : await counters(raw, leaves)),
    ...acceptedTwice(leaves),
  ];
}

function leafOf({ event, account_id, canonical }: RawRow): Leaf {
  const accountId = account_id === null ? null : String(account_id);
  return { event: String(event), accountId, facts: Object.fromEntries(JSON.parse(String(canonical)).facts) };
}

/** An authenticator comes with its audit leaf, its used enrollment and the account's arrangement, or not at all. */
async function bindings(raw: RawDatabase, leaves: readonly Leaf[]): Promise<readonly string[]> {
  const broken: string[] = [];
  const bound = new Set(
    leaves
      .filter(({ event }) => event === 'authenticator.bound')
      .map(({ facts }) => facts['authenticatorId'] ?? ''),
  );
  const rows = await raw.rows(
    `select a.id, a.kind, a.account_id, e.state, count(l.id) as leaves,
       (select count(*) from recovery_codes c where c.authenticator_id = a.id) as codes
     from authenticators a
     left join enrollments e on e.id = a.enrollment_id
     left join audit_leaves l on l.leaf_hash = a.bound_leaf_hash
     group by a.id, a.kind, a.account_id, e.state`,
  );
  for (const row of rows) {
    if (Number(row['leaves']) !== 1 || !bound.has(String(row['id'])))
      broken.push(`authenticator ${row['id']} has no audit leaf`);
    if (row['state'] !== 'bound') broken.push(`authenticator ${row['id']} has an enrollment ${row['state']}`);
    const codes = row['kind'] === 'recovery-code' ? 10 : 0;
    if (Number(row['codes']) !== codes) broken.push(`authenticator ${row['id']} has ${row['codes']} codes`);
  }
  const ids = new Set(rows.map(({ id }) => String(id)));
  for (const id of bound)
    if (!ids.has(id)) broken.push(`the audit has authenticator ${id}, which is not there`);
  const orphans = await raw.rows(
    `select id from enrollments where state = 'bound'
       and not exists (select 1 from authenticators where enrollment_id = enrollments.id)`,
  );
  for (const { id } of orphans) broken.push(`enrollment ${id} is bound to nothing`);
  const moved = await raw.rows(
    `select id, arrangement, (select count(*) from authenticators where account_id = accounts.id) as methods
     from accounts`,
  );
  for (const { id, arrangement, methods } of moved) {
    if (Number(arrangement) !== Number(methods))
      broken.push(`account ${id} is at arrangement ${arrangement} with ${methods} methods ever`);
  }
  return broken;
}

/** A session comes with a sign-in that is done and with its audit leaf; neither is there without it. */
async function sessions(raw: RawDatabase, leaves: readonly Leaf[]): Promise<readonly string[]> {
  const broken: string[] = [];
  const successes = leaves.filter(({ event }) => event === 'sign-in.succeeded').map(({ facts }) => facts);
  const succeeded = new Set(successes.map(({ sessionId, signInId }) => `${sessionId} of ${signInId}`));
  const rows = await raw.rows(
    `select s.id, s.sign_in_id, s.proofs, i.state, i.session_id from sessions s
     left join sign_ins i on i.id = s.sign_in_id`,
  );
  const known = new Set(rows.map(({ id }) => String(id)));
  for (const row of rows) {
    const name = `session ${row['id']}`;
    if (!succeeded.has(`${row['id']} of ${row['sign_in_id']}`)) broken.push(`${name} has no audit leaf`);
    const isDone = row['state'] === 'done' && row['session_id'] === row['id'];
    if (row['state'] !== null && !isDone) broken.push(`${name} is of a sign-in that is ${row['state']}`);
    const proofs: { kind: string }[] = JSON.parse(String(row['proofs']));
    const factors = proofs.filter(({ kind }) => kind !== 'password').length;
    if (factors === 0 || factors === proofs.length) broken.push(`${name} has the proofs ${row['proofs']}`);
  }
  for (const { sessionId = '' } of successes)
    if (!known.has(sessionId)) broken.push(`the audit has session ${sessionId}, which is not there`);
  const done = await raw.rows(
    `select id from sign_ins where state = 'done'
       and not exists (select 1 from sessions where sessions.id = sign_ins.session_id)`,
  );
  for (const { id } of done) broken.push(`sign-in ${id} is done without a session`);
  return broken;
}

/** A counter stands at least at the wrong codes that were compared since the last right one. */
async function counters(raw: RawDatabase, leaves: readonly Leaf[]): Promise<readonly string[]> {
  const compared = new Map<string, number>();
  for (const { event, accountId, facts } of leaves) {
    if (accountId === null) continue;
    if (event === 'factor.accepted') compared.set(accountId, 0);
    if (event === 'factor.refused' && facts['kind'] === 'totp')
      compared.set(accountId, (compared.get(accountId) ?? 0) + 1);
  }
  const rows = await raw.rows(`select key, count from tries where key like 'otp:%'`);
  const counted = new Map(rows.map(({ key, count }) => [String(key).slice('otp:'.length), Number(count)]));
  return [...compared]
    .filter(([accountId, tries]) => (counted.get(accountId) ?? 0) < tries)
    .map(
      ([accountId, tries]) =>
        `account ${accountId} had ${tries} codes compared, and ${counted.get(accountId) ?? 0} are counted`,
    );
}

/** One challenge and one sign-in let in once. */
function acceptedTwice(leaves: readonly Leaf[]): readonly string[] {
  const seen = new Set<string>();
  return leaves
    .filter(({ event }) => event === 'sign-in.succeeded' || event === 'factor.accepted')
    .flatMap(({ event, facts }) => {
      const name = `${event} of sign-in ${facts['signInId']}`;
      if (seen.has(name)) return [`${name} happened twice`];
      seen.add(name);
      return [];
    });
}
