// The pages of a demo panel, in two languages: as much as it takes to see who came in.

import { html } from 'hono/html';

export interface PanelVisitor {
  readonly username: string;
  readonly company: string;
  readonly amr: readonly string[];
  readonly acr: string;
  readonly authTime: Date;
  readonly idToken: string;
  readonly sid: string;
}

/** Which of the provider's panels it plays. */
export type PanelKind = 'uc-panel' | 'company-panel';

type Language = 'nl' | 'en';

const words = {
  en: {
    panels: {
      'uc-panel': { title: 'UC panel', welcome: 'Your telephone settings, for demonstration.' },
      'company-panel': { title: 'Company panel', welcome: 'Your company’s telephones, for demonstration.' },
    },
    signIn: 'Sign in',
    signOut: 'Sign out',
    hello: 'You are in',
    who: 'Who',
    company: 'Company',
    how: 'How',
    when: 'When',
    trouble: 'Signing in did not work',
    again: 'Try again',
    locale: 'en-GB',
    methods: { pwd: 'password', otp: 'one-time code', mfa: 'both checked by Secondring' },
  },
  nl: {
    panels: {
      'uc-panel': { title: 'UC panel', welcome: 'Je telefooninstellingen, ter demonstratie.' },
      'company-panel': { title: 'Company panel', welcome: 'De telefoons van je bedrijf, ter demonstratie.' },
    },
    signIn: 'Inloggen',
    signOut: 'Uitloggen',
    hello: 'Je bent binnen',
    who: 'Wie',
    company: 'Bedrijf',
    how: 'Hoe',
    when: 'Wanneer',
    trouble: 'Inloggen is niet gelukt',
    again: 'Probeer het opnieuw',
    locale: 'nl-NL',
    methods: { pwd: 'wachtwoord', otp: 'eenmalige code', mfa: 'allebei gecontroleerd door Secondring' },
  },
} as const;

const colors = { 'uc-panel': '#0b5c56', 'company-panel': '#5b3a8c' } as const;

/** Makes the pages of one panel. */
export function createPanelPages(kind: PanelKind) {
  return {
    stylesheet: stylesheetIn(colors[kind]),

    /** For who is not signed in. */
    strangerPage(language: Language): string {
      const text = words[language];
      return frame(
        kind,
        language,
        html`<p>${text.panels[kind].welcome}</p>
<form method="post" action="/sign-in"><button>${text.signIn}</button></form>`,
      );
    },

    /** For who is: who came in, how and when, as the ID token says. */
    panelPage(language: Language, visitor: PanelVisitor): string {
      const text = words[language];
      const methods: Readonly<Record<string, string>> = text.methods;
      const when = new Intl.DateTimeFormat(text.locale, { dateStyle: 'long', timeStyle: 'medium' });
      return frame(
        kind,
        language,
        html`<h2>${text.hello}</h2>
<dl>
<dt>${text.who}</dt><dd id="who">${visitor.username}</dd>
<dt>${text.company}</dt><dd>${visitor.company}</dd>
<dt>${text.how}</dt><dd id="how">${visitor.amr.flatMap((value) => methods[value] ?? []).join(', ')}</dd>
<dt>amr</dt><dd><code id="amr">${visitor.amr.join(' ')}</code></dd>
<dt>acr</dt><dd><code id="acr">${visitor.acr}</code></dd>
<dt>${text.when}</dt><dd id="when">${when.format(visitor.authTime)}</dd>
</dl>
<form method="post" action="/sign-out"><button>${text.signOut}</button></form>`,
      );
    },

    /** When the sign-in came back with an error. */
    troublePage(language: Language, message: string): string {
      const text = words[language];
      return frame(
        kind,
        language,
        html`<h2>${text.trouble}</h2><p><code>${message}</code></p>
<form method="post" action="/sign-in"><button>${text.again}</button></form>`,
      );
    },
  };
}

function frame(kind: PanelKind, language: Language, content: ReturnType<typeof html>): string {
  const { title } = words[language].panels[kind];
  return String(html`<!doctype html>
<html lang="${language}">
<head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="data:,"><link rel="stylesheet" href="/style.css"></head>
<body><header><h1>${title}</h1></header><main>${content}</main></body>
</html>`);
}

const stylesheetIn = (color: string) => `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; background: light-dark(#f2f5f3, #151a17); color: light-dark(#1a2420, #e6ede9); }
header { background: ${color}; color: #fff; padding: .5rem 1.5rem; }
h1 { font-size: 1.25rem; }
main { max-width: 40rem; margin: 2rem auto; padding: 0 1.5rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .5rem 1.5rem; }
dt { font-weight: 600; }
dd { margin: 0; overflow-wrap: anywhere; }
button { font: inherit; min-height: 44px; padding: 0 1.5rem; border: 0; border-radius: .5rem; background: ${color}; color: #fff; }
`;
