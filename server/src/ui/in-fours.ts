/** Long letters and digits as people can read them aloud and copy them: in groups of four. */
export const inFours = (text: string): string =>
  text
    .replaceAll(' ', '')
    .match(/.{1,4}/g)
    ?.join(' ') ?? '';
