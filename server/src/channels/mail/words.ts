// The words of every letter, in every language. A letter is paragraphs and at most one link, so that its plain text
// and its HTML say the same.

import type { Language, Letter } from '#core/letter.ts';

export interface Wording {
  readonly subject: string;
  readonly paragraphs: readonly string[];
  readonly link?: { readonly label: string; readonly path: string };
  /** After the link. */
  readonly closing: readonly string[];
}

type Words = {
  readonly [Kind in Letter['letter']]: (
    letter: Extract<Letter, { readonly letter: Kind }>,
    provider: string,
  ) => Wording;
};

const moment = (locale: string, atMs: number) =>
  new Intl.DateTimeFormat(locale, { dateStyle: 'long', timeStyle: 'long', timeZone: 'UTC' }).format(atMs);

/** Where the link of a reset leads, below the public address. */
const resetPath = (token: string) => `/reset-password/${token}`;

const words: Readonly<Record<Language, Words>> = {
  en: {
    'password-reset': ({ username, token, lifeMinutes }, provider) => ({
      subject: `Choose a new password for ${provider}`,
      paragraphs: [
        `A new password was asked for the user name ${username}.`,
        `Choose it with this link. It works once, for the next ${lifeMinutes} minutes:`,
      ],
      link: { label: 'Choose a new password', path: resetPath(token) },
      closing: [
        'Afterwards you sign in with the new password and one of your sign-in methods. Only then does it replace the old one.',
        'Was it not you who asked? Then do nothing: your password stays as it is. Give this link to nobody, not even to support.',
      ],
    }),
    'password-reset-impossible': ({ username }, provider) => ({
      subject: `Your password for ${provider}`,
      paragraphs: [
        `A new password was asked for the user name ${username}.`,
        'We cannot let you choose one by mail: you have no sign-in method with which you could show that it is you.',
        `Call ${provider} support. They can help you sign in.`,
      ],
      closing: ['Was it not you who asked? Then do nothing: your password stays as it is.'],
    }),
    'password-changed': ({ username, atMs }, provider) => ({
      subject: `Your password for ${provider} was changed`,
      paragraphs: [
        `The password of the user name ${username} was changed on ${moment('en-GB', atMs)}.`,
        'Wherever you were still signed in with the old password, you have been signed out.',
      ],
      closing: [
        `Was it not you? Then somebody has one of your sign-in methods. Call ${provider} support at once, and do not use a number or a link from any mail to do so.`,
      ],
    }),
  },
  nl: {
    'password-reset': ({ username, token, lifeMinutes }, provider) => ({
      subject: `Kies een nieuw wachtwoord voor ${provider}`,
      paragraphs: [
        `Er is een nieuw wachtwoord aangevraagd voor de gebruikersnaam ${username}.`,
        `Kies het met deze link. Hij werkt één keer, de komende ${lifeMinutes} minuten:`,
      ],
      link: { label: 'Nieuw wachtwoord kiezen', path: resetPath(token) },
      closing: [
        'Daarna log je in met het nieuwe wachtwoord en een van je inlogmethodes. Pas dan vervangt het je oude wachtwoord.',
        'Heb jij dit niet aangevraagd? Doe dan niets: je wachtwoord blijft zoals het is. Geef deze link aan niemand, ook niet aan de helpdesk.',
      ],
    }),
    'password-reset-impossible': ({ username }, provider) => ({
      subject: `Je wachtwoord voor ${provider}`,
      paragraphs: [
        `Er is een nieuw wachtwoord aangevraagd voor de gebruikersnaam ${username}.`,
        'Per mail kunnen we je er geen laten kiezen: je hebt geen inlogmethode waarmee je kunt laten zien dat jij het bent.',
        `Bel de helpdesk van ${provider}. Die kan je helpen inloggen.`,
      ],
      closing: ['Heb jij dit niet aangevraagd? Doe dan niets: je wachtwoord blijft zoals het is.'],
    }),
    'password-changed': ({ username, atMs }, provider) => ({
      subject: `Je wachtwoord voor ${provider} is gewijzigd`,
      paragraphs: [
        `Het wachtwoord van de gebruikersnaam ${username} is gewijzigd op ${moment('nl-NL', atMs)}.`,
        'Waar je nog met het oude wachtwoord was ingelogd, ben je nu uitgelogd.',
      ],
      closing: [
        `Was jij dit niet? Dan heeft iemand een van je inlogmethodes. Bel meteen de helpdesk van ${provider}, en gebruik daarvoor geen nummer of link uit een mail.`,
      ],
    }),
  },
};

/** What a letter says. */
export function wordingOf(letter: Letter, provider: string): Wording {
  const write = words[letter.language][letter.letter] as (letter: Letter, provider: string) => Wording;
  return write(letter, provider);
}
