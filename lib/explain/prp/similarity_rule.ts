/** Prototype relevance propagation's rule for the similarity of a feature vector and a prototype (Gautam et al. 2023). */

import type { Fidelity } from "../../fidelity.ts";
import type { Tensor } from "../../tensor/op.ts";
import { add, div, mul, sub } from "../../tensor/ops/arithmetic.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { reciprocal, square } from "../../tensor/ops/elementwise.ts";
import { unsqueeze } from "../../tensor/ops/shape.ts";

const EPS = 1e-12;

/**
 * Distributes the relevance of similarities to the channels of the vectors. A channel gets more relevance the
 * nearer it is to the prototype's channel:
 *
 *     d_c = 1 / ((x_c − p_c)² + 1e-12),   R_c = G·d_c / (Σ_c' d_c' + 2e-12)
 *
 * `reference`: for a single position all pairs of channels are compared, d_cc' = 1 / ((x_c' − p_c)² + 1e-12)
 * and R_c = G·Σ_c' d_cc' / (Σ_c'' d_c''c' + 2e-12), so that the relevance becomes D times as much.
 *
 * @param x [S, N, D]: the vectors at N positions
 * @param prototypes [S, D]: the prototype of every sweep
 * @param relevance [S, N]: the relevance of the similarities
 * @returns [S, N, D]
 */
export function similarityRule(
  x: Tensor,
  prototypes: Tensor,
  relevance: Tensor,
  fidelity: Fidelity,
): Tensor {
  const shares = x.shape[1] === 1 && fidelity === "reference"
    ? pairwiseShares(x, prototypes)
    : channelShares(x, prototypes);
  return mul(unsqueeze(relevance, 2), shares);
}

function channelShares(x: Tensor, prototypes: Tensor): Tensor {
  const nearness = nearnessOf(sub(x, unsqueeze(prototypes, 1)));
  return div(nearness, add(sum(nearness, { axes: [2], keepdim: true }), 2 * EPS));
}

function pairwiseShares(x: Tensor, prototypes: Tensor): Tensor {
  // [S, c of the prototype, c' of the vector]
  const nearness = nearnessOf(sub(x, unsqueeze(prototypes, 2)));
  const shares = div(nearness, add(sum(nearness, { axes: [1], keepdim: true }), 2 * EPS));
  return unsqueeze(sum(shares, { axes: [2] }), 1);
}

function nearnessOf(difference: Tensor): Tensor {
  return reciprocal(add(square(difference), EPS));
}
