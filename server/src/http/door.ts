// The way in and out of the listening socket. Closing it in order is more than to stop listening: what is being answered
// is answered, a connection that is kept open hears with its next answer that it is the last, and only then is cut off
// what is left.

import type { Server, ServerResponse } from 'node:http';
import { Server as Listening } from 'node:net';

/** Who keeps a connection open and has nothing to ask for so long is let go, in milliseconds. */
const idleMs = 100;
/** What is not answered by then is cut off. */
const lastCallMs = 10_000;

export interface Door {
  /** Answers that are on their way. */
  running(): number;
  /** Takes note of an answer that is to be given. */
  enter(response: ServerResponse): void;
  /** Lets nobody in, and resolves when everybody is out. */
  close(): Promise<void>;
}

/** The door of a server that listens. */
export function createDoor(server: Server): Door {
  const answers = new Set<ServerResponse>();
  let isClosing = false;
  return {
    running: () => answers.size,
    enter(response) {
      answers.add(response);
      response.once('close', () => answers.delete(response));
      if (isClosing) response.setHeader('connection', 'close');
    },
    async close() {
      isClosing = true;
      for (const response of answers) if (!response.headersSent) response.setHeader('connection', 'close');
      // The HTTP server's own close cuts idle connections at once, together with requests that are on their way.
      const closed = new Promise((resolve) => Listening.prototype.close.call(server, resolve));
      const idle = setTimeout(() => server.closeIdleConnections(), idleMs);
      const lastCall = setTimeout(() => server.closeAllConnections(), lastCallMs);
      await closed;
      clearTimeout(idle);
      clearTimeout(lastCall);
    },
  };
}
