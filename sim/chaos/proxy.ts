/**
 * A proxy that stands between one node that dials and one that listens. Both ways of its
 * connections run over a wire each, and break as it is told.
 */
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { Pipe } from './pipe.ts';
import type { Wire } from './wire.ts';

const LOOPBACK = '127.0.0.1';

export interface ProxyOptions {
  /** Of the node that listens, on loopback. */
  readonly targetPort: number;
  /** What the dialler sends, and what it gets. */
  readonly there: Wire;
  readonly back: Wire;
}

interface Connection {
  readonly dialler: Socket;
  readonly listener: Socket;
}

export class FaultProxy {
  readonly #options: ProxyOptions;
  readonly #server: Server;
  readonly #connections = new Set<Connection>();
  #refusals = 0;

  private constructor(options: ProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket));
  }

  /** Listens on a free port of loopback. */
  static async open(options: ProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject).listen(0, LOOPBACK, resolve);
    });
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** Every connection ends with a reset. */
  reset(): void {
    for (const { dialler, listener } of [...this.#connections]) {
      dialler.resetAndDestroy();
      listener.resetAndDestroy();
    }
  }

  /** One side loses its connections; the other is told nothing. */
  halfOpen(loses: 'dialler' | 'listener'): void {
    for (const connection of [...this.#connections]) {
      const [lost, kept] =
        loses === 'dialler'
          ? [connection.dialler, connection.listener]
          : [connection.listener, connection.dialler];
      kept.removeAllListeners('data').resume();
      lost
        .removeAllListeners('close')
        .removeAllListeners('end')
        .on('error', () => {});
      lost.resetAndDestroy();
    }
  }

  refuse(by: 1 | -1): void {
    this.#refusals += by;
  }

  async close(): Promise<void> {
    this.reset();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(dialler: Socket): void {
    if (this.#refusals > 0) {
      dialler.on('error', () => {});
      dialler.resetAndDestroy();
      return;
    }
    const { targetPort, there, back } = this.#options;
    const listener = connect({ port: targetPort, host: LOOPBACK, allowHalfOpen: true });
    const connection = { dialler, listener };
    this.#connections.add(connection);
    for (const socket of [dialler, listener]) socket.setNoDelay(true).on('error', () => {});
    new Pipe(dialler, listener, there);
    new Pipe(listener, dialler, back);
    // A node that is not there refuses, and a connection that broke is broken on both sides.
    const forget = () => {
      if (dialler.destroyed && listener.destroyed) this.#connections.delete(connection);
    };
    dialler.on('close', (hadError) => {
      forget();
      if (hadError) listener.destroy();
    });
    listener.on('close', (hadError) => {
      forget();
      if (hadError) dialler.resetAndDestroy();
    });
  }
}
