/**
 * Draws docs/aggregators/NAME.svg: what each method makes of two gradients, and of three. Run: node
 * scripts/aggregator-pictures.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { aggregators } from '../node/resolve/index.ts';
import { pictureOf } from './aggregator-pictures/picture.ts';
import { orUsage } from './usage.ts';

// There are no flags; what somebody gives all the same is not passed over, since this writes.
orUsage(import.meta.filename, () => parseArgs({ options: {} }));

const folder = new URL('../docs/aggregators/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const { name } of aggregators) {
  writeFileSync(new URL(`${name}.svg`, folder), pictureOf(name));
}
