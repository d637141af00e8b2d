/** Ways to make a trial smaller or plainer, each a trial of its own to be tried. */
import type { Trial } from '../run.ts';
import type { Scenario } from '../scenario.ts';
import type { Fault } from '../schedule/faults.ts';

/** Ways to vary a trial, the boldest first. No variant names a node that is not there. */
export const ways: readonly ((trial: Trial) => Iterable<Trial>)[] = [
  withFewerNodes,
  withMergedFaults,
  (trial) => withScenario(trial, smallerScenarios(trial.scenario)),
  withPlainerFaults,
];

function* withScenario(trial: Trial, scenarios: Iterable<Partial<Scenario>>): Generator<Trial> {
  for (const changes of scenarios) yield { ...trial, scenario: { ...trial.scenario, ...changes } };
}

function* withFewerNodes(trial: Trial): Generator<Trial> {
  const { nodes, slowness } = trial.scenario;
  if (nodes.length === 1) return;
  for (const [i, name] of nodes.entries()) {
    const without = trial.schedule.map((fault) => withoutNode(fault, name));
    const core = trial.core?.filter((one) => one !== name) ?? null;
    if (core?.length === 0) continue;
    const isOther = (_: unknown, j: number) => j !== i;
    const scenario = {
      ...trial.scenario,
      nodes: nodes.filter(isOther),
      slowness: slowness.filter(isOther),
    };
    yield { ...trial, scenario, schedule: without.filter((fault) => fault !== null), core };
  }
}

/** The fault without a node; null where it was about that node alone. */
function withoutNode(fault: Fault, name: string): Fault | null {
  const nodes = fault.nodes.filter((one) => one !== name);
  if (fault.nodes.length > 0 && nodes.length === 0) return null;
  const args: Record<string, unknown> = { ...fault.args };
  if (Array.isArray(args['peers'])) {
    const peers = args['peers'].filter((one) => one !== name);
    if (args['peers'].length > 0 && peers.length === 0) return null;
    args['peers'] = peers;
  }
  if (Array.isArray(args['groups'])) {
    args['groups'] = args['groups'].map((group: string[]) => group.filter((one) => one !== name));
  }
  return { ...fault, nodes, args } as Fault;
}

/** Two faults of a kind as one, on the nodes of both, as long as the longer or as both together. */
function* withMergedFaults(trial: Trial): Generator<Trial> {
  const { schedule } = trial;
  for (const [i, a] of schedule.entries()) {
    for (const [j, b] of schedule.entries()) {
      if (i === j || a.fault !== b.fault) continue;
      const rest = schedule.filter((_, k) => k !== i && k !== j);
      for (const merged of mergedFaults(a, b)) {
        yield { ...trial, schedule: [...rest, merged].sort((x, y) => x.atMs - y.atMs) };
      }
    }
  }
}

function mergedFaults(a: Fault, b: Fault): Fault[] {
  const nodes = [...new Set([...a.nodes, ...b.nodes])];
  if (a.durationMs === null || b.durationMs === null) return [{ ...a, nodes, durationMs: null }];
  const atMs = Math.min(a.atMs, b.atMs);
  const endMs = Math.max(a.atMs + a.durationMs, b.atMs + b.durationMs);
  return [
    { ...a, nodes, durationMs: Math.max(a.durationMs, b.durationMs) },
    { ...a, nodes, atMs, durationMs: endMs - atMs },
  ];
}

function* smallerScenarios(scenario: Scenario): Generator<Partial<Scenario>> {
  const { units, steps, weather, timing, optimizer } = scenario;
  if (scenario.at.some((at) => at !== null)) yield { at: [] };
  for (const [i] of units.entries()) {
    const others = <T>(all: readonly T[]) => all.filter((_, j) => j !== i);
    if (units.length > 1) yield { units: others(units), at: others(scenario.at) };
  }
  for (const [i, count] of units.entries()) {
    if (count > 1) yield { units: units.map((one, j) => (j === i ? 1 : one)) };
  }
  for (const fewer of [1, 2, steps >> 1, steps - 1]) {
    if (fewer >= 1 && fewer < steps) yield { steps: fewer };
  }
  if (scenario.model.kind === 'tiny' && scenario.model.bucketBytesMax < 4096) {
    yield { model: { kind: 'tiny', bucketBytesMax: 4096 } };
    yield { model: { kind: 'tiny', bucketBytesMax: 2 * scenario.model.bucketBytesMax } };
  }
  if (scenario.absences !== undefined) yield { absences: undefined };
  if (scenario.allowList !== undefined) yield { allowList: undefined };
  if (scenario.emptyUnits > 0) yield { emptyUnits: 0 };
  if (scenario.brokenUnits > 0) yield { brokenUnits: 0 };
  if (scenario.groups === 'model') yield { groups: 'bucket' };
  if (scenario.codec !== 'f32') yield { codec: 'f32' };
  if (optimizer.clipNorm !== null) yield { optimizer: { ...optimizer, clipNorm: null } };
  if (scenario.aggregator.name !== 'mean') {
    yield { aggregator: { name: 'mean', normalize: 'none' } };
  }
  if (scenario.checkpointEverySteps !== null) yield { checkpointEverySteps: null };
  if (scenario.tieSalt !== null) yield { tieSalt: null };
  if (scenario.slowness.some((slow) => slow !== 1)) yield { slowness: [] };
  if (weather.jitterMs > 0) yield { weather: { ...weather, jitterMs: 0 } };
  if (weather.spread !== 'constant') yield { weather: { ...weather, spread: 'constant' } };
  if (weather.apartMs !== undefined) yield { weather: { ...weather, apartMs: undefined } };
  if (weather.regions > 1) yield { weather: { ...weather, regions: 1 } };
  if (timing.computeSpread !== 'constant') {
    yield { timing: { ...timing, computeSpread: 'constant' } };
  }
  if (scenario.redundancy > 2) yield { redundancy: 2 };
}

function* withPlainerFaults(trial: Trial): Generator<Trial> {
  for (const [i, fault] of trial.schedule.entries()) {
    for (const plainer of plainerFaults(fault)) {
      yield { ...trial, schedule: trial.schedule.map((one, j) => (j === i ? plainer : one)) };
    }
  }
}

function* plainerFaults(fault: Fault): Generator<Fault> {
  const { durationMs, nodes } = fault;
  if (durationMs !== null && durationMs > 10) {
    yield { ...fault, durationMs: Math.round(durationMs / 2) };
  }
  if (nodes.length > 1) {
    for (const name of nodes) yield { ...fault, nodes: nodes.filter((one) => one !== name) };
  }
  const rounded = Math.round(fault.atMs / 100) * 100;
  if (rounded !== fault.atMs) yield { ...fault, atMs: rounded };
}
