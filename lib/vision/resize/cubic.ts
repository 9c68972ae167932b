/** The cubic convolution kernel with A = −¾, which OpenCV and PyTorch interpolate with. */

/**
 * The weights of the four samples around a point that is `t` (0 ≤ t < 1) beyond the second of them, in float32
 * (Keys, "Cubic convolution interpolation for digital image processing", 1981).
 */
export function cubicWeights(t: number): [number, number, number, number] {
  const f = Math.fround;
  const A = -0.75;
  const w0 = f(f(f(f(f(f(f(A * f(t + 1)) - 5 * A) * f(t + 1)) + 8 * A) * f(t + 1)) - 4 * A));
  const w1 = inner(t);
  const w2 = inner(f(1 - t));
  return [w0, w1, w2, f(f(f(1 - w0) - w1) - w2)];
}

function inner(t: number): number {
  const f = Math.fround;
  return f(f(f(f(f(1.25 * t) - 2.25) * t) * t) + 1);
}
