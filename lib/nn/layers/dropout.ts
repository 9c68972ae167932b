/** Dropout (Srivastava et al. 2014). The mask is an input, so that a program has no random state. */

import { checked, Mismatch, type Tensor } from "../../tensor/op.ts";
import { mul } from "../../tensor/ops/arithmetic.ts";

export interface DropoutOptions {
  /** The probability that an element is dropped. */
  p: number;
  training: boolean;
}

/**
 * x·mask/(1 − p) in training, x in evaluation.
 *
 * @param mask float32 of x's shape: 1 for elements that are kept, else 0
 * @throws {GraphError} unless 0 ≤ p < 1 and the mask has the shape of x.
 */
export function dropout(x: Tensor, mask: Tensor, { p, training }: DropoutOptions): Tensor {
  return checked("dropout", [x, mask], { p }, () => {
    if (!(p >= 0 && p < 1)) throw new Mismatch("the probability p must be at least 0 and less than 1");
    if (x.shape.join() !== mask.shape.join()) throw new Mismatch("the mask must have the shape of x");
    return training ? mul(x, mul(mask, 1 / (1 - p))) : x;
  });
}
