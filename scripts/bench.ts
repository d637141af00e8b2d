/**
 * `npm run bench`: how fast isogloss is, as ratios measured side by side in this one run on the
 * shipped example. `--set key=value` overrides the example; `--only runs,net,lag,engines` names
 * what is measured, which is all of it.
 */
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { countBuffersAsHeap } from '../node/threads/index.ts';
import { benchEngines } from './bench/engines.ts';
import { benchLag } from './bench/lag.ts';
import { benchNet } from './bench/net.ts';
import { benchRuns } from './bench/runs.ts';
import { orUsage, partsNamed } from './usage.ts';

// As the commands do.
countBuffersAsHeap();
const PARTS = ['runs', 'net', 'lag', 'engines'] as const;
const { only, sets } = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      set: { type: 'string', multiple: true, default: [] },
      only: { type: 'string', default: PARTS.join(',') },
    },
  });
  return { only: partsNamed(values.only, PARTS), sets: values.set };
});

interface Row {
  readonly what: string;
  readonly value: number;
  readonly bound: string;
  readonly ok: boolean;
}

const rows: Row[] = [];
const atMost = (what: string, value: number, bound: number) =>
  rows.push({ what, value, bound: `≤ ${bound}`, ok: value <= bound });
const atLeast = (what: string, value: number, bound: number) =>
  rows.push({ what, value, bound: `≥ ${bound}`, ok: value >= bound });

const BENCHES = {
  async runs() {
    const { wireOverBound, mgdaOverMean, nodesOverOracle, figures } = await benchRuns(sets);
    atMost('wire bytes per node and step over the bound', wireOverBound, 1.02);
    atMost('step time, mgda over mean', mgdaOverMean, 1.05);
    atLeast('tokens/s, four nodes over the oracle', nodesOverOracle, 0.85);
    return figures;
  },
  async net() {
    const { ratio, nodeBytesPerSecond, tcpBytesPerSecond } = await benchNet();
    atLeast('bulk throughput, two nodes over raw TCP', ratio, 0.12);
    const rate = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB/s`;
    return { 'between nodes': rate(nodeBytesPerSecond), 'raw TCP': rate(tcpBytesPerSecond) };
  },
  async lag() {
    const { p99Ms, figures } = await benchLag(sets);
    atMost('event-loop lag while training, p99 in ms', p99Ms, 20);
    return figures;
  },
  async engines() {
    const { onnxOverWasm, figures } = await benchEngines(sets);
    atLeast('tokens/s, onnx over wasm', onnxOverWasm, 3);
    return figures;
  },
} as const;

console.log(`${cpus()[0]?.model ?? 'CPU'}, ${availableParallelism()} cores to use`);
for (const name of only) {
  const figures: Readonly<Record<string, string>> = await BENCHES[name]();
  for (const [what, figure] of Object.entries(figures)) console.log(`  ${what}: ${figure}`);
}
const width = Math.max(...rows.map(({ what }) => what.length));
for (const { what, value, bound, ok } of rows) {
  const verdict = ok ? 'reached' : 'MISSED';
  console.log(
    `${what.padEnd(width)}  ${value.toFixed(3).padStart(7)}  ${bound.padEnd(6)}  ${verdict}`,
  );
}
