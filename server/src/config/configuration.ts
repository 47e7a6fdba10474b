// Reads the whole configuration from the environment (each option also as NAME_FILE) and says everything that is
// wrong with it at once.

import { isIP } from 'node:net';
import { SecondringError } from '#core/errors.ts';
import { mailAddress } from '#core/letter.ts';
import { type OptionName, options } from './options.ts';

export interface Listen {
  readonly host: string;
  readonly port: number;
}

export interface Configuration {
  /** Origin, without a slash at its end. */
  readonly publicUrl: string;
  readonly listen: Listen;
  /** Where the figures are; undefined: nowhere. */
  readonly metricsListen: Listen | undefined;
  readonly databaseUrl: string;
  /** Of the role that staff pages read with, on PostgreSQL. */
  readonly staffDatabaseUrl: string | undefined;
  readonly dataFolder: string;
  readonly masterKey: string | undefined;
  readonly masterKeyFile: string;
  readonly trustedProxies: readonly string[];
  /** Undefined: mail is not set up. */
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  /** As people read it; undefined: pages say to call without a number. */
  readonly supportPhone: string | undefined;
  readonly logLevel: LogLevel;
}

const logLevels = ['debug', 'info', 'warn', 'error'] as const;
export type LogLevel = (typeof logLevels)[number];

export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Reads the file that NAME_FILE points to. */
  readonly readFile: (path: string) => string;
}

/**
 * The configuration, whole or not at all.
 * @throws SecondringError `configuration-invalid`, one line for each fault
 */
export function readConfiguration(surroundings: Surroundings): Configuration {
  const { configuration, faults } = examineConfiguration(surroundings);
  if (faults.length === 0) return configuration;
  throw new SecondringError('configuration-invalid', `The configuration is wrong:\n- ${faults.join('\n- ')}`);
}

/** The configuration as far as it can be read, and everything that is wrong with it. */
export function examineConfiguration(surroundings: Surroundings): {
  readonly configuration: Configuration;
  readonly faults: readonly string[];
} {
  const faults: string[] = [];
  const values = readOptions(surroundings, faults);
  const port = values.PORT === undefined ? undefined : readPort(values.PORT, 'PORT', faults);
  // A port that is none is one fault, and not one of each address that is made with it.
  const usablePort = port !== undefined && isPort(port) ? port : undefined;
  const dataFolder = stripSlash(values.SECONDRING_DATA ?? './data');
  const publicUrl = readPublicUrl(
    values.SECONDRING_PUBLIC_URL ??
      (usablePort === undefined ? 'http://localhost:8080' : `http://localhost:${usablePort}`),
    faults,
  );
  const configuration: Configuration = {
    publicUrl,
    listen: readListen(
      'SECONDRING_LISTEN',
      values.SECONDRING_LISTEN ?? (usablePort === undefined ? '127.0.0.1:8080' : `127.0.0.1:${usablePort}`),
      faults,
    ),
    metricsListen:
      values.SECONDRING_METRICS_LISTEN === 'off'
        ? undefined
        : readListen(
            'SECONDRING_METRICS_LISTEN',
            values.SECONDRING_METRICS_LISTEN ?? '127.0.0.1:9464',
            faults,
          ),
    databaseUrl: readDatabaseUrl(
      values.SECONDRING_DATABASE_URL ?? `sqlite:${dataFolder}/secondring.db`,
      faults,
    ),
    staffDatabaseUrl: values.SECONDRING_STAFF_DATABASE_URL,
    dataFolder,
    masterKey: values.SECONDRING_MASTER_KEY,
    masterKeyFile: `${dataFolder}-key/master.key`,
    trustedProxies: readTrustedProxies(values.SECONDRING_TRUSTED_PROXIES ?? '', faults),
    smtpUrl: readSmtpUrl(values.SECONDRING_SMTP_URL, faults),
    mailFrom: readMailFrom(
      values.SECONDRING_MAIL_FROM ?? `no-reply@${URL.parse(publicUrl)?.hostname ?? 'localhost'}`,
      faults,
    ),
    supportPhone: readSupportPhone(values.SECONDRING_SUPPORT_PHONE, faults),
    logLevel: readLogLevel(values.SECONDRING_LOG_LEVEL ?? 'info', faults),
  };
  refuseOddStaffDatabase(configuration, faults);
  refuseUnknown(surroundings.environment, faults);
  return { configuration, faults };
}

type Values = Partial<Record<OptionName, string>>;

function readOptions({ environment, readFile }: Surroundings, faults: string[]): Values {
  const values: Values = {};
  for (const { name } of options) {
    const direct = environment[name];
    const file = environment[`${name}_FILE`];
    if (direct !== undefined && file !== undefined)
      faults.push(`${name} and ${name}_FILE are both set; use one.`);
    if (direct !== undefined && direct !== '') values[name] = direct;
    if (file === undefined) continue;
    try {
      values[name] = readFile(file).trim();
    } catch {
      faults.push(`${name}_FILE names a file that cannot be read: ${file}`);
    }
  }
  return values;
}

