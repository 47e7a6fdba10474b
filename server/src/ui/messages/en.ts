/**
 * Every English sentence of the pages. The other catalogues have the type of this one, so that a sentence
 * that was forgotten in a language fails the type check.
 */
import type { AuditEventName } from '#core/audit.ts';
import { formatsFor } from './formats.ts';

const locale = 'en-GB';
const formats = formatsFor(locale);

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
  step: (step: number, steps: number) => `Step ${step} of ${steps}`,
  continueButton: 'Continue',
  signingInAs: 'Signing in as',
  notYou: 'Not you?',
  otherMethods: 'Use another sign-in method',
  support: (provider: string) => `Stuck? Call ${provider} support. They can help you sign in again.`,
  tryAgainIn: (duration: string) => `You can try again in ${duration}.`,
  tryAgainNow: 'You can try again now.',
  tryAgain: 'Try again',
  copied: 'Copied',
  /** Above a page that takes no more codes, for now or for good. */
  tooManyTitle: 'Too many wrong codes',

  /** What a sign-in method is called while it has no name of its own, and what is needed to use it. */
  methods: {
    totp: { label: 'Authenticator app', hint: 'The six digits your app shows' },
    'recovery-code': { label: 'Recovery code', hint: 'One of the codes you saved' },
    passkey: { label: 'Passkey', hint: 'Your fingerprint, face or security key' },
    phone: { label: 'Phone call', hint: 'Your phone rings' },
    app: { label: 'The app', hint: 'The code on your phone' },
  },

  signIn: {
    title: 'Sign in',
    lead: (application: string) => `to continue to ${application}`,
    onceMore: (application: string) => `Type your password once more to continue to ${application}.`,
    username: 'User name',
    password: 'Password',
    showPassword: 'Show password',
    hidePassword: 'Hide password',
    button: 'Sign in',
    errors: {
      'wrong-credentials': 'The user name or password is not right. Check both and try again.',
      wait: 'That went wrong too often.',
      busy: 'It is very busy right now. It is not you: try again in a moment.',
    },
  },

  code: {
    title: 'Type your code',
    lead: (provider: string) => `Open your authenticator app and type the six digits for ${provider}.`,
    label: 'Six-digit code',
    automatic: 'After the last digit we continue automatically.',
    locked: 'This sign-in method is now locked.',
    lockedOthers: 'Use another method below.',
    errors: {
      'wrong-code': 'That code is not right. Wait until the app shows a new one and type that.',
      wait: 'The code was wrong too often. Use a new one next time.',
      'too-many': 'To be safe this attempt has stopped. You can try again.',
      malformed: 'A code is exactly six digits. Look in your app and type them again.',
    },
  },

  recoveryCode: {
    title: 'Use a recovery code',
    lead: 'Type one of the recovery codes you saved. Each code works once.',
    label: 'Recovery code',
    hint: 'Capitals, spaces and hyphens make no difference.',
    locked: 'You cannot use recovery codes for now.',
    errors: {
      'wrong-code': 'That recovery code is not right, or it has been used. Check it, or take the next one.',
      wait: 'A recovery code was wrong too often.',
      'too-many': 'To be safe this attempt has stopped. You can try again.',
      malformed: 'That is not a whole recovery code. Compare it with the one you saved.',
    },
  },

  setUp: {
    title: 'Set up an authenticator app',
    why: 'From now on you sign in with your password and a code from your phone. A stolen password alone is then no use to anyone.',
    install: 'Install an authenticator app on your phone',
    installText:
      'Google Authenticator, Microsoft Authenticator or any other: they all work. Have one already? Use that.',
    scan: 'Scan the QR code',
    scanText: 'In the app choose “Add” or “+”, and point the camera at the square.',
    entry: (provider: string, username: string) =>
      `You will find your code in the app under ${provider}: ${username}.`,
    qrLabel: 'QR code to scan with your authenticator app',
    onPhone: 'On your phone now? Tap here:',
    openApp: 'Open in my app',
    keyLabel: 'Cannot scan? Type this key in the app:',
    copyKey: 'Copy key',
    type: 'Type the code',
    typeText: 'The app now shows six digits, and new ones every half minute.',
    errors: {
      'wrong-code':
        'That code is not right. Wait for a new one and type that. Keeps failing? Set the clock of your phone to automatic.',
      wait: 'The code was wrong too often. Use a new one next time.',
      'too-many': 'To be safe this attempt has stopped. Try again with a new QR code.',
      malformed: 'A code is exactly six digits. Look in your app and type them again.',
    },
  },

  backup: {
    title: 'Now a backup',
    text: 'Your app works. But a phone gets lost, breaks or stays at home. For that day you get ten recovery codes: each one signs you in once, without your phone.',
    advice: 'Keep them away from your phone: on paper, for example, or in a password manager.',
    watched: 'Make sure nobody is watching your screen.',
    button: 'Show my recovery codes',
  },

  recoveryCodes: {
    title: 'Your recovery codes',
    onlyNow: 'You see these codes only once: now.',
    once: 'Each code works once. Give the codes to nobody, not even to support.',
    keep: 'Print them, download them or write them down. Keep them in a safe place, not only on your phone.',
    listLabel: 'Recovery codes',
    provider: 'Provider',
    username: 'User name',
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
        `User name: ${username}`,
        `Made on: ${date}`,
        '',
        ...codes,
        '',
        'Each code works once. Keep them in a safe place and give them to nobody, not even to support.',
        '',
      ].join('\n'),
  },

  done: {
    title: 'You are signed in',
    titleTo: (application: string) => `You are signed in to ${application}`,
    username: 'User name',
    method: 'Sign-in method',
    since: 'Since',
    applications: 'Where to?',
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
    start: 'Begin again',
    incident: 'Incident number',
    detail: 'For support',
  },

  /** What happened and what to do next, for each reason a page cannot be shown. This is the closed list. */
  errors: {
    'sign-in-expired': {
      title: 'That took too long',
      text: 'To keep you safe, a sign-in stays open for a short while only.',
      next: 'Begin again. It takes less than a minute.',
    },
    'sign-in-over': {
      title: 'This sign-in is over',
      text: 'You have signed out, or you went on in another window or on another device.',
      next: 'Begin again. It takes less than a minute.',
    },
    'sign-in-unknown': {
      title: 'We do not know this sign-in',
      text: 'It was begun in another browser, or your browser refuses cookies.',
      next: 'Begin again in this browser. Does it happen again? Allow cookies for this site.',
    },
    'not-found': {
      title: 'This page does not exist',
      text: 'There may be a mistake in the address, or the page has gone.',
      next: 'Check the address, or begin again.',
    },
    busy: {
      title: 'It is very busy',
      text: 'More people are signing in than we can help at once. Nothing is wrong with your account.',
      next: 'Wait a moment and try again.',
    },
    'forbidden-origin': {
      title: 'This did not come from our page',
      text: 'Something was sent from outside our own pages. To be safe we did nothing with it.',
      next: 'Begin again. Does it keep happening? Switch off your browser extensions for a moment.',
    },
    'malformed-request': {
      title: 'We did not understand that',
      text: 'Something was missing from what your browser sent, or it was not right.',
      next: 'Go back and try again, or begin again.',
    },
    'too-large': {
      title: 'That was too much at once',
      text: 'Your browser sent more than we accept.',
      next: 'Go back and try again with less text, or begin again.',
    },
    'method-not-allowed': {
      title: 'This page does not open this way',
      text: 'The address belongs to a button on another page.',
      next: 'Go back to that page, or begin again.',
    },
    misdirected: {
      title: 'This is not the right address',
      text: 'Your browser asked for an address that does not belong to this server.',
      next: 'Use the address your provider gave you.',
    },
    'application-refused': {
      title: 'The panel sent a wrong request',
      text: 'We cannot accept what the panel you came from sent us. It is not your fault.',
      next: 'Go back to the panel and try again. Does it go wrong again? Tell support what it says below.',
    },
    'no-method-left': {
      title: 'You cannot sign in now',
      text: 'You have no sign-in method left.',
      next: 'Call support. They can help you sign in again.',
    },
    'staff-only': {
      title: 'This page is for staff',
      text: 'You are signed in, but you do not have the role that this page is for.',
      next: 'Begin again with a user name that has it, or ask whoever manages Secondring.',
    },
    'staff-unavailable': {
      title: 'This page does not work just now',
      text: 'The part of our service that shows it does not answer. Signing in is not affected.',
      next: 'Wait a moment and try again. Does it go wrong again? Tell whoever manages Secondring.',
    },
    unavailable: {
      title: 'We cannot help you just now',
      text: 'A part of our service does not answer. Nothing is wrong with your account.',
      next: 'Wait a moment and try again.',
    },
    internal: {
      title: 'Something went wrong',
      text: 'That is our fault, not yours.',
      next: 'Try again in a moment. Does it go wrong again? Call support and mention the number below.',
    },
    'account-disabled': {
      title: 'This account is switched off',
      text: 'You cannot sign in with it now.',
      next: 'Ask your administrator, or call support.',
    },
    'too-many-pending': {
      title: 'Too many sign\u2011ins at once',
      text: 'Several sign-ins with this user name are open at the same time.',
      next: 'Finish one of them, or try again in a few minutes. Were they not yours? Then somebody may know your password: call support.',
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
      support: (provider: string) => `Still nothing? Call ${provider} support.`,
    },
    noMail: {
      title: 'We cannot mail you',
      lead: (provider: string) =>
        `${provider} has not set up mail here, so you cannot choose a new password yourself.`,
      next: 'Call support. They can help you sign in again.',
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
      support: (provider: string) =>
        `Do you have no sign-in method to hand? Call ${provider} support: the new password alone does not let you in.`,
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
