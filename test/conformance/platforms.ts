/**
 * What carries out an actor's effects: the simulator's world, and running nodes with a thread for
 * numbers in bulk and libp2p on loopback. Both run the same tiny model, so that every hash is one.
 */
import type { ExecutionContext } from 'ava';
import type { ActorOptions } from '../../node/actor/index.ts';
import { type ActorLike, EarlyFrames, RunningNode } from '../../node/runtime/index.ts';
import { type TinyRun, tinyRun } from '../../sim/models/index.ts';
import { World } from '../../sim/world.ts';
import { HELLO, openNode, until } from '../net/helpers.ts';
import { CALM } from '../sim/scenarios.ts';

export const NODES = 2;
const SCENARIO = { ...CALM, nodes: ['n0', 'n1'] };
const BUCKET_BYTES_MAX = 64;

/** Makes the actor of a node; `place` counts the nodes. */
export type CreateActor = (options: ActorOptions, place: number, run: TinyRun) => ActorLike;

/** Runs all nodes until each has said that it is finished. */
export type Platform = (t: ExecutionContext, create: CreateActor) => Promise<void>;

const simulated: Platform = async (t, create) => {
  const run = tinyRun(SCENARIO, BUCKET_BYTES_MAX);
  const world = new World({
    ...{ scenario: SCENARIO, schedule: [], model: run.model, observers: [], core: null },
    createActor: (options) => create(options, SCENARIO.nodes.indexOf(options.self), run),
  });
  t.is(world.run(), 'finished');
};

const real: Platform = async (t, create) => {
  const run = tinyRun(SCENARIO, BUCKET_BYTES_MAX);
  const { runId, numericsClass, steps, groups, codec, aggregator, optimizer, base } = run.oracle;
  const { layout, languages } = run.model.actor;
  const first = await openNode(t, { hello: { ...HELLO, runId, numericsClass } });
  const peers = [first.address];
  const second = await openNode(t, { hello: { ...HELLO, runId, numericsClass }, peers });
  const networks = [first.network, second.network];
  const seals = [first.seal, second.seal];
  const early = networks.map((network) => new EarlyFrames(network));
  await until(() => networks.every((network) => network.peers().length === NODES - 1));
  const members = networks.map(({ peerId }) => peerId);
  const nodes = networks.map((network, place) => {
    return new RunningNode({
      actor: { ...run.model.actor, self: network.peerId, incarnation: 1 },
      createActor: (options) => create(options, place, run),
      bulk: {
        ...{ runId, steps, languages: languages.length, layout, groups, codec },
        ...{ aggregator, optimizer },
      },
      ...{ members, disk: [], base },
      compute: tinyCompute(run),
      seal: seals[place]!,
      network: early[place]!.handOver(),
      unit: (...name) => {
        const tokens = Int32Array.from(name);
        return { tokens, targets: new Int32Array(tokens.length), sequences: 1, sequenceLength: 3 };
      },
      checkpoint: async ({ step }) => `checkpoint-${step}`,
      onStepped: () => {},
      onLog: ({ text }) => t.log(text),
    });
  });
  t.teardown(() => Promise.all(nodes.map((node) => node.close())));
  await Promise.all(nodes.map((node) => node.start()));
  await Promise.all(nodes.map(({ done }) => done));
};

export const PLATFORMS: readonly (readonly [string, Platform])[] = [
  ['the simulator', simulated],
  ['running nodes', real],
];

/** The tiny model as an engine; a unit's name stands in for its text. */
function tinyCompute({ model }: TinyRun): ConstructorParameters<typeof RunningNode>[0]['compute'] {
  const { buckets, totalLength } = model.actor.layout;
  const values = new Float32Array(totalLength);
  return {
    setBuckets(set) {
      for (const one of set) values.set(one.values, buckets[one.bucket]!.start);
    },
    async gradient({ tokens: name }, onSlice) {
      const [language, step, unit] = [...name] as [number, number, number];
      const work = model.gradient({ values, hash: `step ${step}` }, { step, language, unit });
      work.slices.forEach((slice, bucket) => {
        if (slice === null) onSlice({ bucket, outcome: 'absent' });
        else onSlice({ bucket, outcome: 'tensor', values: slice });
      });
      return { tokens: work.tokens, lossSum: work.lossSum };
    },
  };
}
