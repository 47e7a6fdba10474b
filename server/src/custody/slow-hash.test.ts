import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { hash as argon2Hash, verify as argon2Verify } from '@node-rs/argon2';
import { isFault } from '#core/errors.ts';
import { createSlowHash, type HashEngine } from './slow-hash.ts';

const busy = (error: unknown) => isFault(error, 'busy');
const unreadable = (error: unknown) => isFault(error, 'stored-hash-unreadable');

/** An engine that finishes a task only when the test says so, and sees who is at work. */
function createStubEngine() {
  const atWork: { secret: string; finish: (fault?: Error) => void }[] = [];
  const started: string[] = [];
  const verified: string[] = [];
  let mostAtWork = 0;
  const work = (secret: Uint8Array | string) =>
    new Promise<void>((resolve, reject) => {
      const name = String(secret);
      const entry = {
        secret: name,
        finish: (fault?: Error) => {
          atWork.splice(atWork.indexOf(entry), 1);
          fault === undefined ? resolve() : reject(fault);
        },
      };
      atWork.push(entry);
      started.push(name);
      mostAtWork = Math.max(mostAtWork, atWork.length);
    });
  const engine: HashEngine = {
    hash: (secret) => work(secret).then(() => `hash of ${secret}`),
    verify: (phc, secret) => {
      verified.push(phc);
      return work(secret).then(() => true);
    },
  };
  return { engine, atWork, started, verified, mostAtWork: () => mostAtWork };
}

test('a secret verifies against its own hash and no other does', async () => {
  const slowHash = createSlowHash({ places: 2, waitingLimit: 10 });
  const phc = await slowHash.hash('correct horse');
  assert.match(phc, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/);
  assert.notEqual(phc, await slowHash.hash('correct horse'));
  assert.equal(await slowHash.verify('correct horse', phc, 'net'), true);
  assert.equal(await slowHash.verify('correct horsf', phc, 'net'), false);
  assert.equal(await slowHash.verify('', phc, 'net'), false);
});

test('a hash that was made long ago still verifies', async () => {
  const slowHash = createSlowHash({ places: 1, waitingLimit: 0 });
  const phc =
    '$argon2id$v=19$m=19456,t=2,p=1$XAz8dHQ5jzUT0EpOnGGXZQ$kPN9YsAqj33eos4sFpaLhA/g8hfNj9R/DY7xCJ5qffI';
  assert.equal(await slowHash.verify('x', phc, 'net'), true);
  assert.equal(await slowHash.verify('y', phc, 'net'), false);
});

test('what is no argon2id hash, or one that asks for too much, is unreadable and never reaches argon2', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 0 }, stub.engine);
  const phc =
    '$argon2id$v=19$m=19456,t=2,p=1$XAz8dHQ5jzUT0EpOnGGXZQ$kPN9YsAqj33eos4sFpaLhA/g8hfNj9R/DY7xCJ5qffI';
  const unreadables = [
    '',
    'password',
    phc.slice(0, 31),
    `${phc}\n`,
    ` ${phc}`,
    `${phc}=`,
    phc.replace('argon2id', 'argon2i'),
    phc.replace('argon2id', 'argon2d'),
    phc.replace('v=19', 'v=16'),
    phc.replace('m=19456', 'm=262145'),
    phc.replace('m=19456', 'm=4294967295'),
    phc.replace('t=2', 't=11'),
    phc.replace('p=1', 'p=5'),
    phc.replace('p=1', 'p=0'),
    phc.replace('$XAz8dHQ5jzUT0EpOnGGXZQ', ''),
    '$2b$12$abcdefghijklmnopqrstuuvwxyzabcdefghijklmnopqrstuvwxyz',
  ];
  for (const text of unreadables) await assert.rejects(slowHash.verify('x', text, 'net'), unreadable, text);
  assert.deepEqual(stub.started, []);
});

