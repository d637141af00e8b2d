/**
 * Pieces of the decoder whose gradient is written by hand, because what automatic differentiation
 * makes of them is several times the work. Plain tfjs, any backend.
 */
import * as tf from '@tensorflow/tfjs';

/**
 * A function of tensors with a gradient of its own. `forward` returns its value and what the
 * gradient needs, whatever it is: tfjs disposes all else in between. `backward` gets dy and the
 * saved, and returns one gradient per argument.
 */
export function withGradient(
  forward: (...inputs: tf.Tensor[]) => { value: tf.Tensor; saved: tf.Tensor[] },
  backward: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.Tensor[],
): (...inputs: tf.Tensor[]) => tf.Tensor {
  return tf.customGrad((...inputsAndSave) => {
    const save = inputsAndSave.pop() as unknown as tf.GradSaveFunc;
    const { value, saved } = forward(...(inputsAndSave as tf.Tensor[]));
    save(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => backward(dy, kept) };
  });
}

/** Rows of `table` [V, D] at `tokens` [N]: [N, D]. The gradient adds rows up in token order. */
export function embed(table: tf.Tensor, tokens: tf.Tensor1D): tf.Tensor {
  const rows = table.shape[0]!;
  return withGradient(
    (x) => ({ value: tf.gather(x!, tokens), saved: [tokens] }),
    (dy, [tokens]) => [tf.unsortedSegmentSum(dy, tokens as tf.Tensor1D, rows)],
  )(table);
}

/** x / √(mean x² + eps) · weight, over the last axis; x [N, D], weight [D]. arXiv 1910.07467. */
export function rmsNorm(x: tf.Tensor, weight: tf.Tensor, eps: number): tf.Tensor {
  return withGradient(
    (x, weight) => {
      const scale = tf.rsqrt(tf.add(tf.mean(tf.square(x!), -1, true), eps));
      const unit = tf.mul(x!, scale);
      return { value: tf.mul(unit, weight!), saved: [unit, scale, weight!] };
    },
    (dy, [unit, scale, weight]) => {
      const dUnit = tf.mul(dy, weight!);
      const along = tf.mean(tf.mul(dUnit, unit!), -1, true);
      const dx = tf.mul(scale!, tf.sub(dUnit, tf.mul(unit!, along)));
      return [dx, tf.sum(tf.mul(dy, unit!), 0)];
    },
  )(x, weight);
}

/** gate · sigmoid(gate) · up, element by element. arXiv 2002.05202. */
export function swiglu(gate: tf.Tensor, up: tf.Tensor): tf.Tensor {
  return withGradient(
    (gate, up) => {
      const open = tf.sigmoid(gate!);
      const gated = tf.mul(gate!, open);
      return { value: tf.mul(gated, up!), saved: [open, gated, up!] };
    },
    (dy, [open, gated, up]) => {
      // d(g σ(g))/dg = σ + gσ (1 − σ)
      const slope = tf.add(open!, tf.sub(gated!, tf.mul(gated!, open!)));
      return [tf.mul(tf.mul(dy, up!), slope), tf.mul(dy, gated!)];
    },
  )(gate, up);
}

/**
 * Turns each head's halves (a, b) to (a cos − b sin, b cos + a sin); x [B, H, S, headDim], tables
 * [S, headDim / 2]. The gradient of a rotation is the rotation back.
 */
export function rotate(x: tf.Tensor, cosine: tf.Tensor, sine: tf.Tensor): tf.Tensor {
  return withGradient(
    (x) => ({ value: turn(x!, cosine, sine, 1), saved: [cosine, sine] }),
    (dy, [cosine, sine]) => [turn(dy, cosine!, sine!, -1)],
  )(x);
}

function turn(x: tf.Tensor, cosine: tf.Tensor, sine: tf.Tensor, direction: 1 | -1): tf.Tensor {
  const [a, b] = tf.split(x, 2, 3) as [tf.Tensor, tf.Tensor];
  const [forth, back] = direction === 1 ? [tf.add, tf.sub] : [tf.sub, tf.add];
  const left = back(tf.mul(a, cosine), tf.mul(b, sine));
  return tf.concat([left, forth(tf.mul(b, cosine), tf.mul(a, sine))], 3);
}

/**
 * −ln softmax(logits)[target] per row, 0 where the target is −1; logits [N, V], targets int32 [N].
 * Works on logits less their maximum, so no probability underflows.
 */
export function crossEntropy(logits: tf.Tensor, targets: tf.Tensor1D): tf.Tensor {
  const [rows, words] = logits.shape as [number, number];
  return withGradient(
    (logits) => {
      const scored = tf.cast(tf.greaterEqual(targets, tf.scalar(0, 'int32')), 'float32');
      // A row whose target is −1 holds anything: `scored` wipes it, here and in the gradient.
      const hot = tf.oneHot(targets, words, 1, 0, 'float32');
      const shifted = tf.sub(logits!, tf.max(logits!, -1, true));
      const exponentials = tf.exp(shifted);
      const sums = tf.sum(exponentials, -1, true);
      const losses = tf.sub(tf.log(tf.reshape(sums, [rows])), tf.sum(tf.mul(shifted, hot), -1));
      return { value: tf.mul(losses, scored), saved: [exponentials, sums, hot, scored] };
    },
    (dy, [exponentials, sums, hot, scored]) => {
      const probabilities = tf.div(exponentials!, sums!);
      const rowScale = tf.reshape(tf.mul(dy, scored!), [rows, 1]);
      return [tf.mul(tf.sub(probabilities, hot!), rowScale)];
    },
  )(logits);
}
