/** How much prototypes differ from each other: each with the one that is most like it. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/** The prototype that is most like another one. */
export interface NearestPrototype {
  readonly prototype: number;
  /** The root mean square of the differences of their elements. */
  readonly difference: number;
}

/**
 * For each prototype, the nearest other one (the first of several equal); undefined where there is no other.
 *
 * @param vectors [P, D]
 */
export function nearestPrototypes(
  { shape: [count, depth], data }: HostTensor<"float32">,
): (NearestPrototype | undefined)[] {
  const best = new Float64Array(count).fill(Infinity);
  const nearest = new Int32Array(count).fill(-1);
  for (let a = 0; a < count; a++) {
    for (let b = a + 1; b < count; b++) {
      let squares = 0;
      for (let i = 0; i < depth; i++) squares += (data[a * depth + i] - data[b * depth + i]) ** 2;
      for (const [one, other] of [[a, b], [b, a]]) {
        if (squares >= best[one]) continue;
        best[one] = squares;
        nearest[one] = other;
      }
    }
  }
  return Array.from(
    nearest,
    (prototype, i) => prototype < 0 ? undefined : { prototype, difference: Math.sqrt(best[i] / depth) },
  );
}
