// The configuration is whole or not at all: defaults that hang on one another, every option also from a file, and all
// that is wrong said in one go.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isFault } from '#core/errors.ts';
import { type Configuration, readConfiguration } from './configuration.ts';
import { options } from './options.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const noFiles = (path: string) => assert.fail(`read ${path}`);

function read(environment: Environment, readFile: (path: string) => string = noFiles): Configuration {
  return readConfiguration({ environment, readFile });
}

/** The lines of what is wrong. */
function faultsOf(environment: Environment, readFile: (path: string) => string = noFiles): string[] {
  try {
    read(environment, readFile);
  } catch (error) {
    assert.ok(isFault(error, 'configuration-invalid'));
    const [heading, ...faults] = error.message.split('\n- ');
    assert.equal(heading, 'The configuration is wrong:');
    return faults;
  }
  assert.fail('nothing was found wrong');
}

test('without any option it is a service for this machine alone', () => {
  assert.deepEqual(read({ HOME: '/root', PATH: '' }), {
    staffDatabaseUrl: undefined,
    publicUrl: 'http://localhost:8080',
    listen: { host: '127.0.0.1', port: 8080 },
    metricsListen: { host: '127.0.0.1', port: 9464 },
    databaseUrl: 'sqlite:./data/secondring.db',
    dataFolder: './data',
    masterKey: undefined,
    masterKeyFile: './data-key/master.key',
    trustedProxies: [],
    smtpUrl: undefined,
    mailFrom: 'no-reply@localhost',
    supportPhone: undefined,
    logLevel: 'info',
  });
});

test('every option has its say', () => {
  assert.deepEqual(
    read({
      SECONDRING_PUBLIC_URL: 'https://secondring.example/',
      SECONDRING_LISTEN: '[::1]:9000',
      SECONDRING_DATABASE_URL: 'postgres://ann:secret@host/name',
      SECONDRING_STAFF_DATABASE_URL: 'postgres://staff:secret@host/name',
      SECONDRING_DATA: '/var/lib/secondring/',
      SECONDRING_MASTER_KEY: 'a key',
      SECONDRING_TRUSTED_PROXIES: ' 10.0.0.0/8 ,2001:db8::1,,192.0.2.7 ',
      SECONDRING_METRICS_LISTEN: '10.0.0.1:9999',
      SECONDRING_SMTP_URL: 'smtps://ann:secret@mail.example:2465',
      SECONDRING_MAIL_FROM: 'second@ring.example',
      SECONDRING_SUPPORT_PHONE: '+31 (0)85 000 00 00',
      SECONDRING_LOG_LEVEL: 'debug',
    }),
    {
      publicUrl: 'https://secondring.example',
      listen: { host: '::1', port: 9000 },
      metricsListen: { host: '10.0.0.1', port: 9999 },
      databaseUrl: 'postgres://ann:secret@host/name',
      staffDatabaseUrl: 'postgres://staff:secret@host/name',
      dataFolder: '/var/lib/secondring',
      masterKey: 'a key',
      masterKeyFile: '/var/lib/secondring-key/master.key',
      trustedProxies: ['10.0.0.0/8', '2001:db8::1', '192.0.2.7'],
      smtpUrl: 'smtps://ann:secret@mail.example:2465',
      mailFrom: 'second@ring.example',
      supportPhone: '+31 (0)85 000 00 00',
      logLevel: 'debug',
    },
  );
});

test('PORT is a shorthand, and what is said in full wins over it', () => {
  const short = read({ PORT: '3000' });
  assert.deepEqual(
    [short.publicUrl, short.listen],
    ['http://localhost:3000', { host: '127.0.0.1', port: 3000 }],
  );
  const behind = read({ PORT: '3000', SECONDRING_PUBLIC_URL: 'https://secondring.example' });
  assert.deepEqual([behind.publicUrl, behind.listen.port], ['https://secondring.example', 3000]);
  const elsewhere = read({ PORT: '3000', SECONDRING_LISTEN: '0.0.0.0:4000' });
  assert.deepEqual(
    [elsewhere.publicUrl, elsewhere.listen],
    ['http://localhost:3000', { host: '0.0.0.0', port: 4000 }],
  );
});

