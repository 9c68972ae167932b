/** The weighted sum of loss terms. */

import type { Tensor } from "../../tensor/op.ts";
import { add, mul } from "../../tensor/ops/arithmetic.ts";

/** The terms and their weighted sum, `loss`. Terms without a weight are reported but not part of the sum. */
export function totalLoss(
  terms: Readonly<Record<string, Tensor>>,
  weights: Readonly<Record<string, number>>,
): Record<string, Tensor> {
  const weighted = Object.entries(weights).map(([name, weight]) => mul(terms[name], weight));
  return { ...terms, loss: weighted.reduce((total, term) => add(total, term)) };
}
