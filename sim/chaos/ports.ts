/** Ports of loopback for what is stopped and started again where it was. */
import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

const LOOPBACK = '127.0.0.1';
/**
 * Systems give outgoing connections ports from 32,768 on (Linux) or from 49,152 on (others):
 * one of those, let go of for a moment, may be somebody's connection when its node comes back.
 */
const FIRST = 10_000;
const END = 32_768;

/**
 * `count` different ports that nothing listens on now and no connection is given by itself. Rejects
 * where none can be listened on, with the system's reason.
 */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) {
    const port = randomInt(FIRST, END);
    if (!ports.has(port) && (await isFree(port))) ports.add(port);
  }
  return [...ports];
}

function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(port, LOOPBACK, () => server.close(() => resolve(true)));
  });
}
