// What is protected: an OIDC client or our own pages, and whether it wants a second factor (F6).

export type SecondFactorDemand = 'required' | 'optional' | 'none';

/** An application people sign in to. */
export interface Application {
  readonly id: string;
  readonly name: string;
  readonly secondFactor: SecondFactorDemand;
  /** Where the person finds the application; shown as a link after a sign-in that began here. */
  readonly homeUrl: string | undefined;
}

/** The application that stands for Secondring's own pages; every store has it. */
export const ownPagesApplicationId = 'secondring';
