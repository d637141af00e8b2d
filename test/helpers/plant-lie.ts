/**
 * Makes a liar of the node that imports it first: patches of the real code, as a bug of the zoo is
 * planted. Neither the checkout nor the package has a trace of them.
 */
import { type Patch, plant } from '../../scripts/zoo/plant.ts';

/** Lies begin when there is something to lose. */
const FROM_STEP = 20;

const sends = (kind: 'sum' | 'update', hash: 'hash' | 'published'): Patch => ({
  file: 'node/runtime/node.ts',
  find: 'if (!this.#closed) post.send(to, message, bytes);',
  replace: `
    let said = message, payload = bytes;
    if (message.kind === '${kind}' && message.step >= ${FROM_STEP}) {
      const values = Float32Array.from(new Float32Array(bytes.slice().buffer), (v) => 1.5 * v);
      payload = new Uint8Array(values.buffer);
      const { createHash } = process.getBuiltinModule('node:crypto');
      said = { ...message, ${hash}: createHash('sha256').update(payload).digest('hex') };
    }
    if (!this.#closed) post.send(to, said, payload);`,
});

const LIES: Readonly<Record<string, Patch>> = {
  sums: sends('sum', 'hash'),
  updates: sends('update', 'published'),
  gradients: {
    file: 'node/runtime/node.ts',
    find: "const name = { kind: 'slice', step, language, unit, attempt,",
    replace: `
      if (step >= ${FROM_STEP}) {
        const values = slices.find((slice) => slice.values !== null)?.values;
        if (values) values[0] += 1;
      }
      const name = { kind: 'slice', step, language, unit, attempt,`,
  },
  optimizer: {
    file: 'node/bulk/bulk.ts',
    find: 'const direction = this.#shelf.tensor(directionKey(step, bucket));',
    replace: `
      const direction = this.#shelf.tensor(directionKey(step, bucket));
      const rotten = Object.values(state.arrays)[0];
      if (step === ${FROM_STEP} && bucket === 0 && rotten) rotten[0] += 1;`,
  },
};

/** The name of a lie, or nothing. */
const lie = process.env['ISOGLOSS_TEST_LIE'];
const patch = lie === undefined ? undefined : LIES[lie];
if (patch === undefined) throw new Error(`no lie is called ${lie}`);
plant([patch]);
