/**
 * Durations and dates as people write them, for each language, so that a catalogue holds sentences and no
 * arithmetic. Everything comes from Intl; its objects are made once a language, because making one costs more
 * than a whole page.
 */

/** How one language writes numbers and moments. */
export type Formats = {
  /** "12 seconds", "3 minutes", "2 hours": rounded up, in the largest unit that still says enough. */
  duration(seconds: number): string;
  /** A day: "22 November 2025". */
  date(atMs: number): string;
  /** A moment with its time zone, for pages that cannot know where the reader is. */
  moment(atMs: number): string;
};

const unitSeconds = { hour: 3600, minute: 60, second: 1 } as const;

/** Makes the formats of one locale. */
export const formatsFor = (locale: string): Formats => {
  const unit = (name: keyof typeof unitSeconds) =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'long' });
  const units = { hour: unit('hour'), minute: unit('minute'), second: unit('second') };
  const date = new Intl.DateTimeFormat(locale, { dateStyle: 'long' });
  const moment = new Intl.DateTimeFormat(locale, {
    day: 'numeric',
    month: 'long',
    hour: '2-digit',
    minute: '2-digit',
    timeZoneName: 'short',
  });
  return {
    duration(seconds) {
      const whole = Math.max(1, Math.ceil(seconds));
      const name =
        whole >= 2 * unitSeconds.hour ? 'hour' : whole >= 2 * unitSeconds.minute ? 'minute' : 'second';
      return units[name].format(Math.ceil(whole / unitSeconds[name]));
    },
    date: (atMs) => date.format(atMs),
    moment: (atMs) => moment.format(atMs),
  };
};
