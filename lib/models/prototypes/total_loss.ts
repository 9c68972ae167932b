/** The weighted sum of a loss's terms. */

import type { Tensor } from "../../tensor/op.ts";
import { add, mul } from "../../tensor/ops/arithmetic.ts";

/** The terms and, as `loss`, their sum with the given weights; terms without a weight are only reported. */
export function totalLoss(
  terms: Readonly<Record<string, Tensor>>,
  weights: Readonly<Record<string, number>>,
): Record<string, Tensor> {
  const weighted = Object.entries(weights).map(([name, weight]) => mul(terms[name], weight));
  return { ...terms, loss: weighted.reduce((total, term) => add(total, term)) };
}
