/** Products of small vectors and matrices, each sum in the order of its index. */

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/** The k·k matrix times the vector: for a Gram matrix ⟨gᵢ, Aᵀv⟩. */
export function times(matrix: Float64Array, k: number, v: Float64Array): Float64Array {
  const result = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let sum = 0;
    for (let j = 0; j < k; j++) sum += matrix[i * k + j]! * v[j]!;
    result[i] = sum;
  }
  return result;
}

/** ‖Aᵀw‖² from the Gram matrix; rounding below 0 counts as 0. */
export function squareOf(gram: Float64Array, k: number, w: Float64Array): number {
  return Math.max(0, dot(w, times(gram, k, w)));
}
