/** Which view of an image explains a prototype's similarity. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/** The similarity of an image's views to a prototype. */
export interface ScoredView {
  /** Its place among the views. */
  readonly view: number;
  readonly similarity: number;
}

/**
 * The most similar view to `prototype`, the first of equals.
 *
 * @param similarities [P, V] of one image
 * @throws {RangeError} when there is no such prototype.
 */
export function bestView({ shape, data }: HostTensor<"float32">, prototype: number): ScoredView {
  const [prototypes, views] = shape;
  if (!(prototype >= 0 && prototype < prototypes)) {
    throw new RangeError(`there is no prototype ${prototype}; there are ${prototypes}, counted from 0`);
  }
  let best = { view: 0, similarity: data[prototype * views] };
  for (let view = 1; view < views; view++) {
    const similarity = data[prototype * views + view];
    if (similarity > best.similarity) best = { view, similarity };
  }
  return best;
}
