/**
 * `npm run reproduce:rps`: the published test problems of Refined Pareto Stationarity, run with our
 * resolver, into docs/rps.md and its pictures. The same bits on every machine. `--quick` takes
 * fewer starts, `--out FOLDER` writes elsewhere, `--housing FILE` reads California housing.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chainSection } from './reproduce-rps/chain.ts';
import { counterExampleSection } from './reproduce-rps/counter-example.ts';
import { densitySection } from './reproduce-rps/density.ts';
import { drawHouses, readHouses } from './reproduce-rps/houses.ts';
import { modelsSection } from './reproduce-rps/models.ts';
import { quadraticsSection } from './reproduce-rps/quadratics.ts';
import { filled, type Section } from './reproduce-rps/section.ts';
import { orUsage } from './usage.ts';

const flags = orUsage(import.meta.filename, () => {
  const { values } = parseArgs({
    options: {
      quick: { type: 'boolean', default: false },
      out: { type: 'string' },
      housing: { type: 'string' },
    },
  });
  const { housing } = values;
  // Read first: what is wrong with it is told before anything is computed.
  return { ...values, houses: housing === undefined ? drawHouses() : readHouses(housing) };
});
const out = flags.out ?? fileURLToPath(new URL('../docs', import.meta.url));

mkdirSync(join(out, 'rps'), { recursive: true });
const { quick, houses } = flags;
const sections: (() => Section)[] = [
  () => chainSection(quick ? 32 : 512),
  () => quadraticsSection(quick ? 2 : 20),
  () => modelsSection(houses, quick ? 3 : 20),
  () => densitySection(quick ? 3 : 20),
  () => counterExampleSection(),
];
const page = readFileSync(new URL('./reproduce-rps/page.md', import.meta.url), 'utf8');
const made = sections.map((make) => {
  const section = make();
  writeFileSync(join(out, 'rps', `${section.name}.svg`), section.svg);
  console.log(
    `${section.name}: ${section.values['rows'] ?? Object.values(section.values).join(', ')}`,
  );
  return section;
});
writeFileSync(join(out, 'rps.md'), filled(page, made));
console.log(`written: ${join(out, 'rps.md')}`);
