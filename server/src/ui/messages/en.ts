/**
 * Every English sentence of the pages. The other catalogues have the type of this one, so that a sentence
 * that was forgotten in a language fails the type check.
 */
import { html } from 'hono/html';
import type { AuditEventName } from '#core/audit.ts';
import { formatsFor } from './formats.ts';
import type { Support } from './support.ts';

const locale = 'en-GB';
const formats = formatsFor(locale);

const on = (phone: Support['phone']) => (phone === '' ? '' : html` on ${phone}`);

/** The English catalogue. */
export const en = {
  /** What this language calls itself, for the language links. */
  languageName: 'English',
  /** How dates are written; the script uses it too. */
  locale: locale as string,
  languages: 'Language',
  duration: formats.duration,
  date: formats.date,
  moment: formats.moment,

  /** Before the title of a page that shows an error, because a title is what a screen reader says first. */
  errorTitle: (title: string) => `Error: ${title}`,
  step: (step: number, steps: number) => `Part ${step} of ${steps}`,
  continueButton: 'Continue',
  signingInAs: 'Signing in as',
  notYou: 'Not you?',
  otherMethods: 'Use another sign-in method',
  /** Under the methods, by how many of them can be used now. */
  stuck: { one: 'Stuck?', two: 'Neither works?', more: 'None of them works?' },
  support: ({ provider, phone }: Support) => html`Call ${provider} support${on(phone)}.`,
  /** What a timer says while it runs, and when it has ended. */
  waits: {
    again: {
      until: (duration: string) => `You can try again in ${duration}.`,
      over: 'You can try again now.',
    },
    newCode: { until: (duration: string) => `Type a new code in ${duration}.`, over: 'Type a new code now.' },
  },
  tryAgain: 'Try again',
  copied: 'Copied',
  /** Above a page that takes no more codes, for now or for good. */
  tooManyTitle: 'Too many wrong codes',

  /** What a sign-in method is called while it has no name of its own, and what is needed to use it. */
  methods: {
    totp: { label: 'Authenticator app', hint: 'The six digits your app shows' },
    'recovery-code': { label: 'Recovery code', hint: 'Phone lost or not with you? Use a code you saved.' },
    passkey: { label: 'Passkey', hint: 'Your fingerprint, face or security key' },
    phone: { label: 'Phone call', hint: 'Your phone rings' },
    app: { label: 'The app', hint: 'The code on your phone' },
  },

  signIn: {
    title: 'Sign in',
    lead: (application: string) => `to continue to ${application}`,
    onceMore: (application: string) => `Type your password once more to continue to ${application}.`,
    username: 'Username',
    password: 'Password',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    button: 'Sign in',
    errors: {
      'wrong-credentials': 'The username or password is not right. Check both and try again.',
      wait: 'Too many failed attempts.',
      busy: 'It is very busy right now. It is not your fault: try again in a moment.',
    },
  },

  code: {
    title: 'Type your code',
    lead: (provider: string) => `Open your authenticator app and type the six digits for ${provider}.`,
    label: 'Six-digit code',
    automatic: 'After the last digit we continue automatically.',
    /** No code is taken any more, and what helps: a recovery code, another method, or only support. */
    locked: {
      'recovery-code':
        'Your app code is blocked for now. Sign in once with a recovery code and it works again.',
      others: 'Your app code is blocked for now. Use another method below.',
      support: 'You cannot sign in now. Nothing is lost.',
    },
    errors: (provider: string) => ({
      'wrong-code': `That code is not right. Look under ${provider} and type the next code. Still not working? Set your phone’s clock to automatic.`,
      wait: 'The code was wrong too often.',
      'too-many': 'To be safe, this attempt has stopped. You can try again.',
      malformed: 'A code is exactly six digits. Look in your app and type them again.',
    }),
  },

  recoveryCode: {
    title: 'Use a recovery code',
    lead: 'Type one of the recovery codes you saved. Each code works once.',
    label: 'Recovery code',
    hint: '18 characters. Capitals, spaces and hyphens don’t matter.',
    locked: 'You cannot use recovery codes for now.',
    errors: {
      'wrong-code': 'That recovery code is not right, or it has been used. Check it, or take the next one.',
      wait: 'A recovery code was wrong too often.',
      'too-many': 'To be safe, this attempt has stopped. You can try again.',
      malformed: 'A recovery code has 18 letters and digits. Check that none is missing.',
    },
  },

  setUp: {
    title: 'Set up an authenticator app',
    why: 'From now on you sign in with your password and a code from your phone. Your password alone then lets nobody in.',
    timeLeft: (duration: string) => `You have ${duration}. Need longer? Just start again.`,
    install: 'Install an authenticator app on your phone',
    installText:
      'Look in the App Store or Play Store for Google Authenticator or Microsoft Authenticator. They are free. Already have one? Use that.',
    link: 'Link the app',
    scanText: 'In the app choose “Add” or “+”, and point the camera at the square.',
    accountKind: 'Does the app ask what kind of account? Choose “Other”.',
    entry: (provider: string, username: string) =>
      `You will find your code in the app under ${provider}: ${username}.`,
    qrLabel: 'QR code to scan with your authenticator app',
    onPhone: 'On your phone now? Tap the button. Then come back to this page.',
    openApp: 'Open in my app',
    nothingHappens: 'Nothing happens? Copy the key and paste it into the app.',
    otherScreen: 'Is this page on another screen? Scan this square.',
    keyLabel: 'Type or paste this key in the app:',
    copyKey: 'Copy key',
    type: 'Type the code',
    typeText: 'The app now shows six digits, and new ones every half minute.',
    /** The old key stays in the app, where its codes would be wrong for ever. */
    tooMany: (provider: string) =>
      `To be safe, this attempt has stopped. Remove ${provider} from your app, then scan the new QR code.`,
  },

  backup: {
    title: 'Last step: recovery codes',
    text: 'Your app works. But a phone gets lost, breaks or stays at home. So you get ten recovery codes: each one signs you in once, without your phone.',
    advice: 'Keep them away from your phone: on paper, for example, or in a password manager.',
    watched: 'Make sure nobody is watching your screen.',
    button: 'Show my recovery codes',
  },

  recoveryCodes: {
    title: 'Your recovery codes',
    onlyNow: 'You see these codes only once: now.',
    use: 'Lost your phone? Sign in with your password and choose “Recovery code”. Cross out each code you use.',
    once: 'Each code works once. Never give these codes to anyone, not even support.',
    keep: 'Print them, download them or write them down. Keep them on paper or in a password manager, away from your phone.',
    listLabel: 'Recovery codes',
    provider: 'Provider',
    username: 'Username',
    made: 'Made on',
    download: 'Download',
    downloadName: 'recovery-codes.txt',
    print: 'Print',
    copy: 'Copy',
    kept: 'I have saved them',
    /** The text file that a person downloads. */
    file: (provider: string, username: string, date: string, codes: readonly string[]) =>
      [
        `Recovery codes for ${provider}`,
        `Username: ${username}`,
        `Made on: ${date}`,
        '',
        ...codes,
        '',
        'Lost your phone? Sign in with your password and choose “Recovery code”. Cross out each code you use.',
        'Each code works once. Never give these codes to anyone, not even support.',
        '',
      ].join('\n'),
  },

  done: {
    title: 'You are signed in',
    titleTo: (application: string) => `You are signed in to ${application}`,
    username: 'Username',
    method: 'Sign-in method',
    since: 'Since',
    applications: 'Where would you like to go?',
    lostPhone: ({ phone }: Support) => html`Lost your phone? Call support${on(phone)} to link a new one.`,
    signOut: 'Sign out',
  },

  proven: {
    title: 'One more click',
    lead: (application: string) => `You have confirmed that it is you. Now continue to ${application}.`,
  },

  signOut: {
    title: 'Sign out?',
    text: 'You will be signed out of all panels.',
    textFrom: (application: string) => `You will be signed out of ${application} and all other panels.`,
    button: 'Sign out',
    stay: 'Stay signed in',
  },

  signedOut: {
    title: 'You are signed out',
    text: 'You can close this page.',
    start: 'Sign in again',
  },

  staff: {
    titles: { agent: 'Helpdesk', administrator: 'Your company' },
    leads: {
      agent:
        'Look a person up by user name and see how they sign in. Codes, keys and passwords are not shown. Every look is recorded.',
      administrator:
        'Look a colleague up by user name and see how they sign in. Codes, keys and passwords are not shown. Every look is recorded.',
    },
    username: 'User name',
    look: 'Look up',
    unknown: {
      agent: 'Nobody has this user name. Check how it is written.',
      administrator: 'Nobody in your company has this user name. Check how it is written.',
    },
    company: 'Company',
    account: 'Account',
    statuses: { active: 'In use', disabled: 'Switched off' },
    sessions: 'Signed in',
    sessionCount: (count: number) =>
      count === 0 ? 'Nowhere' : count === 1 ? 'In one browser' : `In ${count} browsers`,
    codes: 'Codes',
    recoveryCodes: 'Recovery codes',
    noneWrong: 'Nothing wrong typed',
    wrong: (count: number) => (count === 1 ? 'Wrong once' : `Wrong ${count} times in a row`),
    waits: (count: number, time: string) => `Wrong ${count} times: has to wait ${time}`,
    locked: (count: number) => `Locked after ${count} wrong tries`,
    methods: 'Sign-in methods',
    noMethodYet: 'None yet. This person sets one up at the first sign-in.',
    noMethodLeft: 'None left.',
    since: (date: string) => `Since ${date}`,
    used: (date: string) => `last used ${date}`,
    neverUsed: 'not used yet',
    codesLeft: (count: number) => `${count} left`,
    activity: 'What happened last',
    noActivity: 'Nothing yet.',
    /** What the audit calls its events, in words. */
    events: {
      'provider.created': 'Provider created',
      'provider.renamed': 'Provider renamed',
      'company.created': 'Company created',
      'account.created': 'Account created',
      'application.created': 'Application registered',
      'password.accepted': 'Password right',
      'password.refused': 'Password wrong',
      'factor.accepted': 'Code right',
      'factor.refused': 'Code wrong',
      'factor.locked': 'Locked after too many wrong codes',
      'enrollment.begun': 'Began to set up a sign-in method',
      'enrollment.refused': 'Wrong code while setting up',
      'authenticator.bound': 'Sign-in method set up',
      'authenticator.removed': 'Sign-in method removed',
      'sign-in.succeeded': 'Signed in',
      'sign-in.refused': 'Sign-in refused',
      'session.ended': 'Signed out',
      'signing-key.created': 'Signing key made',
      'audit-key.created': 'Audit key made',
      'store.fenced': 'The store was restored or promoted',
      'password.changed': 'Password changed',
      'password-reset.mailed': 'Link for a new password mailed',
      'password-reset.refused': 'Link for a new password refused',
      'password-reset.chosen': 'New password chosen by mail',
      'outbox.given-up': 'A message could not be delivered',
      'staff-role.granted': 'Became staff',
      'staff-role.revoked': 'Is no longer staff',
      'staff.looked': 'Looked up by staff',
    } satisfies Record<AuditEventName, string> as Readonly<Record<string, string>>,
  },

  errorPage: {
    start: 'Start again',
    incident: 'Incident number',
    detail: 'For support',
  },

  /** What happened and what to do next, for each reason a page cannot be shown. This is the closed list. */
  errors: {
    'sign-in-expired': {
      title: 'That took too long',
      text: 'To keep you safe, a sign-in stays open for a short while only.',
      next: 'Start again.',
    },
    'set-up-expired': {
      title: 'That took too long',
      text: 'To keep you safe, a sign-in stays open for a short while only.',
      next: ({ provider }: Support) =>
        html`Start again. Were you setting up the app? Remove ${provider} from it first.`,
    },
    'sign-in-over': {
      title: 'This sign-in is over',
      text: 'You have signed out, or you went on in another window or on another device.',
      next: 'Start again. It takes less than a minute.',
    },
    'sign-in-unknown': {
      title: 'We cannot find this sign-in',
      text: 'You started in another browser, or your browser refuses cookies.',
      next: 'Start again in this browser. Does it happen again? Allow cookies for this site.',
    },
    'not-found': {
      title: 'This page does not exist',
      text: 'There may be a mistake in the address, or the page has gone.',
      next: 'Check the address, or start again.',
    },
    busy: {
      title: 'It is very busy',
      text: 'More people are signing in than we can help at once. Nothing is wrong with your account.',
      // The timer says when to try again.
      next: '',
    },
    'forbidden-origin': {
      title: 'We could not process this',
      text: 'Nothing has changed.',
      next: 'Start again. Does it keep happening? Switch off your browser extensions for a moment.',
    },
    'malformed-request': {
      title: 'We did not understand that',
      text: 'Something was missing from what your browser sent, or it was not right.',
      next: 'Go back and try again, or start again.',
    },
    'too-large': {
      title: 'That was too much at once',
      text: 'Your browser sent more than we accept.',
      next: 'Go back and try again with less text, or start again.',
    },
    'method-not-allowed': {
      title: 'You cannot open this page directly',
      text: 'The address belongs to a button on another page.',
      next: 'Go back to that page, or start again.',
    },
    misdirected: {
      title: 'This is not the right address',
      text: 'You cannot sign in at this address.',
      next: ({ provider }: Support) => html`Use the one ${provider} gave you.`,
    },
    'application-refused': {
      title: 'Signing in from this panel does not work',
      text: 'We cannot accept what the panel you came from sent us. It is not your fault.',
      next: ({ phone }: Support) =>
        html`Go back to the panel and try again. Does it go wrong again? Call support${on(phone)} and tell them what it says below.`,
    },
    'no-method-left': {
      title: 'You cannot sign in now',
      text: 'You have no way to sign in right now.',
      next: ({ phone }: Support) => html`Call support${on(phone)}. They will help you sign in again.`,
    },
    'staff-only': {
      title: 'This page is for staff',
      text: 'You are signed in, but you do not have the role that this page is for.',
      next: 'Start again with a username that has it, or ask whoever manages Secondring.',
    },
    'staff-unavailable': {
      title: 'This page does not work just now',
      text: 'The part of our service that shows it does not answer. Signing in is not affected.',
      next: 'Wait a moment and try again. Does it go wrong again? Tell whoever manages Secondring.',
    },
    unavailable: {
      title: 'We cannot help you just now',
      text: 'We have a problem on our side. Nothing is wrong with your account.',
      next: 'Wait a moment and try again.',
    },
    internal: {
      title: 'Something went wrong',
      text: 'That is our fault, not yours.',
      next: ({ phone }: Support) =>
        html`Try again in a moment. Does it go wrong again? Call support${on(phone)} and mention the number below.`,
    },
    'account-disabled': {
      title: 'This account is switched off',
      text: 'You cannot sign in with it now.',
      next: ({ phone }: Support) =>
        html`Ask whoever manages the phones at your company, or call support${on(phone)}.`,
    },
    'too-many-pending': {
      title: 'Too many sign\u2011ins at once',
      text: 'Several sign-ins with this username are open at the same time.',
      next: ({ phone }: Support) =>
        html`Go on in a window that is already open, or try again in ten minutes. Were they not yours? Then somebody may know your password: call support${on(phone)}.`,
    },
  },

  /** Choosing another password, and what to do when it is forgotten. */
  passwords: {
    forgot: 'Forgot your password?',
    back: 'Back to signing in',
    ask: {
      title: 'Forgot your password?',
      lead: 'Type your user name. We mail you a link with which you choose a new password.',
      button: 'Mail me a link',
      errors: {
        malformed: 'That is no user name. Check it and try again.',
        wait: 'Links were asked for too often from here. Wait a moment before you try again.',
      },
    },
    asked: {
      title: 'Look in your mail',
      lead: 'Do we know this user name, and a mail address with it? Then a link is on its way to you.',
      late: 'No mail after a few minutes? Look among the unwanted mail, and check whether you typed your user name right.',
      old: 'Until you have signed in with a new password, your old one keeps working.',
      support: ({ provider, phone }: Support) => html`Still nothing? Call ${provider} support${on(phone)}.`,
    },
    noMail: {
      title: 'We cannot mail you',
      lead: (provider: string) =>
        `${provider} has not set up mail here, so you cannot choose a new password yourself.`,
      next: ({ phone }: Support) => html`Call support${on(phone)}. They can help you sign in again.`,
    },
    choose: {
      title: 'Choose a new password',
      lead: 'Afterwards you sign in with it and with one of your sign-in methods. Only then does it replace your old password.',
      mustLead: (provider: string) => `${provider} asks you to choose another password before you go on.`,
      label: 'New password',
      hint: 'At least 8 characters. A few words in a row are easy to remember and hard to guess.',
      button: 'Save this password',
      errors: {
        'too-short': 'That password is too short. Take at least 8 characters.',
        'too-long': 'That password is too long. Take at most 1,024 characters.',
        'about-you':
          'That password is your user name or the name of your company or provider. Whoever guesses tries those first: choose another.',
        common: 'Many people use that password, so it is tried first. Choose another.',
        unchanged: 'That is the password you have now. Choose another.',
      },
    },
    chosen: {
      title: 'Now sign in with it',
      lead: 'Sign in with your new password and one of your sign-in methods. With that it replaces your old password.',
      until: 'Do it within 24 hours. Until then your old password keeps working.',
      support: ({ provider, phone }: Support) =>
        html`Do you have no sign-in method to hand? Call ${provider} support${on(phone)}: the new password alone does not let you in.`,
      button: 'Sign in',
    },
    voidLink: {
      title: 'This link does not work any more',
      lead: 'It was used, it is over an hour old, or a newer choice took its place. To be safe a link works once.',
      button: 'Ask for a new link',
    },
  },
};

/** What every catalogue holds. */
export type Messages = typeof en;
