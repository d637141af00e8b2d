/**
 * Every method's weights to the bit: the same on every machine and engine, and the same tomorrow.
 * Whoever changes them on purpose changes what runs end in, writes the hashes into the fixture and
 * says so in the changelog.
 */
import test from 'ava';
import { bitsOf, knownBits } from './bits.ts';
import { promises } from './configurations.ts';
import { searches } from './search-bits.ts';

for (const { configuration } of promises) {
  const name = JSON.stringify(configuration);
  test(`the bits of ${name}`, (t) => {
    t.is(bitsOf(configuration), knownBits()[name] ?? 'none are known');
  });
}

for (const [name, bits] of Object.entries(searches)) {
  test(`the bits of ${name}`, (t) => {
    t.is(bits(), knownBits()[name] ?? 'none are known');
  });
}
