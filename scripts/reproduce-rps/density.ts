/** How fast the refined partition falls together as objectives share more variables. */
import { refinedGroups } from '../../node/resolve/index.ts';
import { createStream, type RandomStream } from '../../protocol/random.ts';
import { COLOURS, figure, type Place } from './chart.ts';
import type { Section } from './section.ts';

const SIZE = 100;
/** Share of the variables that an objective depends on. */
const DENSITIES = [0.015, 0.02, 0.025, 0.03, 0.04, 0.05, 0.07, 0.1];

/** `pairs`: each pair with this chance. `shares`: each objective as many variables as it says. */
type Drawing = 'pairs' | 'shares';

/** Mean number of blocks of SIZE variables under SIZE objectives, over trials. */
export function meanBlocks(density: number, drawing: Drawing, trials: number): number {
  let total = 0;
  for (let trial = 0; trial < trials; trial++) {
    const random = createStream('rps-density', drawing, density, trial);
    const masks = drawing === 'pairs' ? byPairs(density, random) : byShares(density, random);
    total += refinedGroups(masks).length;
  }
  return total / trials;
}

function byPairs(density: number, random: RandomStream): Uint8Array[] {
  return Array.from({ length: SIZE }, () =>
    Uint8Array.from({ length: SIZE }, () => (random.nextFloat() < density ? 1 : 0)),
  );
}

/** A share that is no whole number is rounded up or down by chance. */
function byShares(density: number, random: RandomStream): Uint8Array[] {
  const masks = Array.from({ length: SIZE }, () => new Uint8Array(SIZE));
  for (let i = 0; i < SIZE; i++) {
    let missing = Math.floor(density * SIZE + random.nextFloat());
    while (missing > 0) {
      const mask = masks[random.nextBelow(SIZE)]!;
      missing -= 1 - mask[i]!;
      mask[i] = 1;
    }
  }
  return masks;
}

export function densitySection(trials: number): Section {
  const found = DENSITIES.map((density) => ({
    percent: Number((100 * density).toFixed(1)),
    shares: meanBlocks(density, 'shares', trials),
    pairs: meanBlocks(density, 'pairs', trials),
  }));
  const rows = found.map(
    ({ percent, shares, pairs }) => `| ${percent} % | ${shares.toFixed(1)} | ${pairs.toFixed(1)} |`,
  );
  const at = found.map(({ percent, shares }): Place => [percent, shares]);
  return {
    name: 'density',
    svg: figure('Blocks of the refined partition by density', [
      {
        title: `${SIZE} objectives, ${SIZE} variables`,
        x: { label: 'dependent pairs, %', from: 1, to: 10.5, ticks: [2, 4, 6, 8, 10] },
        y: {
          label: 'blocks, mean',
          from: 0.8,
          to: 120,
          ticks: [1, 3, 10, 30, 100],
          logarithmic: true,
        },
        marks: [
          { kind: 'line', at, colour: COLOURS.blocks },
          { kind: 'points', at, colour: COLOURS.blocks },
        ],
      },
    ]),
    values: { trials, rows: rows.join('\n') },
  };
}
