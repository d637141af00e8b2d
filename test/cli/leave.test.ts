/** A node is taken out of a run, and a run is ended, from one of two real nodes. */
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { OwnStatus, serveStatus, socketPath } from '../../node/cli/status/index.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { writeTinyRun } from '../helpers/tiny-run.ts';
import { callCommand, runCommand, startCommand } from './command.ts';

/** Two nodes of a run that has done some steps. */
async function twoNodes(t: ExecutionContext, steps: number) {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps, output: { checkpointEverySteps: 20 } });
  const start = (name: string, ...flags: string[]) => {
    const named = ['--out', `out-${name}`, '--set', `network.name=${name}`, ...flags];
    return startCommand(t, folder, 'node', 'my.yaml', '--nodes', '2', '--json', ...named);
  };
  const kestrel = start('kestrel');
  const [, address] = await kestrel.says(/kestrel listens on (\S+)/);
  const merlin = start('merlin', '--peer', address!);
  await Promise.all([kestrel, merlin].map((node) => node.says(/"step":5,/, 'stdout')));
  return { folder, kestrel, merlin, start, address: address! };
}

const hashIn = (stdout: string) => JSON.parse(stdout.trim().split('\n').at(-1)!).paramsHash;

test.serial('one of two leaves, comes back, and the run ends in the same bits', async (t) => {
  const { folder, kestrel, merlin, start, address } = await twoNodes(t, 800);
  const left = await callCommand(folder, 'leave', './out-merlin');
  t.is(left.exitCode, 0, left.stderr);
  t.regex(left.stderr, /^merlin hands over \d+ buckets?, and ends when others have them$/m);
  t.is(left.stdout, 'merlin has left; the others go on\n');
  const { exitCode, stderr } = await merlin.ended;
  t.is(exitCode, 0, stderr);
  t.regex(stderr, /^leaving: others take over what this node holds, and go on$/m);
  t.regex(stderr, /^left at step \d+; the others go on; come back with: .* --resume$/m);
  t.is(kestrel.child.exitCode, null);
  const status = await callCommand(folder, 'status', './out-kestrel');
  t.regex(status.stdout, /^merlin .* (leaves|it left and handed over)$/m);
  const last = await callCommand(folder, 'leave', './out-kestrel');
  t.is(last.exitCode, 1);
  t.regex(last.stderr, /^kestrel stays: nobody else is here to go on\. Ctrl-C ends the run/m);
  const again = start('merlin', '--peer', address, '--resume');
  await again.says(/merlin listens on/);
  const ends = await Promise.all([kestrel.ended, again.ended]);
  const alone = await runCommand(t, folder, 'local', 'my.yaml', '--nodes', '1', '--json');
  for (const end of ends) {
    t.is(end.exitCode, 0, end.stderr);
    t.is(hashIn(end.stdout), hashIn(alone.stdout));
  }
});

test.serial('who ended a run is named where it was ended by another', async (t) => {
  const { kestrel, merlin } = await twoNodes(t, 100_000);
  merlin.child.kill('SIGTERM');
  const [other, own] = await Promise.all([kestrel.ended, merlin.ended]);
  t.is(own.exitCode, 143, own.stderr);
  t.regex(own.stderr, /^stopped after step \d+; go on with: /m);
  t.is(other.exitCode, 1, other.stderr);
  t.regex(other.stderr, /^stopped after step \d+, told by merlin; go on with: /m);
});

test.serial('a node of isogloss local does not leave by itself', async (t) => {
  const folder = await temporaryFolder(t);
  await writeTinyRun(folder, { steps: 100_000 });
  const args = ['local', 'my.yaml', '--nodes', '2', '--out', 'out', '--json'];
  const run = startCommand(t, folder, ...args);
  await run.says(/"step":2,/, 'stdout');
  const several = await callCommand(folder, 'leave', './out');
  t.is(several.exitCode, 2);
  t.regex(several.stderr, /^UsageError: .* name one with --node, of kestrel, merlin\.$/m);
  const one = await callCommand(folder, 'leave', './out', '--node', 'merlin');
  t.is(one.exitCode, 1);
  t.regex(one.stderr, /^merlin stays: isogloss local started it/m);
  const strange = await callCommand(folder, 'leave', './out', '--node', 'hobby');
  t.regex(strange.stderr, /^UsageError: no node hobby answers; there is kestrel, merlin\.$/m);
});

for (const { rows, exitCode, says } of [
  { rows: 3, exitCode: 0, says: /^kestrel has ended: the run came to its end\.$/m },
  {
    rows: 2,
    exitCode: 1,
    says: /^kestrel has ended: it was stopped or killed, or /,
  },
]) {
  test(`a node that ends just then, at step ${rows} of 3, does not stay`, async (t) => {
    const folder = await temporaryFolder(t);
    const own = join(folder, 'state', 'kestrel');
    await mkdir(own, { recursive: true });
    const runId = 'ab'.repeat(32);
    const metrics = [1, 2, 3].map((step) => JSON.stringify({ current_steps: step, runId }));
    await writeFile(join(folder, 'metrics.jsonl'), `${metrics.slice(0, rows).join('\n')}\n`);
    const status = new OwnStatus({ name: 'kestrel', peerId: 'id', runId, steps: 3, buckets: 1 });
    const answer = () => {
      // It is asked who it is, and gone when it is asked to leave.
      void server.close();
      return status.document;
    };
    const server = await serveStatus(own, answer, t.fail);
    const ended = await callCommand(folder, 'leave', './.', '--json');
    t.is(ended.exitCode, exitCode, ended.stderr);
    t.regex(ended.stderr, says);
    t.like(JSON.parse(ended.stdout), { type: 'leave', name: 'kestrel', left: false });
  });
}

test('a node that is there and says nothing is named', async (t) => {
  const folder = await temporaryFolder(t);
  const own = join(folder, 'state', 'kestrel');
  await mkdir(own, { recursive: true });
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket)).listen(await socketPath(own));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const silent = await callCommand(folder, 'leave', './.');
  t.not(silent.exitCode, 0);
  t.regex(silent.stderr, /^PathError \.: kestrel can't be asked to leave: .* does not answer/m);
});

test('where nobody is, or the run has not begun, that is said', async (t) => {
  const folder = await temporaryFolder(t);
  const nobody = await callCommand(folder, 'leave', './.');
  t.is(nobody.exitCode, 2);
  t.regex(nobody.stderr, /^PathError \.: no node of it answers on this machine\./);
  const own = join(folder, 'state', 'kestrel');
  await mkdir(own, { recursive: true });
  const facts = { name: 'kestrel', peerId: 'id', runId: 'ab'.repeat(32), steps: 3, buckets: 1 };
  const status = new OwnStatus(facts);
  const server = await serveStatus(
    own,
    (word) => (word === 'leave' ? status.leave() : status.document),
    t.fail,
  );
  t.teardown(() => server.close());
  const early = await callCommand(folder, 'leave', './.', '--json');
  t.is(early.exitCode, 1);
  t.like(JSON.parse(early.stdout), { type: 'leave', name: 'kestrel', left: false });
  t.regex(early.stderr, /^kestrel stays: the run has not begun here\./);
});