/** A misspelt option would silently leave its default in force. */
function refuseUnknown(environment: Surroundings['environment'], faults: string[]): void {
  const known = new Set<string>(options.flatMap(({ name }) => [name, `${name}_FILE`]));
  for (const name of Object.keys(environment)) {
    if (name.startsWith('SECONDRING_') && !name.startsWith('SECONDRING_TEST_') && !known.has(name)) {
      faults.push(`${name} is not an option.`);
    }
  }
}

function readPublicUrl(text: string, faults: string[]): string {
  const url = URL.parse(text);
  if (url === null || !['http:', 'https:'].includes(url.protocol)) {
    faults.push(`SECONDRING_PUBLIC_URL must be an http or https address: ${text}`);
    return text;
  }
  if (url.protocol === 'http:' && url.hostname !== 'localhost') {
    faults.push(`SECONDRING_PUBLIC_URL must begin with https:// unless its host is localhost: ${text}`);
  }
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    faults.push(`SECONDRING_PUBLIC_URL must be an origin, without path, query or user, as ${url.origin}`);
  }
  return url.origin;
}

function readListen(name: OptionName, text: string, faults: string[]): Listen {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d+)$/i.exec(text);
  if (match === null) {
    const off = name === 'SECONDRING_METRICS_LISTEN' ? ', or off' : '';
    faults.push(`${name} must be ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080${off}: ${text}`);
    return { host: '127.0.0.1', port: 0 };
  }
  return { host: match[1] ?? match[2] ?? '', port: readPort(match[3] ?? '', name, faults) };
}

function readPort(text: string, name: string, faults: string[]): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN;
  if (!isPort(port)) faults.push(`${name} has no port between 0 and 65535: ${text}`);
  return port;
}

function isPort(port: number): boolean {
  return port >= 0 && port <= 65535;
}

function readDatabaseUrl(text: string, faults: string[]): string {
  if (!/^(sqlite:.|postgres(ql)?:\/\/.)/.test(text)) {
    faults.push('SECONDRING_DATABASE_URL must begin with sqlite: or postgres://');
  }
  return text;
}

function refuseOddStaffDatabase(
  { databaseUrl, staffDatabaseUrl }: Pick<Configuration, 'databaseUrl' | 'staffDatabaseUrl'>,
  faults: string[],
): void {
  if (staffDatabaseUrl === undefined) return;
  if (databaseUrl.startsWith('sqlite:')) {
    faults.push('SECONDRING_STAFF_DATABASE_URL is for PostgreSQL; with SQLite leave it out.');
  } else if (!/^postgres(ql)?:\/\/./.test(staffDatabaseUrl)) {
    faults.push('SECONDRING_STAFF_DATABASE_URL must begin with postgres://');
  } else if (staffDatabaseUrl === databaseUrl) {
    faults.push('SECONDRING_STAFF_DATABASE_URL must name a role of its own, not the one of the service.');
  }
}

function readTrustedProxies(text: string, faults: string[]): readonly string[] {
  const proxies = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  for (const proxy of proxies) {
    if (!isNetwork(proxy)) {
      faults.push(`SECONDRING_TRUSTED_PROXIES must list addresses or networks as 10.0.0.0/8: ${proxy}`);
    }
  }
  return proxies;
}

function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const family = isIP(address);
  if (family === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (family === 4 ? 32 : 128));
}

/** What is wrong is said without the address itself: it may hold a password. */
function readSmtpUrl(text: string | undefined, faults: string[]): string | undefined {
  if (text === undefined) return undefined;
  const url = URL.parse(text);
  const isUsable = url !== null && ['smtp:', 'smtps:'].includes(url.protocol) && url.hostname !== '';
  if (!isUsable || (url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    faults.push(
      'SECONDRING_SMTP_URL must be smtp://USER:PASSWORD@HOST:PORT or smtps://…, with nothing after the port',
    );
  }
  return text;
}

function readMailFrom(text: string, faults: string[]): string {
  if (mailAddress(text) === undefined) faults.push(`SECONDRING_MAIL_FROM must be one mail address: ${text}`);
  return text;
}

/** Anything that telephones are given as: three digits of an inside number at the least, fifteen of E.164 at the most. */
function readSupportPhone(text: string | undefined, faults: string[]): string | undefined {
  const digits = text?.replaceAll(/\D/g, '').length ?? 0;
  const isPhone = text === undefined || (/^\+?[\d ()./-]+$/.test(text) && digits >= 3 && digits <= 16);
  if (!isPhone) {
    faults.push(
      `SECONDRING_SUPPORT_PHONE must be a phone number, as 085-0000000 or +31 85 000 00 00: ${text}`,
    );
  }
  return text;
}

function readLogLevel(text: string, faults: string[]): LogLevel {
  const level = logLevels.find((one) => one === text);
  if (level === undefined)
    faults.push(`SECONDRING_LOG_LEVEL must be one of ${logLevels.join(', ')}: ${text}`);
  return level ?? 'info';
}

function stripSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, '') : path;
}
