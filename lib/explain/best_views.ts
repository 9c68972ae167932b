/** Finds the view of an image that explains a prototype's similarity. */

import type { HostTensor } from "../tensor/host_tensor.ts";

/** A view of an image and its similarity to a prototype. */
export interface ScoredView {
  /** The index of the view. */
  readonly view: number;
  readonly similarity: number;
}

/**
 * The view that is most similar to `prototype` (the first of several equal).
 *
 * @param similarities [P, V], for one image
 * @throws {RangeError} if there is no such prototype.
 */
export function bestView({ shape, data }: HostTensor<"float32">, prototype: number): ScoredView {
  const [prototypes, views] = shape;
  if (!(prototype >= 0 && prototype < prototypes)) {
    throw new RangeError(`the prototype must be from 0 to ${prototypes - 1}, but is ${prototype}`);
  }
  let best = { view: 0, similarity: data[prototype * views] };
  for (let view = 1; view < views; view++) {
    const similarity = data[prototype * views + view];
    if (similarity > best.similarity) best = { view, similarity };
  }
  return best;
}