test('the figures can be turned off', () => {
  assert.equal(read({ SECONDRING_METRICS_LISTEN: 'off' }).metricsListen, undefined);
});

test('the data folder sets the defaults that name it, and what is said in full wins over them', () => {
  const moved = read({ SECONDRING_DATA: '/srv/ring' });
  assert.deepEqual(
    [moved.databaseUrl, moved.masterKeyFile],
    ['sqlite:/srv/ring/secondring.db', '/srv/ring-key/master.key'],
  );
  const both = read({ SECONDRING_DATA: '/srv/ring', SECONDRING_DATABASE_URL: 'sqlite:/other.db' });
  assert.deepEqual([both.databaseUrl, both.dataFolder], ['sqlite:/other.db', '/srv/ring']);
});

test('an option that is set to nothing is not set', () => {
  const empty = Object.fromEntries(options.map(({ name }) => [name, '']));
  assert.deepEqual(read(empty), read({}));
});

test('each option can stand in a file, with the line end that files have', () => {
  const values: Environment = {
    ...{ SECONDRING_PUBLIC_URL: 'https://a.example', SECONDRING_LISTEN: '127.0.0.1:1', PORT: '2' },
    ...{ SECONDRING_DATABASE_URL: 'postgres://a@b/c', SECONDRING_DATA: '/d', SECONDRING_MASTER_KEY: 'key' },
    SECONDRING_STAFF_DATABASE_URL: 'postgres://d@b/c',
    ...{ SECONDRING_TRUSTED_PROXIES: '10.0.0.1', SECONDRING_LOG_LEVEL: 'warn' },
    SECONDRING_METRICS_LISTEN: 'off',
    ...{ SECONDRING_SMTP_URL: 'smtp://mail.example', SECONDRING_MAIL_FROM: 'a@b.example' },
    SECONDRING_SUPPORT_PHONE: '1200',
  };
  const fromFiles = read(
    Object.fromEntries(options.map(({ name }) => [`${name}_FILE`, `/run/${name}`])),
    (path) => `${values[path.slice('/run/'.length)]}\n`,
  );
  assert.deepEqual(fromFiles, read(values));
});

test('a mail server that cannot be one is said without its password, and so is an address', () => {
  const smtp =
    'SECONDRING_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, with nothing after the port';
  for (const url of [
    'mail.example:25',
    'https://ann:secret@mail.example',
    'smtp://',
    'smtp://mail.example/x?y',
  ]) {
    assert.deepEqual(faultsOf({ SECONDRING_SMTP_URL: url }), [smtp], url);
  }
  assert.deepEqual(faultsOf({ SECONDRING_MAIL_FROM: 'Ann <a@b.example>' }), [
    'SECONDRING_MAIL_FROM must be one mail address: Ann <a@b.example>',
  ]);
});

test('a file that cannot be read, and an option given in both ways', () => {
  assert.deepEqual(
    faultsOf({ SECONDRING_MASTER_KEY_FILE: '/none', PORT: '1', PORT_FILE: '/port' }, (path) => {
      if (path === '/none') throw new Error('ENOENT');
      return '2';
    }),
    [
      'SECONDRING_MASTER_KEY_FILE names a file that cannot be read: /none',
      'PORT and PORT_FILE are both set; use one.',
    ],
  );
});

test('a file with nothing in it is a fault of what reads it, not the default', () => {
  assert.equal(read({ SECONDRING_MASTER_KEY_FILE: '/empty' }, () => '\n').masterKey, '');
  assert.equal(faultsOf({ SECONDRING_PUBLIC_URL_FILE: '/empty' }, () => '').length, 1);
});

