/**
 * Who does not belong to the run is turned away by the real admission, ends as a node does that was
 * turned away, and comes back once it belongs; and nobody else takes harm.
 */
import test from 'ava';
import { REFUSED_PAUSE_MS } from '../../node/admission/index.ts';
import type { CheckContext } from '../../sim/checkers/index.ts';
import { strangersStayOutside } from '../../sim/checkers/strangers.ts';
import { VirtualClock } from '../../sim/core/clock.ts';
import { runTrial, type Trial, World } from '../../sim/index.ts';
import { tinyRun } from '../../sim/models/index.ts';
import { Connections } from '../../sim/network/connections.ts';
import type { Difference, Process } from '../../sim/process/index.ts';
import type { Schedule } from '../../sim/schedule/faults.ts';
import { CALM, fault } from './scenarios.ts';

const SCENARIO = { ...CALM, steps: 12 };

/** A run of the schedule; by node, with what errors it turned from whom, and how often it began. */
function live(schedule: Schedule) {
  const errors: { at: number; node: string; error: Error }[] = [];
  const ends: string[] = [];
  const begins: string[] = [];
  const world: World = new World({
    ...{ scenario: SCENARIO, schedule, model: tinyRun(SCENARIO, 64).model, core: null },
    observers: [
      {
        turnedAway: ({ name }, error) =>
          void errors.push({ at: world.clock.nowMs, node: name, error }),
        started: ({ node }) => void begins.push(node.name),
        ended: ({ node }, { kind }) => void ends.push(`${node.name} ${kind}`),
      },
    ],
    keepsLines: true,
  });
  const end = world.run();
  return { world, end, errors, begins, ends };
}

const ERRORS = [
  ['protocolVersion', 'ProtocolVersionError', /speaks protocol \d+ \(isogloss 9\.9\.9\), this/],
  [
    'config',
    'RunMismatchError',
    /of run [0-9a-f]{64}, this node of run [0-9a-f]{64}: seed differs/,
  ],
  ['redundancy', 'RedundancyMismatchError', /on 3 of the nodes, this node on 2/],
  ['numericsClass', 'NumericsClassError', /computes as another, this node as tiny/],
  ['canary', 'NumericsClassError', /with canary/],
  ['networkKey', 'NetworkKeyError', /the network key differs/],
] as const;

for (const [what, name, text] of ERRORS) {
  test(`a node with another ${what} is refused by name on both sides, and comes back`, (t) => {
    const { end, errors, world, ends, begins } = live([
      fault('mismatch', 1500, 6000, ['n1'], { what }),
    ]);
    t.is(end, 'finished');
    for (const { error } of errors) t.is(error.name, name);
    const ofOthers = errors.filter(({ node }) => node !== 'n1');
    for (const { error } of ofOthers) t.regex(error.message, text);
    t.is(errors.length, 2 * ofOthers.length, 'both sides know why');
    const refused = world.trace.lines.filter((line) => line.endsWith('end of n1: refused'));
    t.true(refused.length >= 2, 'it is started again, and again turned away');
    t.deepEqual(ends, ['n1 killed'], 'whoever was not let in has not begun');
    t.deepEqual(begins.sort(), ['n0', 'n1', 'n1', 'n2']);
  });
}

test('another tokenizer makes another run, and its key is named', async (t) => {
  const schedule = [fault('otherTokenizer', 1500, 6000, ['n1'], {})];
  const { errors, end } = live(schedule);
  t.is(end, 'finished');
  t.true(errors.length > 0);
  for (const { error } of errors) {
    t.is(error.name, 'RunMismatchError');
    t.regex(error.message, /: model\.tokenizer differs\. Start all nodes with the same config/);
  }
  const trial: Trial = { scenario: SCENARIO, schedule, mode: 'recoverable', core: null };
  const [{ root, violation, marks }, calm] = [
    await runTrial(trial),
    await runTrial({ ...trial, schedule: [] }),
  ];
  t.is(violation, null);
  t.is(root, calm.root);
  t.true(marks.has('stranger turned away'));
});

