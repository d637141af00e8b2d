/**
 * Our optimizers against PyTorch's, from a fixture that scripts/python/optim_fixtures.py writes.
 */
import { readFileSync } from 'node:fs';
import test from 'ava';
import {
  clipScale,
  createState,
  optimizerSchema,
  squaredNorm,
  step,
} from '../../node/optim/index.ts';
import { allclose } from '../helpers/allclose.ts';

interface Case {
  name: 'adamw' | 'sgd';
  options: {
    lr: number;
    betas?: [number, number];
    eps?: number;
    weight_decay?: number;
    momentum?: number;
  };
  clipNorm: number | null;
  initial: number[];
  gradients: number[][];
  after: number[][];
}

const path = new URL('../fixtures/optim/torch.json', import.meta.url);
const { cases } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[] };

/**
 * Each of 8 steps rounds parameters and moments to f32 once: 2⁻²⁴ each, with room for their
 * growth.
 */
const tolerance = { rtol: 4e-7, atol: 4e-7 };

function configOf({ name, options, clipNorm }: Case) {
  const { lr: learningRate, betas, eps, weight_decay: weightDecay, momentum } = options;
  const common = {
    name,
    learningRate,
    clipNorm,
    ...(weightDecay === undefined ? {} : { weightDecay }),
  };
  if (name === 'sgd') return optimizerSchema.parse({ ...common, momentum: momentum ?? 0 });
  return optimizerSchema.parse({ ...common, beta1: betas![0], beta2: betas![1], eps });
}

for (const [index, item] of cases.entries()) {
  const options = JSON.stringify(item.options);
  test(`case ${index}: ${item.name} ${options} goes where PyTorch goes`, (t) => {
    const config = configOf(item);
    let master: Float32Array = Float32Array.from(item.initial);
    let state = createState(config, master.length);
    for (const [s, gradient] of item.gradients.entries()) {
      const direction = Float32Array.from(gradient);
      const scale = clipScale(squaredNorm(direction), config.clipNorm);
      const { learningRate } = config;
      const next = step(config, { master, state, direction, learningRate, scale });
      t.true(next.finite);
      ({ master, state } = next);
      allclose(master, item.after[s]!, tolerance);
    }
  });
}
