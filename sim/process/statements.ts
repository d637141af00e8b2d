/**
 * What simulated processes say of themselves before they are let in: the hello of a real node, of a
 * manifest made from the scenario; and how one of them may differ from all others.
 */
import type { Hello } from '../../node/admission/index.ts';
import { hashOf } from '../../protocol/hashes.ts';
import { type Manifest, manifestParts, parseManifest, runIdOf } from '../../protocol/manifest.ts';
import { PROTOCOL_VERSION } from '../../protocol/wire.ts';
import type { Scenario } from '../scenario.ts';
import type { FaultOf } from '../schedule/faults.ts';

/** In what a process may differ. */
export type Difference = FaultOf<'mismatch'>['args']['what'] | 'tokenizer';

export interface Statement {
  readonly hello: Hello;
  readonly networkKey: Uint8Array;
}

const KEY_BYTES = 32;

export class Statements {
  readonly #scenario: Scenario;
  /** By what differs: made once, since each dial asks. */
  readonly #runs = new Map<string, Pick<Hello, 'runId' | 'runParts'>>();

  constructor(scenario: Scenario) {
    this.#scenario = scenario;
  }

  of(name: string, differences: ReadonlySet<Difference>, isUnderWay: boolean): Statement {
    const { redundancy, model } = this.#scenario;
    const differs = (what: Difference) => differences.has(what);
    const hello: Hello = {
      kind: 'hello',
      protocolVersion: PROTOCOL_VERSION + (differs('protocolVersion') ? 1 : 0),
      packageVersion: differs('protocolVersion') ? '9.9.9' : '0.0.0',
      ...this.#run(differs('config'), differs('tokenizer')),
      redundancy: redundancy + (differs('redundancy') ? 1 : 0),
      numericsClass: differs('numericsClass') ? 'another' : model.kind,
      canaryHash: hashOf('canary', differs('canary') ? ' of other bits' : ''),
      name,
      addresses: [`/dns4/${name}/tcp/4710`],
      isUnderWay,
    };
    return { hello, networkKey: new Uint8Array(KEY_BYTES).fill(differs('networkKey') ? 2 : 1) };
  }

  #run(isOther: boolean, hasOtherTokenizer: boolean): Pick<Hello, 'runId' | 'runParts'> {
    const name = `${isOther} ${hasOtherTokenizer}`;
    let run = this.#runs.get(name);
    if (run === undefined) {
      const manifest = manifestOf(this.#scenario, isOther, hasOtherTokenizer);
      run = { runId: runIdOf(manifest), runParts: manifestParts(manifest) };
      this.#runs.set(name, run);
    }
    return run;
  }
}

/** A manifest that stands for the scenario's run: of its text and its base there is no more. */
function manifestOf(scenario: Scenario, isOther: boolean, hasOtherTokenizer: boolean): Manifest {
  const { seed, steps, units, model, groups, whenStalled, aggregator, optimizer } = scenario;
  const { codec } = scenario;
  const languages = units.map((unitsPerStep, l) => {
    const id = `language-${l}`;
    return { id, train: hashOf('text', String(seed), id), unitsPerStep };
  });
  const manifest = {
    format: 1,
    seed: isOther ? Math.abs(seed - 1) : seed,
    steps,
    model: {
      base: hashOf('base', String(seed)),
      config: hashOf('config'),
      tokenizer: hashOf('tokenizer', hasOtherTokenizer ? ' of another version' : ''),
      sequenceLength: 8,
    },
    parameters: [{ name: 'all', shape: [1], layer: 'all' }],
    languages,
    data: { unitSequences: 1 },
    bucketBytesMax: model.kind === 'tiny' ? model.bucketBytesMax : model.bucketBytes,
    groups,
    ...(whenStalled !== undefined && whenStalled !== 'report' && { whenStalled }),
    aggregator,
    optimizer,
    wire: { codec },
  };
  return parseManifest(manifest, 'the simulated run');
}
