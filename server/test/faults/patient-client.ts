// A browser whose person tries again: a request that was not answered is sent once more when the service is back, the
// way somebody presses reload, with the same form and the same code in it.

import { type WebAnswer, WebClient } from '../support/web-client.ts';

/** What tells when the service can be asked. */
export interface Availability {
  /** Resolves when it is up. */
  up(): Promise<void>;
  /** Told of each request that is about to be sent. */
  sending(): void;
}

const triesWhileUp = 20;

export class PatientClient extends WebClient {
  readonly #service: Availability;
  /** Whether anything that this browser sent stayed without an answer. */
  wasInterrupted = false;

  constructor(service: Availability) {
    // A connection of its own for each request, so that the next one may go to another process.
    super({ connection: 'close' });
    this.#service = service;
  }

  override async send(...request: Parameters<WebClient['send']>): Promise<WebAnswer> {
    let life: Promise<void> | undefined;
    for (let tries = 1; ; tries += 1) {
      const up = this.#service.up();
      // Only what the same process leaves without an answer over and over is a fault.
      if (up !== life) tries = 1;
      life = up;
      await up;
      this.#service.sending();
      try {
        return await super.send(...request);
      } catch (error) {
        // What fetch calls a failure of the network is a TypeError; everything else is a fault of the test.
        if (!(error instanceof TypeError) || tries === triesWhileUp) throw error;
        this.wasInterrupted = true;
        // The end of the connection is heard of before the end of the process.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    }
  }
}
