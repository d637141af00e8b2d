/** The model's side of a process: one unit after another, as long as its machine takes for each. */
import { type Effect, type EventBody, sliceKey } from '../../node/actor/index.ts';
import { type DrawKey, drawKey, drawShare, spreadFactor } from '../core/draws.ts';
import type { Parameters } from '../models/index.ts';
import { alterWork } from './harm.ts';
import type { Process } from './process.ts';
import { Workbench } from './workbench.ts';

type ComputeEffect = Extract<Effect, { kind: 'compute' }>;

export class Computing {
  readonly #process: Process;
  readonly #tell: (slice: EventBody) => void;
  readonly #workbench: Workbench;
  readonly #key: DrawKey;
  #parameters: { step: number; value: Parameters } | null = null;

  /** `tell` is given one slice after another of what is computed. */
  constructor(running: Process, tell: (slice: EventBody) => void) {
    const { node, ports } = running;
    this.#process = running;
    this.#tell = tell;
    this.#workbench = new Workbench(ports.clock, () => node.slowFactor * node.slowness);
    this.#key = drawKey(ports.seed, 'compute');
  }

  /** The machine's speed has changed. */
  reconsider(): void {
    this.#workbench.reconsider();
  }

  /** The process lets go of everything. */
  clear(): void {
    this.#parameters = null;
  }

  /** What is in memory of its parameters has changed under it. */
  readParametersAgain(): void {
    const { step, bulk, ports } = this.#process;
    if (this.#parameters?.step !== step) return;
    this.#parameters = { step, value: ports.model.parameters(bulk, step) };
  }

  add({ step, language, unit, attempt }: ComputeEffect): void {
    const { node, bulk, ports } = this.#process;
    const { timing, model } = ports;
    if (this.#parameters?.step !== step) {
      this.#parameters = { step, value: model.parameters(bulk, step) };
    }
    const parameters = this.#parameters.value;
    const share = drawShare(this.#key, node.index, step, language * 65536 + unit, attempt);
    const late = node.stragglers.reduce((slowest, { id, fault }) => {
      const hit = drawShare(this.#key, id, node.index, step, language * 65536 + unit);
      return hit < fault.args.share ? Math.max(slowest, fault.args.factor) : slowest;
    }, 1);
    const ms = (timing.computeMs + 0.001) * spreadFactor(timing.computeSpread, share) * late;
    this.#workbench.add(ms, () => {
      this.#process.whenAwake(() => this.#done(parameters, { step, language, unit, attempt }));
    });
  }

  #done(given: Parameters, unit: Omit<ComputeEffect, 'kind'>): void {
    const { node, bulk, ports } = this.#process;
    const known = this.#parameters;
    const parameters = known?.step === unit.step ? known.value : given;
    const work = ports.model.gradient(parameters, unit);
    const { tokens, lossSum, slices } =
      node.harms.length === 0 ? work : alterWork(node, unit, work);
    for (let bucket = slices.length - 1; bucket >= 0 && this.#process.isAlive; bucket--) {
      const slice = slices[bucket];
      const name = { ...unit, bucket };
      const absent = { outcome: 'absent', hash: null } as const;
      const kept = slice ? bulk.keepSlice(sliceKey(name), slice) : absent;
      this.#tell({ kind: 'slice', ...name, ...kept, tokens, lossSum });
    }
  }
}
