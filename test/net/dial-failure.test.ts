/** A listener that cuts a dial, because it dies or closes, is not taken for one of another key. */
import { type AddressInfo, createServer, type Socket } from 'node:net';
import test from 'ava';
import { openNode, until } from './helpers.ts';

const CUTS: Readonly<Record<string, (socket: Socket) => void>> = {
  'resets at once': (socket) => socket.resetAndDestroy(),
  'closes at once': (socket) => socket.destroy(),
  'ends after the first byte': (socket) => socket.once('data', () => socket.end()),
  'resets after the first byte': (socket) => socket.once('data', () => socket.resetAndDestroy()),
};

for (const [how, cut] of Object.entries(CUTS)) {
  test(`a listener that ${how} is dialled again, and no key is blamed`, async (t) => {
    let dials = 0;
    const server = createServer((socket) => {
      dials++;
      cut(socket.on('error', () => {}));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    const node = await openNode(t, { peers: [`/ip4/127.0.0.1/tcp/${port}`] });
    await until(() => dials >= 3);
    t.deepEqual(node.refusals, []);
  });
}
