/**
 * Draws docs/aggregators/NAME.svg: what each method makes of two gradients, and of three. Run: node
 * scripts/aggregator-pictures.ts
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { aggregators } from '../node/resolve/index.ts';
import { pictureOf } from './aggregator-pictures/picture.ts';

const folder = new URL('../docs/aggregators/', import.meta.url);
mkdirSync(folder, { recursive: true });
for (const { name } of aggregators) {
  writeFileSync(new URL(`${name}.svg`, folder), pictureOf(name));
}
