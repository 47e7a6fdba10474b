// Attack D12: somebody who can write to the database, but has no key, changes what the audit says: a bit, a leaf, the
// order, the end, the signatures, the keys. Every leaf is hashed into a tree whose head is sealed and whose root is
// signed, so checking finds it and names the row; and what was cut off together with its signatures is found by a
// checkpoint that somebody kept outside.
import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import { appendLeaves, emptyTree, leafHashOf, rootOf } from '#core/merkle-tree.ts';
import { signCheckpoint } from '#flows/audit-checkpoint.ts';
import type { AuditFault, AuditVerdict } from '#flows/audit-verdict.ts';
import { sha256 } from '#flows/sha256.ts';
import { noteKey } from '#flows/signed-note.ts';
import { verifyAudit } from '#flows/verify-audit.ts';
import {
  type AuditPorts,
  appendEvents,
  auditPorts,
  origin,
  sequenceAll,
  signNow,
} from '#test/support/audit.ts';
import { engines } from '#test/support/each-engine.ts';
import type { RawRow, RawValue } from '#test/support/raw-database.ts';
import { bindingOf, commitAll, openSeededStore, type SeededStore } from '#test/support/seeded-store.ts';

/** The tables of the audit, each with its key and with what has to be named when a column of a row is bent. */
const tables: Readonly<
  Record<
    string,
    { readonly key: string; readonly names: (fault: AuditFault, column: string, row: RawRow) => boolean }
  >
> = {
  audit_leaves: {
    key: 'id',
    names: ({ place, row: named, problem }, column, row) =>
      // A leaf that lost its place cannot be told from one that went; the empty place is named.
      column === 'leaf_index'
        ? place !== 'authenticators' && ['leaf-missing', 'tree-size'].includes(problem)
        : place === 'audit_leaves' && named === row.id,
  },
  audit_personal: {
    key: 'leaf_id',
    names: ({ place, row: named }, _, row) => place === 'audit_personal' && named === row.leaf_id,
  },
  audit_tree: { key: 'id', names: ({ place }) => place === 'audit_tree' },
  audit_checkpoints: {
    key: 'size',
    names: ({ place, row: named }, _, row) => place === 'audit_checkpoints' && named === String(row.size),
  },
  audit_keys: { key: 'serial', names: ({ place }) => place === 'audit_keys' },
};

const bitsOfSafeInteger = 53;

/** The value with one bit flipped; undefined where there is none, or where the bit would make it no text. */
function flipped(value: RawValue, bit: number): RawValue | undefined {
  if (value === null) return undefined;
  if (typeof value === 'number') return Number(BigInt(value) ^ (1n << BigInt(bit % bitsOfSafeInteger)));
  const bytes = Buffer.from(value as Uint8Array | string);
  const place = Math.floor(bit / 8) % bytes.length;
  bytes.writeUInt8(bytes.readUInt8(place) ^ (1 << (bit % 8)), place);
  if (typeof value !== 'string') return bytes;
  return bytes.includes(0) || !bytes.equals(Buffer.from(bytes.toString())) ? undefined : bytes.toString();
}

