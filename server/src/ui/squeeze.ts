/**
 * Makes the stylesheet and the script as small as they have to travel. They are written to be read and served
 * at every sign-in; what lies between the two is comments and white space, and leaving those out needs no
 * build step. Both functions are for our own files only: no string of theirs holds a comment or depends on
 * white space.
 */

/** Leaves out of a stylesheet the comments and the white space that means nothing. */
export const squeezeCss = (source: string): string =>
  source
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ ?([{};,>]) ?/g, '$1')
    .replaceAll(': ', ':')
    .replaceAll(';}', '}')
    .trim();

/**
 * Leaves out of a script, its types already stripped, the comments on lines of their own and the indentation.
 */
export const squeezeScript = (source: string): string =>
  source
    .replaceAll(/^\s*\/\*.*?\*\/$/gms, '')
    .replaceAll(/^\s*\/\/.*$/gm, '')
    .replaceAll(/^\s+|[ \t]+$/gm, '');
