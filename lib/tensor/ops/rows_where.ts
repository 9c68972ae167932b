/** Selecting rows by a condition that is known only when a program runs. */

import { apply1, defineOp, Mismatch, type Tensor } from "../op.ts";
import { elementCount } from "../host_tensor.ts";

const rowsWhereOp = defineOp<Record<never, never>>({
  name: "rows_where",
  infer([x, condition]) {
    if (condition.dtype !== "bool" || condition.shape.join() !== String(x.shape[0])) {
      throw new Mismatch("the condition must be bool with an element for each row");
    }
    return [x];
  },
  interpret([x, condition]) {
    const shape = x.shape.slice(1);
    const size = elementCount(shape);
    const chosen = [...condition.data.entries()].filter(([, value]) => value !== 0).map(([row]) => row);
    const data = new Float64Array(chosen.length * size);
    chosen.forEach((row, i) => data.set(x.data.subarray(row * size, (row + 1) * size), i * size));
    return [{ shape: [chosen.length, ...shape], data }];
  },
  emit: (to, { inputs, outputs }) => to.node("Compress", inputs, outputs, { axis: 0 }),
});

/**
 * The rows of x [N, …] where `condition`, bool [N], is true, in their order. The result is an output of a program: its value
 * has as many rows as were chosen, its type the N that there can be.
 */
export function rowsWhere(x: Tensor, condition: Tensor): Tensor {
  return apply1(rowsWhereOp, [x, condition], {});
}
