/**
 * The chain: f₁ = θ₁² + θ₂², f₂ = (θ₂ − 1)² + (θ₃ − 1)². Pareto optimal are θ₁ = 0, θ₃ = 1 and θ₂
 * between 0 and 1; Pareto stationary are also points where θ₁ or θ₃ is anything.
 */
import { refinedGroups } from '../../node/resolve/index.ts';
import { createStream } from '../../protocol/random.ts';
import { COLOURS, figure, type Panel } from './chart.ts';
import { type Blocks, descend, oneBlock, type Problem } from './descent.ts';
import type { Section } from './section.ts';

export const chain: Problem = {
  objectives: 2,
  masks: [Uint8Array.of(1, 0), Uint8Array.of(1, 1), Uint8Array.of(0, 1)],
  value(objective, [first, second, third]) {
    return objective === 0 ? first! ** 2 + second! ** 2 : (second! - 1) ** 2 + (third! - 1) ** 2;
  },
  gradient(objective, [first, second, third]) {
    return objective === 0
      ? Float64Array.of(2 * first!, 2 * second!, 0)
      : Float64Array.of(0, 2 * (second! - 1), 2 * (third! - 1));
  },
};

const RATE = 0.05;
const STEPS = 2000;
/** From θ₁ = 0 or θ₃ = 1: more than this is inferior, not unfinished. */
const TOLERANCE = 0.01;

export interface ChainEnds {
  readonly ends: readonly Float64Array[];
  readonly inferior: number;
}

/** Ends of descents from points drawn uniformly from [from, to]³. */
export function chainEnds(
  blocks: Blocks,
  { from, to, starts }: { from: number; to: number; starts: number },
): ChainEnds {
  const random = createStream('rps-chain', from, to);
  const ends = Array.from({ length: starts }, () => {
    const start = Float64Array.from({ length: 3 }, () => from + (to - from) * random.nextFloat());
    return descend(chain, start, { blocks, rate: RATE, steps: STEPS });
  });
  return { ends, inferior: ends.filter(isInferior).length };
}

function isInferior([first, , third]: Float64Array): boolean {
  return Math.abs(first!) > TOLERANCE || Math.abs(third! - 1) > TOLERANCE;
}

const BOXES = [
  { from: -1, to: 2 },
  { from: -2, to: 2 },
  { from: 0, to: 1 },
];

export function chainSection(starts: number): Section {
  const blocks = refinedGroups(chain.masks);
  const results = BOXES.map((box) => ({
    box,
    whole: chainEnds(oneBlock(chain), { ...box, starts }),
    byBlock: chainEnds(blocks, { ...box, starts }),
  }));
  const share = ({ inferior }: ChainEnds) =>
    `${inferior} of ${starts} (${((100 * inferior) / starts).toFixed(1)} %)`;
  const rows = results.map(({ box: { from, to }, whole, byBlock }) => {
    return `| [${from}, ${to}]³ | ${share(whole)} | ${share(byBlock)} |`;
  });
  const [shown] = results;
  return {
    name: 'chain',
    svg: figure('Where MGDA ends on the chain, whole and block by block', [
      panel('MGDA', shown!.whole, COLOURS.whole),
      panel('MGDA, block by block', shown!.byBlock, COLOURS.blocks),
    ]),
    values: { rows: rows.join('\n') },
  };
}

function panel(title: string, { ends }: ChainEnds, colour: string): Panel {
  return {
    title,
    x: { label: 'θ₁ at the end', from: -1.2, to: 2.2, ticks: [-1, 0, 1, 2] },
    y: { label: 'θ₃ at the end', from: -1.2, to: 2.2, ticks: [-1, 0, 1, 2] },
    marks: [
      { kind: 'points', at: ends.map(([first, , third]) => [first!, third!] as const), colour },
      { kind: 'text', at: [0.12, 1.12], text: 'Pareto optimal', colour: COLOURS.ink },
    ],
  };
}