/** Environments with one fault each, and what its line has to name. */
const wrong: readonly (readonly [Environment, RegExp])[] = [
  [{ SECONDRING_PUBLIC_URL: 'secondring.example' }, /SECONDRING_PUBLIC_URL.*http or https/],
  [{ SECONDRING_PUBLIC_URL: 'ftp://secondring.example' }, /SECONDRING_PUBLIC_URL.*http or https/],
  [{ SECONDRING_PUBLIC_URL: 'http://secondring.example' }, /SECONDRING_PUBLIC_URL.*https:\/\/ unless/],
  [{ SECONDRING_PUBLIC_URL: 'http://127.0.0.1:8080' }, /SECONDRING_PUBLIC_URL.*https:\/\/ unless/],
  [{ SECONDRING_PUBLIC_URL: 'http://localhost.example' }, /SECONDRING_PUBLIC_URL.*https:\/\/ unless/],
  [{ SECONDRING_PUBLIC_URL: 'https://a.example/path' }, /SECONDRING_PUBLIC_URL.*origin/],
  [{ SECONDRING_PUBLIC_URL: 'https://a.example/?a=b' }, /SECONDRING_PUBLIC_URL.*origin/],
  [{ SECONDRING_PUBLIC_URL: 'https://a.example/#a' }, /SECONDRING_PUBLIC_URL.*origin/],
  [{ SECONDRING_PUBLIC_URL: 'https://ann@a.example' }, /SECONDRING_PUBLIC_URL.*origin/],
  [{ SECONDRING_LISTEN: '8080' }, /SECONDRING_LISTEN.*ADDRESS:PORT/],
  [{ SECONDRING_LISTEN: '127.0.0.1' }, /SECONDRING_LISTEN.*ADDRESS:PORT/],
  [{ SECONDRING_LISTEN: '::1:8080' }, /SECONDRING_LISTEN.*ADDRESS:PORT/],
  [{ SECONDRING_LISTEN: '127.0.0.1:' }, /SECONDRING_LISTEN.*ADDRESS:PORT/],
  [{ SECONDRING_LISTEN: '127.0.0.1:65536' }, /SECONDRING_LISTEN.*65535/],
  [{ SECONDRING_LISTEN: '127.0.0.1:100000' }, /SECONDRING_LISTEN.*65535/],
  [{ SECONDRING_METRICS_LISTEN: 'no' }, /SECONDRING_METRICS_LISTEN.*ADDRESS:PORT, .*or off/],
  [{ SECONDRING_DATABASE_URL: 'mysql://ann:secret@host' }, /SECONDRING_DATABASE_URL/],
  [{ SECONDRING_DATABASE_URL: 'sqlite:' }, /SECONDRING_DATABASE_URL/],
  [{ SECONDRING_DATABASE_URL: 'postgres://' }, /SECONDRING_DATABASE_URL/],
  [{ SECONDRING_DATABASE_URL: ' sqlite:a' }, /SECONDRING_DATABASE_URL/],
  [{ SECONDRING_TRUSTED_PROXIES: '10.0.0.1,proxy.example' }, /SECONDRING_TRUSTED_PROXIES.*proxy\.example/],
  [{ SECONDRING_TRUSTED_PROXIES: '10.0.0.0/33' }, /SECONDRING_TRUSTED_PROXIES.*10\.0\.0\.0\/33/],
  [{ SECONDRING_TRUSTED_PROXIES: '2001:db8::/129' }, /SECONDRING_TRUSTED_PROXIES.*129/],
  [{ SECONDRING_TRUSTED_PROXIES: '10.0.0.256' }, /SECONDRING_TRUSTED_PROXIES.*256/],
  [{ SECONDRING_TRUSTED_PROXIES: 'cafe' }, /SECONDRING_TRUSTED_PROXIES.*cafe/],
  [{ SECONDRING_TRUSTED_PROXIES: '10.0.0.0/' }, /SECONDRING_TRUSTED_PROXIES/],
  [{ SECONDRING_SUPPORT_PHONE: '085-HELPDESK' }, /SECONDRING_SUPPORT_PHONE.*085-HELPDESK/],
  [{ SECONDRING_SUPPORT_PHONE: '+' }, /SECONDRING_SUPPORT_PHONE/],
  [{ SECONDRING_SUPPORT_PHONE: '0850000000 or 0860000000' }, /SECONDRING_SUPPORT_PHONE/],
  [{ SECONDRING_SUPPORT_PHONE: '12345678901234567' }, /SECONDRING_SUPPORT_PHONE/],
  [{ SECONDRING_LOG_LEVEL: 'trace' }, /SECONDRING_LOG_LEVEL.*debug, info, warn, error/],
  [{ SECONDRING_LOG_LEVEL: 'INFO' }, /SECONDRING_LOG_LEVEL/],
  [{ PORT: '80a' }, /^PORT has no port/],
  [{ PORT: '65536' }, /^PORT has no port/],
  [{ PORT: '-1' }, /^PORT has no port/],
  [{ SECONDRING_LISTENN: '127.0.0.1:1' }, /SECONDRING_LISTENN is not an option/],
  [{ SECONDRING_LISTENN: '' }, /SECONDRING_LISTENN is not an option/],
  [{ SECONDRING_LISTEN_FILES: '/x' }, /SECONDRING_LISTEN_FILES is not an option/],
];

