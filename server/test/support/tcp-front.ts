// What stands between two programs on the network, in the hand of a test: a reverse proxy in front of replicas, or the
// wire to the database. It can send each connection to the next replica, cut all of them, cut one in the middle of
// what it says, or let nothing through while everything seems to be connected.

import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';

interface Pair {
  readonly near: Socket;
  readonly far: Socket;
}

export interface TcpFront {
  readonly port: number;
  /** Where connections go from now on, in turn; one that does not answer is passed over. */
  to(...ports: readonly number[]): void;
  /** Cuts every connection now. */
  cutAll(): void;
  /** Cuts the connection that says so many more bytes to the far side (`up`) or gets them from it (`down`), once. */
  cutAfter(bytes: number, direction: 'up' | 'down'): Promise<void>;
  /** Lets nothing through, and closes nothing, until it is released. */
  hold(): void;
  release(): void;
  close(): Promise<void>;
}

/** Listens on a port of the kernel's. */
export async function openTcpFront(): Promise<TcpFront> {
  const pairs = new Set<Pair>();
  let targets: readonly number[] = [];
  let turn = 0;
  let isHeld = false;
  let cut: { left: number; readonly direction: 'up' | 'down'; readonly done: () => void } | undefined;

  const server = createServer({ noDelay: true }, (near) => {
    near.on('error', () => near.destroy());
    turn += 1;
    void reach(targets, turn).then((far) => {
      if (far === undefined) near.destroy();
      else join(near, far);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function join(near: Socket, far: Socket): void {
    const pair = { near, far };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      near.destroy();
      far.destroy();
    };
    near.on('error', end).on('close', end);
    far.on('error', end).on('close', end);
    if (near.destroyed) {
      end();
      return;
    }
    pass(near, far, 'up', end);
    pass(far, near, 'down', end);
    if (isHeld) pause(pair);
  }

  function pass(from: Socket, to: Socket, direction: 'up' | 'down', end: () => void): void {
    from.on('data', (bytes) => {
      if (cut === undefined || cut.direction !== direction) return void to.write(bytes);
      if (bytes.length < cut.left) {
        cut.left -= bytes.length;
        return void to.write(bytes);
      }
      const { left, done } = cut;
      cut = undefined;
      // What was let through arrives before the end does.
      to.end(bytes.subarray(0, left), () => {
        end();
        done();
      });
      from.pause();
    });
  }

  function cutAll(): void {
    for (const { near, far } of pairs) {
      near.destroy();
      far.destroy();
    }
  }

  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    to(...ports) {
      targets = ports;
    },
    cutAll,
    cutAfter(bytes, direction) {
      return new Promise((done) => {
        cut = { left: Math.max(1, bytes), direction, done };
      });
    },
    hold() {
      isHeld = true;
      for (const pair of pairs) pause(pair);
    },
    release() {
      isHeld = false;
      for (const { near, far } of pairs) {
        near.resume();
        far.resume();
      }
    },
    async close() {
      server.close();
      cutAll();
      await once(server, 'close');
    },
  };
}

function pause({ near, far }: Pair): void {
  near.pause();
  far.pause();
}

/** The first target that answers, beginning with the one whose turn it is. */
async function reach(targets: readonly number[], turn: number): Promise<Socket | undefined> {
  for (let tries = 0; tries < targets.length; tries += 1) {
    const port = targets[(turn + tries) % targets.length] ?? 0;
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (isThere) return socket;
    socket.destroy();
  }
  return undefined;
}