for (const engine of engines) {
  describe(engine, () => {
    let world: SeededStore;
    let ports: AuditPorts;
    /** Kept outside when 21 leaves had their places. */
    let outside: string;
    before(async () => {
      world = await openSeededStore(engine);
      ports = auditPorts(world);
      await appendEvents(world, 20, (place) => ({ atMs: 1000 + place }));
      outside = await signNow(ports);
      await world.newTotp();
      await appendEvents(world, 20, (place) => ({
        atMs: 2000 + place,
        ...(place % 2 === 0 ? { personal: {} } : {}),
      }));
      await signNow(ports);
      await appendEvents(world, 5, (place) => ({ atMs: 3000 + place, companyId: 'c', accountId: 'a' }));
      await sequenceAll(ports);
      await appendEvents(world, 3, (place) => ({ atMs: 4000 + place }));
    });
    after(() => world.close());

    const check = (expectedCheckpoint?: string) => verifyAudit(ports, { expectedCheckpoint });

    async function faultOf(verdict: Promise<AuditVerdict>): Promise<AuditFault> {
      const found = await verdict;
      assert.equal(found.verdict, 'broken');
      return found.fault;
    }

    const rowsOf = (table: string) => world.raw.rows(`select * from ${table}`);

    async function insert(table: string, row: RawRow): Promise<void> {
      const columns = Object.keys(row);
      const places = columns.map((_, place) => `$${place + 1}`);
      const sql = `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`;
      await world.raw.run(sql, ...Object.values(row));
    }

    /** Does something to the audit's tables, looks at what is found, and puts everything back. */
    async function whileTampered(tamper: () => Promise<unknown>, look: () => Promise<void>): Promise<void> {
      const was: [string, RawRow[]][] = [];
      for (const table of Object.keys(tables)) was.push([table, await rowsOf(table)]);
      try {
        await tamper();
        await look();
      } finally {
        for (const [table, rows] of was) {
          await world.raw.run(`delete from ${table}`);
          for (const row of rows) await insert(table, row);
        }
      }
      assert.equal((await check()).verdict, 'intact', 'everything was put back');
    }

    const leafAt = async (index: number): Promise<RawRow> => {
      const [row] = await world.raw.rows('select * from audit_leaves where leaf_index = $1', index);
      assert.ok(row);
      return row;
    };
    const write = (sql: string, ...values: (RawValue | undefined)[]) =>
      world.raw.run(sql, ...values.map((value) => value ?? null));

    async function expectFault(
      tamper: () => Promise<unknown>,
      expected: Partial<AuditFault>,
      expectedCheckpoint?: string,
    ): Promise<void> {
      await whileTampered(tamper, async () => {
        const { place, row, problem } = await faultOf(check(expectedCheckpoint));
        assert.deepEqual({ place, row, problem }, { place, row, problem, ...expected });
      });
    }

    test('what nobody touched is intact, also against a checkpoint from outside, and everything was looked at', async () => {
      const found = await check(outside);
      assert.equal(found.verdict, 'intact');
      const { leaves, waiting, personal, checkpoints, bindings } = found.counts;
      assert.deepEqual([leaves, waiting, checkpoints, bindings], [47, 3, 2, 1]);
      assert.equal(personal, (await rowsOf('audit_personal')).length);
      assert.ok(found.checkpoint?.startsWith(`${origin}\n42\n`));
    });

    for (const [table, { key, names }] of Object.entries(tables)) {
      test(`any bit of ${table}`, async () => {
        const rows = await rowsOf(table);
        const columns = Object.keys(rows[0] ?? {});
        let found = 0;
        const bent = fc.record({ row: fc.nat(), column: fc.constantFrom(...columns), bit: fc.nat(1 << 16) });
        await fc.assert(
          fc.asyncProperty(bent, async ({ row: place, column, bit }) => {
            const row = rows[place % rows.length] as RawRow;
            const value = flipped(row[column] ?? null, bit);
            if (value === undefined) return;
            const changed = { ...row, [column]: value };
            try {
              await write(`update ${table} set ${column} = $1 where ${key} = $2`, value, row[key]);
            } catch {
              // The schema itself refuses: a number out of range, a key that is taken.
              return;
            }
            try {
              const fault = await faultOf(check());
              assert.ok(names(fault, column, changed), `${column}: ${JSON.stringify(fault)}`);
              found += 1;
            } finally {
              await write(`update ${table} set ${column} = $1 where ${key} = $2`, row[column], changed[key]);
            }
          }),
          { numRuns: 150 },
        );
        assert.ok(found > 50, `${found} flips were found`);
        assert.equal((await check()).verdict, 'intact');
      });
    }

    test('a leaf removed, with and without closing the gap, and the last ones', async () => {
      const leaf = await leafAt(10);
      const next = await leafAt(11);
      const remove = () => write('delete from audit_leaves where leaf_index = 10');
      await expectFault(remove, { place: 'audit_leaves', row: String(next.id), problem: 'leaf-missing' });
      const close = async () => {
        await remove();
        await write('delete from audit_personal where leaf_id = $1', leaf.id);
        for (let index = 11; index < 47; index += 1) {
          await write('update audit_leaves set leaf_index = $1 where leaf_index = $2', index - 1, index);
        }
      };
      await expectFault(close, { place: 'audit_checkpoints', row: '21', problem: 'checkpoint-root' });
      const cutAfterCheckpoint = () => write('delete from audit_leaves where leaf_index >= 44');
      await expectFault(cutAfterCheckpoint, { place: 'audit_tree', problem: 'tree-size' });
      const cut = () => write('delete from audit_leaves where leaf_index >= 30');
      await expectFault(cut, { place: 'audit_checkpoints', row: '42', problem: 'checkpoint-ahead' });
    });

    test('a leaf put in at a place that is none, and one behind the last', async () => {
      const { canonical, leaf_hash: hash, at_ms: atMs, event } = await leafAt(46);
      const text = String(canonical).replace(/"id":"[^"]*"/, '"id":"forged"');
      const put = (index: number) =>
        write(
          `insert into audit_leaves (id, at_ms, event, company_id, account_id, canonical, leaf_hash, leaf_index)
           values ('forged', $1, $2, 'c', 'a', $3, $4, $5)`,
          ...[atMs, event, text, leafHashOf(sha256, text), index],
        );
      assert.notDeepEqual(hash, leafHashOf(sha256, text));
      await expectFault(() => put(-1), { place: 'audit_leaves', row: 'forged', problem: 'leaf-missing' });
      await expectFault(() => put(47), { place: 'audit_tree', problem: 'tree-size' });
      await expectFault(() => put(48), { place: 'audit_leaves', row: 'forged', problem: 'leaf-missing' });
    });

    test('a leaf that has no place yet removed, of a binding', async () => {
      const account = await world.newAccount();
      await world.newTotp(account);
      const [bound] = await world.raw.rows('select id from authenticators where account_id = $1', account.id);
      const remove = () =>
        write(`delete from audit_leaves where leaf_index is null and account_id = $1`, account.id);
      await whileTampered(
        async () => {
          await write(
            'delete from audit_personal where leaf_id in (select id from audit_leaves where account_id = $1)',
            account.id,
          );
          await remove();
        },
        async () => {
          const { place, row, problem } = await faultOf(check());
          assert.deepEqual([place, row, problem], ['authenticators', bound?.id, 'binding-unlogged']);
        },
      );
      await write('delete from authenticators where account_id = $1', account.id);
      await write(
        'delete from audit_personal where leaf_id in (select id from audit_leaves where account_id = $1)',
        account.id,
      );
      await remove();
    });

    test('two leaves exchanged, before and after the last checkpoint', async () => {
      const exchange = async (one: number, other: number) => {
        await write('update audit_leaves set leaf_index = null where leaf_index = $1', one);
        const [alone] = await world.raw.rows(
          'select id from audit_leaves where leaf_index is null and at_ms < 4000',
        );
        await write('update audit_leaves set leaf_index = $1 where leaf_index = $2', one, other);
        await write('update audit_leaves set leaf_index = $1 where id = $2', other, alone?.id);
      };
      await expectFault(() => exchange(3, 4), { place: 'audit_checkpoints', row: '21' });
      await expectFault(() => exchange(22, 30), { place: 'audit_checkpoints', row: '42' });
      await expectFault(() => exchange(43, 44), { place: 'audit_tree', problem: 'tree-head' });
    });

    test('a leaf written anew with the right hash, and given other personal fields', async () => {
      const rewrite = async (index: number) => {
        const { id, canonical } = await leafAt(index);
        const text = String(canonical).replace('"kind","totp"', '"kind","none"');
        assert.notEqual(text, canonical);
        const hash = leafHashOf(sha256, text);
        await write('update audit_leaves set canonical = $1, leaf_hash = $2 where id = $3', text, hash, id);
      };
      await expectFault(() => rewrite(5), { place: 'audit_checkpoints', row: '21' });
      await expectFault(() => rewrite(44), { place: 'audit_tree', problem: 'tree-head' });
      const { id } = await leafAt(5);
      const fields = '[["address","198.51.100.9"]]';
      const others = () => write('update audit_personal set fields = $1 where leaf_id = $2', fields, id);
      await expectFault(others, { place: 'audit_personal', row: String(id), problem: 'personal-changed' });
      const bare = await world.raw.rows(
        'select id from audit_leaves where canonical like $1',
        '%"personal":null}',
      );
      const added = () =>
        write('insert into audit_personal values ($1, $2, $3)', bare[0]?.id, Buffer.alloc(16), fields);
      await expectFault(added, { place: 'audit_personal', row: String(bare[0]?.id) });
    });

    test('personal fields that were erased are no fault', async () => {
      await whileTampered(
        () => write('delete from audit_personal where leaf_id = $1 or leaf_id > $2', '', 'M'),
        async () => assert.equal((await check(outside)).verdict, 'intact'),
      );
    });

    test('a checkpoint signed with another key of the same name, and one over other leaves', async () => {
      const impostor = noteKey(origin, generateKeyPairSync('ed25519').privateKey);
      const root = rootOf(
        sha256,
        appendLeaves(sha256, emptyTree, [(await leafAt(0)).leaf_hash as Uint8Array]),
      );
      const forged = () =>
        write('insert into audit_checkpoints values (1, $1)', signCheckpoint({ size: 1, root }, impostor));
      await expectFault(forged, { place: 'audit_checkpoints', row: '1', problem: 'checkpoint-invalid' });
      const moved = () => write('update audit_checkpoints set size = 22 where size = 21');
      await expectFault(moved, { place: 'audit_checkpoints', row: '22', problem: 'checkpoint-invalid' });
      const given = signCheckpoint({ size: 1, root }, impostor);
      await expectFault(
        async () => {},
        { place: 'expected-checkpoint', problem: 'checkpoint-invalid' },
        given,
      );
      await expectFault(
        async () => {},
        { place: 'expected-checkpoint', problem: 'checkpoint-invalid' },
        'nonsense',
      );
    });

    test('the key removed or replaced, with all that it signed', async () => {
      const remove = async () => {
        await write('delete from audit_keys');
        await write('delete from audit_checkpoints');
      };
      await expectFault(remove, { place: 'audit_keys', problem: 'key-invalid' });
      const replace = async () => {
        await remove();
        const other = generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' });
        const key = { origin, algorithm: 'Ed25519', privateKey: other, nowMs: 9 };
        // With the master key even, and yet without a leaf that tells of it.
        await world.store.commit([{ change: 'audit-key.create', ...key }]);
      };
      await expectFault(replace, { place: 'audit_keys', problem: 'key-invalid' });
    });

    test('everything set back to an earlier state: a checkpoint from outside tells', async () => {
      const was: [string, RawRow[]][] = [];
      for (const table of Object.keys(tables)) was.push([table, await rowsOf(table)]);
      await appendEvents(world, 5, () => ({ atMs: 5000 }));
      const later = await signNow(ports);
      assert.equal((await check(later)).verdict, 'intact');
      for (const [table, rows] of was) {
        await world.raw.run(`delete from ${table}`);
        for (const row of rows) await insert(table, row);
      }
      assert.equal((await check()).verdict, 'intact', 'by itself it cannot know');
      const { place, row, problem } = await faultOf(check(later));
      assert.deepEqual([place, row, problem], ['expected-checkpoint', '55', 'checkpoint-ahead']);
      // The same number of leaves again, and other ones.
      await appendEvents(world, 5, () => ({ atMs: 6000 }));
      await sequenceAll(ports);
      const other = await faultOf(check(later));
      assert.deepEqual(
        [other.place, other.row, other.problem],
        ['expected-checkpoint', '55', 'checkpoint-root'],
      );
      for (const [table, rows] of was) {
        await world.raw.run(`delete from ${table}`);
        for (const kept of rows) await insert(table, kept);
      }
    });

    test('an authenticator that was edited or made by hand', async () => {
      const [row] = await rowsOf('authenticators');
      assert.ok(row);
      const set = (value: RawValue | undefined) =>
        write('update authenticators set bound_leaf_hash = $1 where id = $2', value, row.id);
      await set((await leafAt(3)).leaf_hash);
      const { place, row: named, problem } = await faultOf(check());
      assert.deepEqual([place, named, problem], ['authenticators', row.id, 'binding-forged']);
      await set(row.bound_leaf_hash);
      assert.equal((await check()).verdict, 'intact');
    });

    test('while leaves come in and get their places the audit is as whole as at rest', async () => {
      let isDone = false;
      const busy = (async () => {
        for (let round = 0; round < 30; round += 1) {
          await appendEvents(world, 3, () => ({ atMs: 7000 + round }));
          await signNow(ports);
        }
        isDone = true;
      })();
      const seen: number[] = [];
      while (!isDone) {
        const found = await check(outside);
        assert.equal(found.verdict, 'intact', JSON.stringify(found));
        seen.push(found.counts.leaves);
        await turn();
      }
      await busy;
      assert.ok(new Set(seen).size > 1, 'it grew meanwhile');
    });

    test('a binding whose leaf says that somebody else bound it', async () => {
      const [mine, theirs] = [await world.newAccount(), await world.newAccount()];
      const enrollment = await world.newEnrollment('totp', mine);
      const changes = bindingOf(enrollment, 'theirs', 0).map((change) =>
        change.change === 'audit.append'
          ? { ...change, event: { ...change.event, accountId: theirs.id } }
          : change,
      );
      await commitAll(world, ...changes);
      const { place, row, problem } = await faultOf(check());
      assert.deepEqual([place, row, problem], ['authenticators', 'theirs', 'binding-unlogged']);
    });
  });
}
