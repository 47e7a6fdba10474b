// One kept-alive connection that speaks just enough HTTP/1.1 for the bench: fetch would take more CPU than the
// service it measures.

import { connect, type Socket } from 'node:net';

export interface Reply {
  readonly status: number;
  readonly location: string | undefined;
  readonly cookies: readonly string[];
  readonly body: string;
}

export class HttpConnection {
  readonly #socket: Socket;
  #buffer = Buffer.alloc(0);
  #waiting: { resolve: (reply: Reply) => void; reject: (error: Error) => void } | undefined;

  constructor(port: number) {
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.#socket.on('data', (chunk) => {
      this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
      this.#take();
    });
    this.#socket.on('error', (error) => this.#waiting?.reject(error));
    this.#socket.on('close', () => this.#waiting?.reject(new Error('the connection was closed')));
  }

  /** Sends a request, given as its head without the last empty line and its body, and awaits the reply. */
  send(head: string, body = ''): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#waiting = { resolve, reject };
      this.#socket.write(`${head}\r\n\r\n${body}`);
    });
  }

  close(): void {
    this.#waiting = undefined;
    this.#socket.destroy();
  }

  #take(): void {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const head = this.#buffer.toString('latin1', 0, end);
    const length = Number(/\r\ncontent-length: (\d+)/i.exec(head)?.[1] ?? 0);
    const isChunked = /\r\ntransfer-encoding: chunked/i.test(head);
    const chunkedEnd = isChunked ? this.#buffer.indexOf('0\r\n\r\n', end + 4) : -1;
    if (isChunked && chunkedEnd < 0) return;
    const total = isChunked ? chunkedEnd + 5 : end + 4 + length;
    if (this.#buffer.length < total) return;
    const body = this.#buffer.toString('utf8', end + 4, total);
    this.#buffer = this.#buffer.subarray(total);
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.resolve({
      status: Number(head.slice(9, 12)),
      location: /\r\nlocation: ([^\r]+)/i.exec(head)?.[1],
      cookies: [...head.matchAll(/\r\nset-cookie: ([^;\r]+)/gi)].map((match) => match[1] ?? ''),
      body,
    });
  }
}
