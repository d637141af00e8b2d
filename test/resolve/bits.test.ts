/**
 * Every method's weights to the bit, on plain and nasty matrices: the same on every machine and
 * engine, and the same tomorrow. Whoever changes them on purpose changes what runs end in, and says
 * so in the changelog; the new hashes are in the test's own words.
 */
import { createHash } from 'node:crypto';
import test from 'ava';
import { resolve } from '../../node/resolve/index.ts';
import { promises } from './configurations.ts';
import { nastyMatrix, plainMatrix } from './matrices.ts';

/**
 * Strides that are prime to the numbers of kinds and sizes, so that all of them come; but for the
 * kind whose rows are drawn with powers that engines compute differently.
 */
const matrices = [
  ...Array.from({ length: 40 }, (_, i) => plainMatrix(19 * i)),
  ...Array.from({ length: 84 }, (_, i) => nastyMatrix(5 * i)),
].filter(({ label }) => !label.startsWith('very uneven'));

/** Of weights and iterations. */
function bitsOf(configuration: (typeof promises)[number]['configuration']): string {
  const hash = createHash('sha256');
  for (const { gram } of matrices) {
    const { weights, certificate } = resolve(gram, configuration);
    const bytes = new DataView(new ArrayBuffer(8 * (weights.length + 1)));
    weights.forEach((weight, i) => {
      bytes.setFloat64(8 * i, weight, true);
    });
    bytes.setFloat64(8 * weights.length, certificate.iterations, true);
    hash.update(new Uint8Array(bytes.buffer));
  }
  return hash.digest('hex').slice(0, 16);
}

const BITS: Readonly<Record<string, string>> = {
  '{"aggregator":"mean"}': '27bc3596aa1c5f52',
  '{"aggregator":"sum"}': '0825f0a4f9d9b9db',
  '{"aggregator":"constant"}': '27bc3596aa1c5f52',
  '{"aggregator":"random"}': '1f9e7bc390b16e64',
  '{"aggregator":"mgda","normalize":"none"}': 'f7ec8b2b08b0504d',
  '{"aggregator":"mgda","normalize":"l2"}': '62821f6751eb4041',
  '{"aggregator":"mgda-capped","cap":0.3,"normalize":"none"}': '13e75d28e624b6ed',
  '{"aggregator":"fedmgda","normalize":"none"}': '935a20ce104817c8',
  '{"aggregator":"mgda-capped","cap":0.3,"normalize":"l2"}': '98523fae85bb75c3',
  '{"aggregator":"fedmgda","normalize":"l2"}': '34b95f4e35d6c43d',
  '{"aggregator":"fedmgda","epsilon":0.5,"normalize":"none"}': 'f3d10e9f6f0bdf23',
  '{"aggregator":"cagrad","c":0.4}': 'b13751d28129db92',
  '{"aggregator":"cagrad","rescale":"square"}': '3e8f622b88e31c0d',
  '{"aggregator":"cagrad","c":1.5,"rescale":"linear"}': '9253602803389991',
  '{"aggregator":"nash-mtl"}': 'f2c6f27caaad5a85',
  '{"aggregator":"nash-mtl","normalize":"l2","maxNorm":1}': 'eae49eb7bc040e82',
  '{"aggregator":"fairgrad","alpha":0.1}': '327867ba4a3454da',
  '{"aggregator":"fairgrad","alpha":0.5}': 'a4dd42f75437a5ab',
  '{"aggregator":"fairgrad","alpha":2}': '1dcf82ee901c80b1',
  '{"aggregator":"fairgrad","alpha":20}': '004b955239e2361e',
  '{"aggregator":"pcgrad"}': '958df8a2927eb665',
  '{"aggregator":"pcgrad","order":"index"}': 'e28a68dfb13d36b9',
  '{"aggregator":"gradvac"}': 'be94d2faee1a2c35',
  '{"aggregator":"dualproj"}': 'de4685c43a9904e8',
  '{"aggregator":"upgrad"}': '572a5ad61d84029f',
  '{"aggregator":"imtl-g"}': 'a0d46fe529c85e37',
  '{"aggregator":"aligned-mtl","scale":"min"}': '4283f08444147dfb',
  '{"aggregator":"aligned-mtl","scale":"median"}': '53a467c3a6faba70',
  '{"aggregator":"aligned-mtl","scale":"mean"}': '3980b92fcdf055d4',
  '{"aggregator":"config"}': '749c150f9f4613a8',
  '{"aggregator":"krum"}': 'a7d8a73c7053d10c',
  '{"aggregator":"krum","nByzantine":2,"nSelected":3}': '853ce0eb031e8f9a',
  '{"aggregator":"sdmgrad","iterations":3}': 'afc6804983545cf1',
  '{"aggregator":"modo"}': '9996a8000f07825a',
  '{"aggregator":"cr-mogm"}': '62821f6751eb4041',
  '{"aggregator":"psmgd","of":{"name":"upgrad"},"normalize":"none"}': '572a5ad61d84029f',
};

for (const { configuration } of promises) {
  const name = JSON.stringify(configuration);
  test(`the bits of ${name}`, (t) => {
    t.is(bitsOf(configuration), BITS[name] ?? 'none are known');
  });
}
