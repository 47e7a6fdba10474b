// Use case: checking the whole audit, while the service runs or not. Every leaf is read once, a page at a time; its
// text is hashed anew, compared with its columns and its personal fields, and put into a tree, whose root must be the
// one of every checkpoint on the way and, at the end, the head's. Then each authenticator in use must have its leaf.

import { emptyTree, rootOf } from '#core/merkle-tree.ts';
import type { Ports } from '#core/ports.ts';
import { beforeAll, fault, leafFault, letOthers, type Run, readKeys, rowsAtOnce } from './audit-check.ts';
import { openCheckpoint } from './audit-checkpoint.ts';
import type { AuditFault, AuditVerdict } from './audit-verdict.ts';
import { sha256 } from './sha256.ts';
import { verifierKeyOf } from './signed-note.ts';
import { walkTree } from './walk-audit-tree.ts';

export interface VerifyOptions {
  /** A checkpoint that was kept outside, as text: the leaves it was signed over must still be there, unchanged. */
  readonly expectedCheckpoint?: string | undefined;
  /** Called after each page. */
  readonly onProgress?: (progress: { readonly leaves: number; readonly of: number }) => void;
}

/**
 * Checks everything and names the first row that is wrong. It takes as much memory as one page.
 * @throws SecondringError `store-unavailable`, `master-key-missing`
 */
export async function verifyAudit(
  { store }: Pick<Ports, 'store'>,
  { expectedCheckpoint, onProgress = () => undefined }: VerifyOptions = {},
): Promise<AuditVerdict> {
  const counts = { leaves: 0, waiting: 0, personal: 0, checkpoints: 0, bindings: 0 };
  const broken = (found: AuditFault): AuditVerdict => ({ verdict: 'broken', fault: found, counts });

  const keys = await readKeys(store);
  if (keys === undefined) {
    return broken(
      fault(
        'audit_keys',
        '1',
        'key-invalid',
        'The key that signs the audit does not open: its row was changed.',
      ),
    );
  }
  const expected = expectedCheckpoint === undefined ? undefined : openCheckpoint(expectedCheckpoint, keys);
  if (expectedCheckpoint !== undefined && expected === undefined) {
    const message = 'The checkpoint from outside is none that a key of this audit signed.';
    return broken(fault('expected-checkpoint', '', 'checkpoint-invalid', message));
  }
  const run: Run = {
    store,
    keys,
    counts,
    tree: emptyTree,
    confirmedSize: 0,
    lastCheckpoint: undefined,
    mentions: new Map(),
    expected,
    onProgress,
  };
  for (const step of [walkTree, walkWaiting, lookForStrays, compareKeys, walkBindings]) {
    const found = await step(run);
    if (found !== undefined) return broken(found);
  }
  return {
    verdict: 'intact',
    counts,
    root: Buffer.from(rootOf(sha256, run.tree)).toString('base64'),
    checkpoint: run.lastCheckpoint,
    verifierKeys: run.keys.map(verifierKeyOf),
  };
}

/** The leaves of the last seconds have no place yet, and no checkpoint protects them; their texts are checked. */
async function walkWaiting(run: Run): Promise<AuditFault | undefined> {
  let after = { atMs: beforeAll, id: '' };
  for (;;) {
    const leaves = await run.store.unindexedLeaves(after, rowsAtOnce);
    const last = leaves.at(-1);
    if (last === undefined) return undefined;
    for (const leaf of leaves) {
      const found = leafFault(leaf, run);
      if (found !== undefined) return found;
    }
    run.counts.waiting += leaves.length;
    after = { atMs: Number(last.atMs), id: last.id };
    await letOthers();
  }
}

async function lookForStrays({ store, counts }: Run): Promise<AuditFault | undefined> {
  // Counting is cheap; only where there are more than leaves that have some is it worth looking for which.
  if ((await store.countPersonal()) === counts.personal) return undefined;
  const leafId = await store.strayPersonal();
  if (leafId === undefined) return undefined;
  const message = `There are personal fields of a leaf that is not there: ${leafId}.`;
  return fault('audit_personal', leafId, 'personal-stray', message);
}

/** Each key has its leaf, and each such leaf its key: a key that was put there by hand is noticed, and one that went. */
async function compareKeys(run: Run): Promise<AuditFault | undefined> {
  // One may have been made since the beginning.
  run.keys = (await readKeys(run.store)) ?? run.keys;
  const facts = run.keys.map((key) => JSON.stringify(['verifierKey', verifierKeyOf(key)]));
  for (const [leafId, canonical] of run.mentions) {
    if (facts.some((fact) => canonical.includes(fact))) continue;
    const message = `The key that the leaf ${leafId} tells of is not there.`;
    return fault('audit_keys', '', 'key-invalid', message);
  }
  const texts = [...run.mentions.values()];
  const place = facts.findIndex((fact) => !texts.some((canonical) => canonical.includes(fact)));
  const unmentioned = run.keys[place];
  if (unmentioned === undefined) return undefined;
  const message = `The audit does not tell of the making of its key ${verifierKeyOf(unmentioned)}.`;
  return fault('audit_keys', unmentioned.name, 'key-invalid', message);
}

async function walkBindings({ store, counts }: Run): Promise<AuditFault | undefined> {
  for (let afterId = ''; ; ) {
    const bindings = await store.liveBindings(afterId, rowsAtOnce);
    const last = bindings.at(-1);
    if (last === undefined) return undefined;
    for (const { authenticatorId: id, isGenuine, hasLeaf } of bindings) {
      if (!isGenuine) {
        const message = `The binding of authenticator ${id} was changed or made by hand.`;
        return fault('authenticators', id, 'binding-forged', message);
      }
      if (!hasLeaf) {
        const message = `The audit does not tell that its owner bound the authenticator ${id}.`;
        return fault('authenticators', id, 'binding-unlogged', message);
      }
    }
    counts.bindings += bindings.length;
    afterId = last.authenticatorId;
  }
}