test('nobody waits for a node that never becomes right', (t) => {
  const schedule = [fault('mismatch', 1500, null, ['n1'], { what: 'config' })];
  const { end, world, errors } = live(schedule);
  t.is(end, 'finished');
  t.is(errors.filter(({ node }) => node === 'n1').length, 1);
  t.is(world.node('n1').running, null);
});

test('nodes that are all of another run alike let each other in, and do not begin', (t) => {
  const all = ['n0', 'n1', 'n2'];
  const { end, errors, world } = live([fault('mismatch', 1000, 8000, all, { what: 'config' })]);
  t.is(end, 'finished');
  t.deepEqual(errors, []);
  const lines = world.trace.lines.filter((line) => !/ world /.test(line));
  const times = lines.map((line) => Number.parseFloat(line));
  t.deepEqual(
    times.filter((at) => at > 1000 && at < 9000),
    [],
  );
});

test('where somebody else answers nobody ends, and the dial is tried again, ever later', (t) => {
  const { end, errors, ends } = live([
    fault('wrongPeerId', 1400, 9000, ['n0'], { peers: ['n2'] }),
    fault('reset', 1500, 0, ['n0'], { peers: ['n2'] }),
  ]);
  t.is(end, 'finished');
  t.deepEqual(ends, []);
  for (const { error } of errors) t.regex(error.message, /another peer answers there/);
  const gaps = errors.slice(1).map(({ at }, i) => at - errors[i]!.at);
  t.true(gaps.length >= 2 && gaps.at(-1)! > gaps[0]!, gaps.join());
});

test('where one dial of the two leads to somebody else the other gets through', (t) => {
  const { end, errors } = live([
    fault('wrongPeerId', 1400, 60_000, ['n0'], { peers: ['n2'], oneWay: true }),
    fault('reset', 1500, 0, ['n0'], { peers: ['n2'] }),
  ]);
  t.is(end, 'finished');
  t.deepEqual(
    errors.map(({ node }) => node),
    ['n0'],
  );
});

test('a refusal is followed by a minute, a handshake that failed by the pauses of a dial', (t) => {
  for (const [outcome, from, to] of [
    ['refused', REFUSED_PAUSE_MS / 2, 1.5 * REFUSED_PAUSE_MS],
    ['failed', 250, 7_500],
  ] as const) {
    const clock = new VirtualClock();
    const met: number[] = [];
    const connections = new Connections({
      ...{ clock, seed: 1, nodes: 2, founders: 2, latencyMs: () => 1 },
      meet: () => {
        met.push(clock.nowMs);
        return outcome;
      },
      ...{ strangerAnswered: () => {}, peerUp: () => t.fail(), peerDown: () => t.fail() },
      ...{ lost: () => {}, passable: () => {} },
    });
    connections.start(0);
    connections.start(1);
    while (met.length < 6) clock.step();
    for (const [i, at] of met.slice(1).entries()) {
      const pauseMs = at - met[i]!;
      t.true(pauseMs > from && pauseMs < to + 10, `${outcome}: ${pauseMs} ms`);
    }
  }
});

test('that somebody is let in who should not be is seen', (t) => {
  const said: string[] = [];
  const process = (name: string, differences: Difference[], isSybil = false) =>
    ({ node: { name, isSybil }, differences: new Set(differences), step: 3 }) as never as Process;
  const watch = (allowList: boolean) =>
    strangersStayOutside({
      world: { scenario: { ...CALM, allowList } },
      report: (_checker: string, text: string) => void said.push(text),
    } as never as CheckContext);
  watch(true).admitted!(process('n0', []), process('n1', []));
  watch(false).admitted!(process('n0', []), process('s1', [], true));
  watch(false).admitted!(process('n0', ['config']), process('n1', ['config']));
  t.deepEqual(said, []);
  watch(false).admitted!(process('n0', []), process('n1', ['config']));
  watch(true).admitted!(process('n0', []), process('s1', [], true));
  t.deepEqual(said, [
    'n0 and n1 let each other in, and differ in config',
    'n0 and s1 let each other in, and not both are on the list',
  ]);
});
