/** The conversion of squared distances to similarities. */

import type { Tensor } from "../op.ts";
import { add, div, log } from "./arithmetic.ts";

/** The similarity ln((1 + d) / (d + 1e-14)), which falls as the squared distance d grows. */
export function logSimilarity(distance: Tensor): Tensor {
  return log(div(add(distance, 1), add(distance, 1e-14)));
}