test('what argon2 itself cannot read is unreadable, and gives its place back', async () => {
  const slowHash = createSlowHash({ places: 1, waitingLimit: 0 });
  // 26 characters of base64 end in bits that no whole number of bytes has.
  const odd = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(21)}B$${'A'.repeat(25)}`;
  await assert.rejects(slowHash.verify('x', odd, 'net'), unreadable);
  const tooLittleMemory = '$argon2id$v=19$m=1,t=2,p=1$XAz8dHQ5jzUT0EpOnGGXZQ$kPN9YsAqj33eos4sFpaLhA';
  await assert.rejects(slowHash.verify('x', tooLittleMemory, 'net'), unreadable);
  await slowHash.hash('next');
});

test('no more than the places run at a time, in the order they came', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 3, waitingLimit: 100 }, stub.engine);
  const names = Array.from({ length: 50 }, (_, index) => `secret ${index}`);
  const results = names.map((name) => slowHash.hash(name));
  await nextTurn();
  assert.deepEqual(stub.started, names.slice(0, 3));
  // Finished in another order than they came, to see that the line does not mind.
  for (let turn = 0; stub.atWork.length > 0; turn += 1) {
    stub.atWork[turn % stub.atWork.length]?.finish();
    await nextTurn();
  }
  assert.deepEqual(stub.started, names);
  assert.equal(stub.mostAtWork(), 3);
  assert.deepEqual(
    await Promise.all(results),
    names.map((name) => `hash of ${name}`),
  );
});

test('who comes as a place becomes free does not overtake the line', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 10 }, stub.engine);
  const first = slowHash.hash('first');
  const second = slowHash.hash('second');
  // The moment `first` is known to be done is the earliest at which anybody could slip in.
  const third = first.then(() => slowHash.hash('third'));
  stub.atWork[0]?.finish();
  await first;
  await nextTurn();
  assert.deepEqual(stub.started, ['first', 'second']);
  assert.equal(stub.mostAtWork(), 1);
  stub.atWork[0]?.finish();
  await second;
  await nextTurn();
  stub.atWork[0]?.finish();
  assert.equal(await third, 'hash of third');
});

test('beyond the line people are sent away, and let in again when it got shorter', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 2 }, stub.engine);
  const inside = [slowHash.hash('one'), slowHash.hash('two'), slowHash.hash('three')];
  const phc = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  await assert.rejects(slowHash.hash('four'), (error) => {
    assert.ok(isFault(error, 'busy'));
    assert.equal(error.retryAfterSeconds, 2);
    return true;
  });
  await assert.rejects(slowHash.verify('four', phc, 'net'), busy);
  await assert.rejects(slowHash.verifyNothing('four', 'net'), busy);
  stub.atWork[0]?.finish();
  await nextTurn();
  const later = slowHash.hash('five');
  while (stub.atWork.length > 0) {
    stub.atWork[0]?.finish();
    await nextTurn();
  }
  await Promise.all([...inside, later]);
  assert.deepEqual(stub.started, ['one', 'two', 'three', 'five']);
});

test('networks take turns: who floods from one waits behind themselves, and fills a quarter of the line', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 12 }, stub.engine);
  const phc = `$argon2id$v=19$m=19456,t=2,p=1$${'A'.repeat(22)}$${'A'.repeat(43)}`;
  const ask = (secret: string, network: string) => slowHash.verify(secret, phc, network);
  const flood = ['bad 0', 'bad 1', 'bad 2', 'bad 3'].map((secret) => ask(secret, 'attacker'));
  await assert.rejects(ask('bad 4', 'attacker'), busy);
  assert.throws(() => slowHash.ensureRoom('attacker'), busy);
  slowHash.ensureRoom('office');
  const good = [ask('ann', 'office'), ask('bob', 'home'), ask('cor', 'office')];
  while (stub.atWork.length > 0) {
    stub.atWork[0]?.finish();
    await nextTurn();
  }
  await Promise.all([...flood, ...good]);
  assert.deepEqual(stub.started, ['bad 0', 'bad 1', 'ann', 'bob', 'bad 2', 'cor', 'bad 3']);
});

test('a place is given back when hashing fails', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 1 }, stub.engine);
  const failing = slowHash.hash('failing');
  const next = slowHash.hash('next');
  const failed = assert.rejects(failing, /out of memory/);
  stub.atWork[0]?.finish(new Error('out of memory'));
  await failed;
  await nextTurn();
  stub.atWork[0]?.finish();
  assert.equal(await next, 'hash of next');
});

test('a name that nobody has goes the way of a wrong password: same line, same work, never true', async () => {
  const stub = createStubEngine();
  const slowHash = createSlowHash({ places: 1, waitingLimit: 1 }, stub.engine);
  const nothing = slowHash.verifyNothing('guess', 'net');
  const again = slowHash.verifyNothing('guess again', 'net');
  assert.deepEqual(stub.started, ['guess']);
  stub.atWork[0]?.finish();
  // Even though this engine says that everything fits.
  assert.equal(await nothing, false);
  await nextTurn();
  stub.atWork[0]?.finish();
  assert.equal(await again, false);

  const [dummy = '', dummyAgain] = stub.verified;
  assert.equal(dummy, dummyAgain);
  const real = await createSlowHash({ places: 1, waitingLimit: 0 }).hash('x');
  const shapeOf = (phc: string) => phc.split('$').map((part, index) => (index < 4 ? part : part.length));
  assert.deepEqual(shapeOf(dummy), shapeOf(real));
  // argon2 itself reads it, so the work is really done.
  assert.equal(await argon2Verify(dummy, 'guess'), false);
  assert.notEqual(dummy, await dummyOfAnotherStart());
});

async function dummyOfAnotherStart(): Promise<string> {
  let seen = '';
  const engine: HashEngine = {
    hash: argon2Hash,
    verify: async (phc) => {
      seen = phc;
      return false;
    },
  };
  await createSlowHash({ places: 1, waitingLimit: 0 }, engine).verifyNothing('x', 'net');
  return seen;
}

test('limits that let nothing through are refused', () => {
  for (const [places, waitingLimit] of [
    [0, 1],
    [1.5, 1],
    [Number.NaN, 1],
    [1, -1],
    [1, 0.5],
  ] as const) {
    assert.throws(() => createSlowHash({ places, waitingLimit }), RangeError);
  }
});
