// The audit of the whole service: people enroll and sign in, the service gives what it wrote down a place in the tree
// and signs it by itself, and all of it checks, with every authenticator's binding in it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { verifyAudit } from '#flows/verify-audit.ts';
import { enrolledPerson, questionOn } from './support/person.ts';
import { onEachEngine } from './support/service-under-test.ts';

onEachEngine('the audit of a service', (running) => {
  test('is in the tree, signed and whole after a second', async () => {
    const service = running();
    const person = await enrolledPerson(service, 'ann');
    assert.equal(questionOn(await person.signIn()), 'done');
    await untilSigned();
    const first = await verifyAudit(service.ports);
    assert.equal(first.verdict, 'intact', JSON.stringify(first));
    assert.ok(first.counts.leaves > 8);
    assert.equal(first.counts.bindings, 2, 'the app and the recovery codes');
    assert.match(first.checkpoint ?? '', /^localhost:\d+\/audit\n/);

    // A restart goes on with the same tree and the same key; what somebody kept from before still holds.
    await service.restart();
    await enrolledPerson(service, 'bob');
    service.clock.advance(10_000);
    await untilSigned();
    const second = await verifyAudit(service.ports, { expectedCheckpoint: first.checkpoint });
    assert.equal(second.verdict, 'intact', JSON.stringify(second));
    assert.equal(second.counts.bindings, 4);
    assert.deepEqual(second.verifierKeys, first.verifierKeys);
    assert.equal(second.verifierKeys.length, 1);
  });

  test('is signed with a key that panels never see', async () => {
    const response = await fetch(`${running().origin}/oidc/jwks`);
    const { keys } = (await response.json()) as { readonly keys: readonly { readonly alg: string }[] };
    assert.deepEqual(
      keys.map(({ alg }) => alg),
      ['ES256'],
    );
    const stored = await running().rows(
      'select algorithm from signing_keys union all select algorithm from audit_keys',
    );
    assert.deepEqual(stored.map(({ algorithm }) => algorithm).toSorted(), ['ES256', 'Ed25519']);
  });

  /** Lets seconds pass until nothing is left to do. */
  async function untilSigned(): Promise<void> {
    const service = running();
    const left = `select (select count(*) from audit_leaves where leaf_index is null) as leaves,
      (select count(*) from audit_leaves where event <> 'audit-key.created') as written,
      (select coalesce(max(size), 0) from audit_checkpoints) as size`;
    for (;;) {
      service.secondPasses();
      await turn();
      const [row] = await service.rows(left);
      if (Number(row?.['leaves']) === 0 && Number(row?.['size']) >= Number(row?.['written'])) return;
    }
  }
});
