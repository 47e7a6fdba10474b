// Every option: name, default, what it means. The same table is what `doctor` and the manual read.

export interface Option {
  readonly name: string;
  readonly default: string | undefined;
  readonly meaning: string;
}

export const options = [
  {
    name: 'SECONDRING_PUBLIC_URL',
    default: 'http://localhost:8080',
    meaning: 'Origin of the pages and issuer of tokens. https is required unless the host is localhost.',
  },
  { name: 'SECONDRING_LISTEN', default: '127.0.0.1:8080', meaning: 'Address and port to listen on.' },
  {
    name: 'SECONDRING_DATABASE_URL',
    default: 'sqlite:SECONDRING_DATA/secondring.db',
    meaning: 'The database: sqlite:PATH, or postgres://USER:PASSWORD@HOST/NAME.',
  },
  {
    name: 'SECONDRING_STAFF_DATABASE_URL',
    default: undefined,
    meaning:
      'With PostgreSQL: the same database by the role of the staff pages, which may only look. Without it there are no staff pages. With SQLite they read the same file.',
  },
  {
    name: 'SECONDRING_DATA',
    default: './data',
    meaning: 'Folder of the data; sets the defaults that name it.',
  },
  {
    name: 'SECONDRING_MASTER_KEY',
    default: undefined,
    meaning:
      'Master key, 32 bytes in base64; several with commas while rotating. By default in the file master.key in the folder SECONDRING_DATA-key.',
  },
  {
    name: 'SECONDRING_TRUSTED_PROXIES',
    default: '',
    meaning: 'Addresses or networks, with commas, whose X-Forwarded-For counts.',
  },
  {
    name: 'SECONDRING_METRICS_LISTEN',
    default: '127.0.0.1:9464',
    meaning: 'Address and port of the figures for Prometheus, or off. The demo has none.',
  },
  {
    name: 'SECONDRING_SMTP_URL',
    default: undefined,
    meaning:
      'Mail server: smtp://USER:PASSWORD@HOST:PORT or smtps://. Without it nothing is mailed, and nobody can choose a new password by mail.',
  },
  {
    name: 'SECONDRING_MAIL_FROM',
    default: 'no-reply@ the host of SECONDRING_PUBLIC_URL',
    meaning: 'Address that mail comes from.',
  },
  {
    name: 'SECONDRING_SUPPORT_PHONE',
    default: undefined,
    meaning:
      'Phone number of your support as people should read it; pages that say to call show it as a link.',
  },
  { name: 'SECONDRING_LOG_LEVEL', default: 'info', meaning: 'One of debug, info, warn, error.' },
  {
    name: 'PORT',
    default: undefined,
    meaning: 'Shorthand: listen on this port of 127.0.0.1 and be http://localhost:PORT.',
  },
] as const satisfies readonly Option[];

export type OptionName = (typeof options)[number]['name'];
