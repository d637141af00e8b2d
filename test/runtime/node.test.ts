/** Running nodes over libp2p, with the native engine in threads: the oracle's roots and losses. */
import test from 'ava';
import { createIdentity, createSeal, type Network, openNetwork } from '../../node/net/index.ts';
import { EarlyFrames, RunningNode } from '../../node/runtime/index.ts';
import type { Seal } from '../../protocol/claims.ts';
import { runOracle } from '../../sim/index.ts';
import { decoderRun, LANGUAGES, LAYOUT, openCorpora, openDecoder } from '../helpers/decoder-run.ts';
import { HELLO, LOOPBACK, until } from '../net/helpers.ts';

const UNITS = [3, 1];
const STEPS = 3;

/** Opens `count` nodes that know each other; the first is everybody's peer. */
async function openNetworks(
  count: number,
  runId: string,
  numericsClass: string,
): Promise<{ networks: Network[]; early: EarlyFrames[]; seals: Seal[] }> {
  const networks: Network[] = [];
  const early: EarlyFrames[] = [];
  const seals: Seal[] = [];
  const log = { info() {}, warn() {} };
  for (let i = 0; i < count; i++) {
    const hello = { ...HELLO, runId, numericsClass, name: `node-${i}` };
    const peers = networks[0]?.addresses() ?? [];
    const identity = await createIdentity();
    const network = await openNetwork({ identity, listen: [LOOPBACK], peers, hello, log });
    early.push(new EarlyFrames(network));
    seals.push(createSeal(identity));
    network.onPeer(() => {});
    network.onRefusal(() => {});
    networks.push(network);
  }
  await until(() => networks.every((network) => network.peers().length === count - 1));
  return { networks, early, seals };
}

for (const count of [1, 3]) {
  test.serial(`${count} nodes over libp2p log the roots and losses of the oracle`, async (t) => {
    const compute = await openDecoder(1);
    const run = await decoderRun(compute, STEPS, UNITS);
    const oracle = await runOracle(run);
    await compute.close();
    const { runId, numericsClass, layout, aggregator, optimizer, codec, base } = run;
    const { networks, early, seals } = await openNetworks(count, runId, numericsClass);
    const members = networks.map(({ peerId }) => peerId);
    const corpora = await openCorpora(UNITS);
    const roots: string[][] = [];
    const losses: number[][][] = [];
    const computes = await Promise.all(networks.map(() => openDecoder(1)));
    const nodes = networks.map((network, i) => {
      roots[i] = [];
      losses[i] = [[]];
      return new RunningNode({
        actor: {
          self: network.peerId,
          incarnation: 1,
          runId,
          numericsClass,
          steps: STEPS,
          languages: LANGUAGES.map((id, l) => ({ id, unitsPerStep: UNITS[l]! })),
          layout,
          groups: 'bucket',
          stateLength: 0,
          clips: true,
          checkpointEverySteps: null,
          redundancy: 2,
        },
        bulk: {
          runId,
          steps: STEPS,
          languages: UNITS.length,
          layout,
          groups: 'bucket',
          codec,
          aggregator,
          optimizer,
        },
        members,
        disk: [],
        base,
        compute: computes[i]!,
        seal: seals[i]!,
        network: count === 1 ? null : early[i]!.handOver(),
        unit: (language, step, unit) => corpora[language]!.unit(step, unit),
        checkpoint: async ({ step }) => `checkpoint-${step}`,
        onStepped: ({ step, root, resolutions }) => {
          roots[i]![step] = root;
          const logged = resolutions[0]?.losses;
          if (logged) losses[i]![step] = logged.map(({ tokens, lossSum }) => lossSum / tokens);
        },
        onLog: ({ text }) => t.log(text),
      });
    });
    await Promise.all(nodes.map((node) => node.start()));
    const results = await Promise.all(nodes.map(({ done }) => done));
    await Promise.all(nodes.map((node) => node.close()));
    await Promise.all([...computes, ...networks].map((part) => part.close()));
    for (let i = 0; i < count; i++) {
      t.deepEqual(
        roots[i],
        oracle.steps.map(({ root }) => root),
      );
      t.deepEqual(
        losses[i],
        oracle.steps.map((step) => [...step.losses]),
      );
      const trained = Float32Array.from(results[i]!.parameters.flatMap((values) => [...values]));
      t.deepEqual(trained, oracle.parameters);
    }
    t.is(layout, LAYOUT);
  });
}
