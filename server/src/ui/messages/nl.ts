/** Every Dutch sentence of the pages: "je", short, and without jargon. */
import { html } from 'hono/html';
import type { AuditEventName } from '#core/audit.ts';
import type { Messages } from './en.ts';
import { formatsFor } from './formats.ts';
import type { Support } from './support.ts';

const locale = 'nl-NL';
const formats = formatsFor(locale);

const at = (phone: Support['phone']) => (phone === '' ? '' : html` op ${phone}`);

/** The Dutch catalogue. */
export const nl: Messages = {
  languageName: 'Nederlands',
  locale,
  languages: 'Taal',
  duration: formats.duration,
  date: formats.date,
  moment: formats.moment,

  errorTitle: (title) => `Fout: ${title}`,
  step: (step, steps) => `Deel ${step} van ${steps}`,
  continueButton: 'Verder',
  signingInAs: 'Je logt in als',
  notYou: 'Ben jij dit niet?',
  otherMethods: 'Een andere inlogmethode gebruiken',
  stuck: { one: 'Kom je er niet uit?', two: 'Lukt geen van beide?', more: 'Lukt geen van alle?' },
  support: ({ provider, phone }) => html`Bel de helpdesk van ${provider}${at(phone)}.`,
  waits: {
    again: {
      until: (duration) => `Je kunt het opnieuw proberen over ${duration}.`,
      over: 'Je kunt het nu opnieuw proberen.',
    },
    newCode: {
      until: (duration) => `Typ over ${duration} een nieuwe code.`,
      over: 'Typ nu een nieuwe code.',
    },
  },
  tryAgain: 'Opnieuw proberen',
  copied: 'Gekopieerd',
  tooManyTitle: 'Te veel verkeerde codes',

  methods: {
    totp: { label: 'Authenticator-app', hint: 'De zes cijfers die je app laat zien' },
    'recovery-code': {
      label: 'Reservecode',
      hint: 'Telefoon kwijt of niet bij je? Typ een code die je hebt bewaard.',
    },
    passkey: { label: 'Passkey', hint: 'Je vingerafdruk, gezicht of beveiligingssleutel' },
    phone: { label: 'Telefoontje', hint: 'Je telefoon gaat over' },
    app: { label: 'De app', hint: 'De code op je telefoon' },
  },

  signIn: {
    title: 'Inloggen',
    lead: (application) => `om verder te gaan naar ${application}`,
    onceMore: (application) => `Typ je wachtwoord nog eens om verder te gaan naar ${application}.`,
    username: 'Gebruikersnaam',
    password: 'Wachtwoord',
    showPassword: 'Toon wachtwoord',
    hidePassword: 'Verberg wachtwoord',
    button: 'Inloggen',
    errors: {
      'wrong-credentials':
        'Gebruikersnaam of wachtwoord klopt niet. Kijk ze allebei na en probeer het opnieuw.',
      wait: 'Het is te vaak misgegaan.',
      busy: 'Het is nu erg druk. Het ligt niet aan jou: probeer het zo nog eens.',
    },
  },

  code: {
    title: 'Typ je code',
    lead: (provider) => `Open je authenticator-app en typ de zes cijfers die bij ${provider} staan.`,
    label: 'Code van zes cijfers',
    automatic: 'Na het laatste cijfer gaan we vanzelf verder.',
    locked: {
      'recovery-code':
        'Je app-code werkt nu even niet. Log één keer in met een reservecode, dan werkt hij weer.',
      others: 'Je app-code werkt nu even niet. Kies hieronder een andere methode.',
      support: 'Je kunt nu niet inloggen. Er is niets kwijt.',
    },
    errors: (provider) => ({
      'wrong-code': `Deze code klopt niet. Kijk bij ${provider} en typ de volgende code. Blijft het misgaan? Zet de klok van je telefoon op automatisch.`,
      wait: 'De code klopte te vaak niet.',
      'too-many': 'Voor de zekerheid is deze poging gestopt. Je kunt het opnieuw proberen.',
      malformed: 'Een code heeft precies zes cijfers. Kijk in je app en typ ze nog eens.',
    }),
  },

  recoveryCode: {
    title: 'Gebruik een reservecode',
    lead: 'Typ een van de reservecodes die je hebt bewaard. Elke code werkt één keer.',
    label: 'Reservecode',
    hint: '18 tekens. Hoofdletters, spaties en streepjes maken niet uit.',
    locked: 'Je kunt nu even geen reservecodes gebruiken.',
    errors: {
      'wrong-code': 'Deze reservecode klopt niet of is al gebruikt. Kijk hem na of neem de volgende.',
      wait: 'Er is te vaak een verkeerde reservecode getypt.',
      'too-many': 'Voor de zekerheid is deze poging gestopt. Je kunt het opnieuw proberen.',
      malformed: 'Een reservecode heeft 18 letters en cijfers. Kijk of je er een mist.',
    },
  },

  setUp: {
    title: 'Stel een authenticator-app in',
    why: 'Voortaan log je in met je wachtwoord én een code van je telefoon. Met alleen je wachtwoord komt dan niemand meer binnen.',
    timeLeft: (duration) => `Je hebt ${duration}. Duurt het langer? Dan begin je gewoon opnieuw.`,
    install: 'Zet een authenticator-app op je telefoon',
    installText:
      'Zoek in de App Store of Play Store naar Google Authenticator of Microsoft Authenticator. Ze zijn gratis. Heb je al zo’n app? Gebruik die.',
    link: 'Koppel de app',
    scanText: 'Kies in de app ‘Toevoegen’ of ‘+’ en richt de camera op het vierkant.',
    accountKind: 'Vraagt de app om een soort account? Kies ‘Ander account’.',
    entry: (provider, username) => `Je vindt je code straks in de app bij ${provider}: ${username}.`,
    qrLabel: 'QR-code om te scannen met je authenticator-app',
    onPhone: 'Zit je nu op je telefoon? Tik op de knop. Kom daarna terug naar deze pagina.',
    openApp: 'Open in mijn app',
    nothingHappens: 'Gebeurt er niets? Kopieer de sleutel en plak hem in de app.',
    otherScreen: 'Staat deze pagina op een ander scherm? Scan dan dit vierkant.',
    keyLabel: 'Typ of plak deze sleutel in de app:',
    copyKey: 'Kopieer sleutel',
    type: 'Typ de code',
    typeText: 'De app toont nu zes cijfers, en elke halve minuut nieuwe.',
    tooMany: (provider) =>
      `Voor de zekerheid is deze poging gestopt. Haal ${provider} uit je app en scan daarna de nieuwe QR-code.`,
  },

  backup: {
    title: 'Nu nog je reservecodes',
    text: 'Je app werkt. Maar een telefoon kun je kwijtraken, hij kan kapotgaan of nog thuis liggen. Daarom krijg je tien reservecodes. Met elke code log je één keer in, zonder je telefoon.',
    advice: 'Bewaar ze niet bij je telefoon, maar bijvoorbeeld op papier of in een wachtwoordmanager.',
    watched: 'Zorg dat niemand meekijkt op je scherm.',
    button: 'Toon mijn reservecodes',
  },

  recoveryCodes: {
    title: 'Je reservecodes',
    onlyNow: 'Je ziet deze codes maar één keer: nu.',
    use: 'Telefoon kwijt? Log in met je wachtwoord en kies ‘Reservecode’. Streep elke gebruikte code door.',
    once: 'Elke code werkt één keer. Geef de codes aan niemand, ook niet aan de helpdesk.',
    keep: 'Print ze, download ze of schrijf ze over. Bewaar ze op papier of in een wachtwoordmanager, niet bij je telefoon.',
    listLabel: 'Reservecodes',
    provider: 'Provider',
    username: 'Gebruikersnaam',
    made: 'Gemaakt op',
    download: 'Downloaden',
    downloadName: 'reservecodes.txt',
    print: 'Printen',
    copy: 'Kopiëren',
    kept: 'Ik heb ze bewaard',
    file: (provider, username, date, codes) =>
      [
        `Reservecodes voor ${provider}`,
        `Gebruikersnaam: ${username}`,
        `Gemaakt op: ${date}`,
        '',
        ...codes,
        '',
        'Telefoon kwijt? Log in met je wachtwoord en kies ‘Reservecode’. Streep elke gebruikte code door.',
        'Elke code werkt één keer. Geef de codes aan niemand, ook niet aan de helpdesk.',
        '',
      ].join('\n'),
  },

  done: {
    title: 'Je bent ingelogd',
    titleTo: (application) => `Je bent ingelogd bij ${application}`,
    username: 'Gebruikersnaam',
    method: 'Inlogmethode',
    since: 'Sinds',
    applications: 'Waar wil je heen?',
    lostPhone: ({ phone }) => html`Telefoon kwijt? Bel de helpdesk${at(phone)} voor een nieuwe koppeling.`,
    signOut: 'Uitloggen',
  },

  proven: {
    title: 'Nog één klik',
    lead: (application) => `Je hebt bevestigd dat jij het bent. Ga nu verder naar ${application}.`,
  },

  signOut: {
    title: 'Uitloggen?',
    text: 'Je wordt dan bij alle panelen uitgelogd.',
    textFrom: (application) => `Je wordt dan uitgelogd bij ${application} en bij alle andere panelen.`,
    button: 'Uitloggen',
    stay: 'Ingelogd blijven',
  },

  signedOut: {
    title: 'Je bent uitgelogd',
    text: 'Je kunt deze pagina sluiten.',
    start: 'Opnieuw inloggen',
  },

  staff: {
    titles: { agent: 'Helpdesk', administrator: 'Je bedrijf' },
    leads: {
      agent:
        'Zoek iemand op gebruikersnaam en zie hoe diegene inlogt. Codes, sleutels en wachtwoorden zie je niet. Elke keer dat je kijkt, wordt vastgelegd.',
      administrator:
        'Zoek een collega op gebruikersnaam en zie hoe diegene inlogt. Codes, sleutels en wachtwoorden zie je niet. Elke keer dat je kijkt, wordt vastgelegd.',
    },
    username: 'Gebruikersnaam',
    look: 'Opzoeken',
    unknown: {
      agent: 'Niemand heeft deze gebruikersnaam. Kijk na hoe je hem schrijft.',
      administrator: 'Niemand in je bedrijf heeft deze gebruikersnaam. Kijk na hoe je hem schrijft.',
    },
    company: 'Bedrijf',
    account: 'Account',
    statuses: { active: 'In gebruik', disabled: 'Uitgezet' },
    sessions: 'Ingelogd',
    sessionCount: (count) =>
      count === 0 ? 'Nergens' : count === 1 ? 'In één browser' : `In ${count} browsers`,
    codes: 'Codes',
    recoveryCodes: 'Reservecodes',
    noneWrong: 'Niets fout getypt',
    wrong: (count) => (count === 1 ? 'Eén keer fout' : `${count} keer achter elkaar fout`),
    waits: (count, time) => `${count} keer fout: moet ${time} wachten`,
    locked: (count) => `Op slot na ${count} foute pogingen`,
    methods: 'Inlogmethodes',
    noMethodYet: 'Nog geen. Deze persoon stelt er een in bij de eerste keer inloggen.',
    noMethodLeft: 'Geen meer over.',
    since: (date) => `Sinds ${date}`,
    used: (date) => `laatst gebruikt op ${date}`,
    neverUsed: 'nog niet gebruikt',
    codesLeft: (count) => `nog ${count}`,
    activity: 'Wat er het laatst gebeurde',
    noActivity: 'Nog niets.',
    events: {
      'provider.created': 'Provider aangemaakt',
      'provider.renamed': 'Provider hernoemd',
      'company.created': 'Bedrijf aangemaakt',
      'account.created': 'Account aangemaakt',
      'application.created': 'Toepassing aangemeld',
      'password.accepted': 'Wachtwoord goed',
      'password.refused': 'Wachtwoord fout',
      'factor.accepted': 'Code goed',
      'factor.refused': 'Code fout',
      'factor.locked': 'Op slot na te veel foute codes',
      'enrollment.begun': 'Begon een inlogmethode in te stellen',
      'enrollment.refused': 'Foute code bij het instellen',
      'authenticator.bound': 'Inlogmethode ingesteld',
      'authenticator.removed': 'Inlogmethode verwijderd',
      'sign-in.succeeded': 'Ingelogd',
      'sign-in.refused': 'Inloggen geweigerd',
      'session.ended': 'Uitgelogd',
      'signing-key.created': 'Ondertekensleutel gemaakt',
      'audit-key.created': 'Auditsleutel gemaakt',
      'store.fenced': 'De opslag is teruggezet of overgenomen',
      'password.changed': 'Wachtwoord gewijzigd',
      'password-reset.mailed': 'Link voor een nieuw wachtwoord gemaild',
      'password-reset.refused': 'Link voor een nieuw wachtwoord geweigerd',
      'password-reset.chosen': 'Nieuw wachtwoord gekozen via mail',
      'outbox.given-up': 'Een bericht kon niet worden bezorgd',
      'staff-role.granted': 'Werd medewerker',
      'staff-role.revoked': 'Is geen medewerker meer',
      'staff.looked': 'Opgezocht door een medewerker',
    } satisfies Record<AuditEventName, string>,
  },

  errorPage: {
    start: 'Opnieuw beginnen',
    incident: 'Storingsnummer',
    detail: 'Voor de helpdesk',
  },

  errors: {
    'sign-in-expired': {
      title: 'Het inloggen duurde te lang',
      text: 'Voor je veiligheid blijft een inlogpoging maar kort open.',
      next: 'Begin opnieuw.',
    },
    'set-up-expired': {
      title: 'Het inloggen duurde te lang',
      text: 'Voor je veiligheid blijft een inlogpoging maar kort open.',
      next: ({ provider }) =>
        html`Begin opnieuw. Was je de app aan het instellen? Haal ${provider} dan eerst uit je app.`,
    },
    'sign-in-over': {
      title: 'Deze inlogpoging is voorbij',
      text: 'Je bent uitgelogd, of je bent ergens anders verdergegaan: in een ander venster of op een ander apparaat.',
      next: 'Begin opnieuw. Het is zo gebeurd.',
    },
    'sign-in-unknown': {
      title: 'We kennen deze inlogpoging niet',
      text: 'Je bent in een andere browser begonnen, of je browser weigert cookies.',
      next: 'Begin opnieuw in deze browser. Gebeurt het weer? Sta dan cookies toe voor deze site.',
    },
    'not-found': {
      title: 'Deze pagina bestaat niet',
      text: 'Misschien zit er een foutje in het adres, of is de pagina weg.',
      next: 'Kijk het adres na of begin opnieuw.',
    },
    busy: {
      title: 'Het is erg druk',
      text: 'Er loggen nu meer mensen in dan we tegelijk kunnen helpen. Met je account is niets mis.',
      next: '',
    },
    'forbidden-origin': {
      title: 'Dit konden we niet verwerken',
      text: 'Er is niets veranderd.',
      next: 'Begin opnieuw. Blijft het gebeuren? Zet dan je browserextensies even uit.',
    },
    'malformed-request': {
      title: 'Dit begrepen we niet',
      text: 'Er ontbrak iets aan wat je browser verstuurde, of het klopte niet.',
      next: 'Ga terug en probeer het nog eens, of begin opnieuw.',
    },
    'too-large': {
      title: 'Dit was te veel in één keer',
      text: 'Je browser verstuurde meer dan we aannemen.',
      next: 'Ga terug en probeer het met minder tekst, of begin opnieuw.',
    },
    'method-not-allowed': {
      title: 'Zo kun je deze pagina niet openen',
      text: 'Dit adres hoort bij een knop op een andere pagina.',
      next: 'Ga terug naar die pagina of begin opnieuw.',
    },
    misdirected: {
      title: 'Dit is niet het juiste adres',
      text: 'Op dit adres kun je niet inloggen.',
      next: ({ provider }) => html`Gebruik het adres dat je van ${provider} kreeg.`,
    },
    'application-refused': {
      title: 'Inloggen vanuit dit paneel lukt niet',
      text: 'Het paneel waar je vandaan komt, stuurde iets wat we niet kunnen aannemen. Het ligt niet aan jou.',
      next: ({ phone }) =>
        html`Ga terug naar het paneel en probeer het nog eens. Gaat het weer mis? Bel dan de helpdesk${at(phone)} en vertel wat hieronder staat.`,
    },
    'no-method-left': {
      title: 'Je kunt nu niet inloggen',
      text: 'Je hebt nu geen manier om in te loggen.',
      next: ({ phone }) => html`Bel de helpdesk${at(phone)}. Die helpt je om weer in te loggen.`,
    },
    'staff-only': {
      title: 'Deze pagina is voor medewerkers',
      text: 'Je bent ingelogd, maar je hebt niet de rol waarvoor deze pagina is.',
      next: 'Begin opnieuw met een gebruikersnaam die hem heeft, of vraag het aan wie Secondring beheert.',
    },
    'staff-unavailable': {
      title: 'Deze pagina werkt nu even niet',
      text: 'Het onderdeel dat hem laat zien, geeft geen antwoord. Inloggen werkt gewoon.',
      next: 'Wacht even en probeer het opnieuw. Gaat het weer mis? Meld het aan wie Secondring beheert.',
    },
    unavailable: {
      title: 'We kunnen je nu even niet helpen',
      text: 'Er is een storing bij ons. Met je account is niets mis.',
      next: 'Wacht even en probeer het opnieuw.',
    },
    internal: {
      title: 'Er ging iets mis',
      text: 'Het ligt aan ons, niet aan jou.',
      next: ({ phone }) =>
        html`Probeer het zo nog eens. Gaat het weer mis? Bel dan de helpdesk${at(phone)} en noem het nummer hieronder.`,
    },
    'account-disabled': {
      title: 'Dit account is uitgeschakeld',
      text: 'Je kunt er nu niet mee inloggen.',
      next: ({ phone }) =>
        html`Vraag het degene die bij jullie de telefoons regelt, of bel de helpdesk${at(phone)}.`,
    },
    'too-many-pending': {
      title: 'Te veel inlogpogingen tegelijk',
      text: 'Er staan meerdere inlogpogingen met deze gebruikersnaam open.',
      next: ({ phone }) =>
        html`Ga verder in een venster dat al openstaat, of probeer het over tien minuten opnieuw. Was jij dit niet? Dan kent iemand misschien je wachtwoord: bel de helpdesk${at(phone)}.`,
    },
  },

  passwords: {
    forgot: 'Wachtwoord vergeten?',
    back: 'Terug naar inloggen',
    ask: {
      title: 'Wachtwoord vergeten?',
      lead: 'Typ je gebruikersnaam. We mailen je een link waarmee je een nieuw wachtwoord kiest.',
      button: 'Mail mij een link',
      errors: {
        malformed: 'Dat is geen gebruikersnaam. Kijk hem na en probeer het opnieuw.',
        wait: 'Er zijn hiervandaan te vaak links aangevraagd. Wacht even voordat je het opnieuw probeert.',
      },
    },
    asked: {
      title: 'Kijk in je mail',
      lead: 'Kennen we deze gebruikersnaam, en een mailadres erbij? Dan is er een link naar je onderweg.',
      late: 'Na een paar minuten nog geen mail? Kijk bij de ongewenste mail, en kijk na of je je gebruikersnaam goed typte.',
      old: 'Tot je met een nieuw wachtwoord bent ingelogd, blijft je oude werken.',
      support: ({ provider, phone }) => html`Nog steeds niets? Bel de helpdesk van ${provider}${at(phone)}.`,
    },
    noMail: {
      title: 'We kunnen je niet mailen',
      lead: (provider) =>
        `${provider} heeft hier geen mail ingesteld. Daarom kun je niet zelf een nieuw wachtwoord kiezen.`,
      next: ({ phone }) => html`Bel de helpdesk${at(phone)}. Die kan je weer helpen inloggen.`,
    },
    choose: {
      title: 'Kies een nieuw wachtwoord',
      lead: 'Daarna log je ermee in, samen met een van je inlogmethodes. Pas dan vervangt het je oude wachtwoord.',
      mustLead: (provider) => `${provider} vraagt je een ander wachtwoord te kiezen voordat je verdergaat.`,
      label: 'Nieuw wachtwoord',
      hint: 'Minstens 8 tekens. Een paar woorden achter elkaar zijn makkelijk te onthouden en moeilijk te raden.',
      button: 'Dit wachtwoord bewaren',
      errors: {
        'too-short': 'Dat wachtwoord is te kort. Neem minstens 8 tekens.',
        'too-long': 'Dat wachtwoord is te lang. Neem hoogstens 1024 tekens.',
        'about-you':
          'Dat wachtwoord is je gebruikersnaam of de naam van je bedrijf of provider. Wie raadt, probeert die als eerste: kies een ander.',
        common: 'Veel mensen gebruiken dat wachtwoord, dus het wordt als eerste geprobeerd. Kies een ander.',
        unchanged: 'Dat is het wachtwoord dat je nu hebt. Kies een ander.',
      },
    },
    chosen: {
      title: 'Log er nu mee in',
      lead: 'Log in met je nieuwe wachtwoord en een van je inlogmethodes. Daarmee vervangt het je oude wachtwoord.',
      until: 'Doe dat binnen 24 uur. Tot dan blijft je oude wachtwoord werken.',
      support: ({ provider, phone }) =>
        html`Heb je geen inlogmethode bij de hand? Bel de helpdesk van ${provider}${at(phone)}: met alleen het nieuwe wachtwoord kom je niet binnen.`,
      button: 'Inloggen',
    },
    voidLink: {
      title: 'Deze link werkt niet meer',
      lead: 'Hij is gebruikt, hij is meer dan een uur oud, of een nieuwere keuze kwam ervoor in de plaats. Voor je veiligheid werkt een link maar één keer.',
      button: 'Nieuwe link aanvragen',
    },
  },
};
