/** Ports for nodes that come back to them. */
import { createServer } from 'node:net';
import test from 'ava';
import { freePorts } from '../../../sim/chaos/ports.ts';

test('ports are different, can be listened on, and are given to no connection', async (t) => {
  const ports = await freePorts(40);
  t.is(new Set(ports).size, 40);
  t.true(ports.every((port) => port >= 1024 && port < 32_768));
  for (const port of ports) {
    const server = createServer();
    t.teardown(() => server.close());
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(port, '127.0.0.1', resolve);
    });
  }
});
