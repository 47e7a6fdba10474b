// What the two processes call things between them. These headers never come from a browser and never go to one.

/** Who asks, as the main process says it (flows/staff-statement.ts). */
export const statementHeader = 'secondring-statement';

/** Whose state the page shows: an account's id, or `nobody`. */
export const foundHeader = 'secondring-found';
export const nobody = 'nobody';
