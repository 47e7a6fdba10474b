/**
 * Which languages there are and which one a person gets. Adding a language is one catalogue file beside this
 * one and its name in `catalogues`.
 */
import { en, type Messages } from './en.ts';
import { nl } from './nl.ts';

export type { Messages };

/** The default language comes first. */
const catalogues = { en, nl } satisfies Record<string, Messages>;

/** A language that has a catalogue. */
export type Language = keyof typeof catalogues;

/** Every language, the default first. */
export const languages = Object.keys(catalogues) as readonly Language[];

/** The sentences of a language. */
export const messagesFor = (language: Language): Messages => catalogues[language];

const isLanguage = (name: string): name is Language => Object.hasOwn(catalogues, name);

/** No browser lists more languages than this; what follows is not read. */
const maximumRanges = 20;

/**
 * The language for a request: what the person chose, else the best match of Accept-Language (RFC 9110
 * §12.5.4, on the primary subtag, so that nl-BE reads Dutch), else the default.
 */
export const chooseLanguage = (acceptLanguage: string | undefined, chosen: string | undefined): Language => {
  if (chosen !== undefined && isLanguage(chosen)) return chosen;
  let best: Language = 'en';
  let bestQuality = 0;
  for (const range of (acceptLanguage ?? '').split(',', maximumRanges)) {
    const [tag = '', ...parameters] = range.split(';');
    const primary = tag.trim().toLowerCase().split('-', 1)[0] ?? '';
    const quality = qualityOf(parameters);
    if (isLanguage(primary) && quality > bestQuality) {
      best = primary;
      bestQuality = quality;
    }
  }
  return best;
};

const qualityOf = (parameters: readonly string[]): number => {
  for (const parameter of parameters) {
    const [name, value] = parameter.split('=', 2);
    if (name?.trim().toLowerCase() === 'q') return Number(value) || 0;
  }
  return 1;
};