for (const [environment, expected] of wrong) {
  test(`one fault, said in one line: ${JSON.stringify(environment)}`, () => {
    const faults = faultsOf(environment);
    assert.equal(faults.length, 1, faults.join('\n'));
    assert.match(faults[0] ?? '', expected);
  });
}

test('everything that is wrong is said at once', () => {
  const faults = faultsOf({
    SECONDRING_PUBLIC_URL: 'http://a.example/path',
    SECONDRING_LISTEN: 'nowhere',
    SECONDRING_DATABASE_URL: 'mysql:',
    SECONDRING_TRUSTED_PROXIES: 'one,two',
    SECONDRING_LOG_LEVEL: 'loud',
    SECONDRING_COLOUR: 'green',
    PORT: 'door',
  });
  const named = faults.map((fault) => /^\w+/.exec(fault)?.[0]);
  assert.deepEqual(named.toSorted(), [
    'PORT',
    'SECONDRING_COLOUR',
    'SECONDRING_DATABASE_URL',
    'SECONDRING_LISTEN',
    'SECONDRING_LOG_LEVEL',
    'SECONDRING_PUBLIC_URL',
    'SECONDRING_PUBLIC_URL',
    'SECONDRING_TRUSTED_PROXIES',
    'SECONDRING_TRUSTED_PROXIES',
  ]);
});

test('what is said of a fault does not give away passwords and keys', () => {
  const faults = faultsOf({
    SECONDRING_PUBLIC_URL: 'https://ann:hunter2@a.example',
    SECONDRING_DATABASE_URL: 'mysql://ann:hunter2@host/name',
    SECONDRING_MASTER_KEY: 'hunter2',
    SECONDRING_MASTER_KEYS: 'hunter2',
  });
  assert.equal(faults.length, 3);
  assert.doesNotMatch(faults.join('\n'), /hunter2/);
});

test('what is set for tests and for other programs is nobody’s fault', () => {
  assert.deepEqual(
    read({ SECONDRING_TEST_POSTGRES_URL: 'postgres://x', SECOND: 'x', NODE_ENV: 'x' }),
    read({}),
  );
});

test('the staff role is another role of the same PostgreSQL', () => {
  const faultsOf = (database: string, staff: string) => {
    try {
      readConfiguration({
        environment: { SECONDRING_DATABASE_URL: database, SECONDRING_STAFF_DATABASE_URL: staff },
        readFile: () => '',
      });
      return '';
    } catch (error) {
      return (error as Error).message;
    }
  };
  assert.equal(faultsOf('postgres://service@db/s', 'postgres://staff@db/s'), '');
  assert.match(faultsOf('postgres://service@db/s', 'postgres://service@db/s'), /a role of its own/);
  assert.match(faultsOf('postgres://service@db/s', 'sqlite:x'), /must begin with postgres/);
  assert.match(faultsOf('sqlite:x', 'postgres://staff@db/s'), /with SQLite leave it out/);
});
