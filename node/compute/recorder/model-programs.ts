/** The programs of a decoder at fixed shapes: a training step, scoring, and logits. */
import * as tf from '@tensorflow/tfjs';
import { createDecoder, type LlamaConfig } from '../../model/decoder/index.ts';
import type { Program, Value } from '../program.ts';
import { record } from './recorder.ts';
import { simplify } from './simplify.ts';

/** Shape of one work unit. */
export interface UnitShape {
  readonly sequences: number;
  /** Tokens in each sequence. */
  readonly sequenceLength: number;
}

/** Which program: see the functions below. */
export type ProgramName = 'gradient' | 'score' | 'logits';

/**
 * Inputs of each program: the parameters in their order, then tokens (int32 [B, S]), then, but for
 * logits, targets. `gradient` makes the losses [B·S] and one gradient per parameter, of their sum;
 * `score` the losses; `logits` [B·S, vocabularySize].
 */
export function modelProgram(name: ProgramName, config: LlamaConfig, unit: UnitShape): Program {
  const decoder = createDecoder(config);
  const parameters = decoder.parameters.map(({ shape }): Value => ({ shape, type: 'float32' }));
  const tokens: Value = { shape: [unit.sequences, unit.sequenceLength], type: 'int32' };
  const inputs = name === 'logits' ? [...parameters, tokens] : [...parameters, tokens, tokens];
  const program = record(name, inputs, (...tensors) => {
    const values = tensors.slice(0, parameters.length);
    const [ids, targets] = tensors.slice(parameters.length) as [tf.Tensor, tf.Tensor];
    if (name === 'logits') return [decoder.logits(values, ids)];
    if (name === 'score') return [decoder.tokenLosses(values, ids, targets)];
    const losses = (...own: tf.Tensor[]) => decoder.tokenLosses(own, ids, targets);
    // Without a dy of its own tfjs takes ones: the gradient of the sum.
    const { value, grads } = tf.valueAndGrads(losses)(values);
    return [value, ...grads];
  });
  return simplify(program);
}
