/** The change between two activations, compared as sorted values, independent of position. */

import { requireCount } from "../shapes.ts";

/** The values in descending order. */
export function sortDescending(values: Float32Array): Float32Array {
  // Most values of clipped maps are 0; sorting only the others is faster.
  const others = values.filter((value) => value !== 0).sort();
  const sorted = new Float32Array(values.length);
  let positives = 0;
  for (let i = others.length - 1; i >= 0 && !(others[i] < 0); i--) sorted[positives++] = others[i];
  sorted.set(
    others.subarray(0, others.length - positives).reverse(),
    values.length - others.length + positives,
  );
  return sorted;
}

/**
 * 1 − Σ min(aᵢ, bᵢ) / Σ max(aᵢ, bᵢ) of two descending lists; NaN if both sums are 0.
 *
 * @param a @param b from {@link sortDescending}
 */
export function activationChange(a: Float32Array, b: Float32Array): number {
  requireCount("the number of values of the second activation", b.length, a.length);
  let least = 0;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    least += Math.min(a[i], b[i]);
    most += Math.max(a[i], b[i]);
  }
  return 1 - least / most;
}
