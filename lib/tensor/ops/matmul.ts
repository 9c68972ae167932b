/** Matrix products. */

import { elementCount } from "../host_tensor.ts";
import { apply1, checked, defineOp, Mismatch, type Tensor } from "../op.ts";
import { broadcastReader, broadcastShapes, emptyValues, forEachIndex } from "../values.ts";
import { sumTo } from "./broadcast.ts";
import { gemm } from "./gemm.ts";
import { matrixTranspose, reshape, squeeze, unsqueeze } from "./shape.ts";

const matmulOp = defineOp<Record<never, never>>({
  name: "matmul",
  infer([a, b]) {
    if (a.dtype !== "float32" || b.dtype !== "float32") throw new Mismatch("needs float32");
    if (a.shape.length < 2 || b.shape.length < 2) throw new Mismatch("both sides need at least two axes");
    const [rows, inner] = a.shape.slice(-2);
    const [innerB, columns] = b.shape.slice(-2);
    if (inner !== innerB) {
      throw new Mismatch(`the left side has ${inner} columns, but the right side has ${innerB} rows`);
    }
    return [{
      dtype: a.dtype,
      shape: [...broadcastShapes([a.shape.slice(0, -2), b.shape.slice(0, -2)]), rows, columns],
    }];
  },
  vjp: ({ inputs: [a, b], cotangents: [dy], wanted }) => [
    wanted[0] ? sumTo(matmul(dy!, matrixTranspose(b)), a.shape) : undefined,
    wanted[1] ? rightGradient(a, b, dy!) : undefined,
  ],
  interpret([a, b], _, [{ shape }]) {
    const y = emptyValues(shape);
    const inner = a.shape[a.shape.length - 1];
    const batch = shape.slice(0, -2);
    const readA = broadcastReader(a, [...batch, ...a.shape.slice(-2)]);
    const readB = broadcastReader(b, [...batch, ...b.shape.slice(-2)]);
    forEachIndex(shape, (index, at) => {
      const head = index.slice(0, -2);
      const [row, column] = index.slice(-2);
      for (let k = 0; k < inner; k++) y.data[at] += readA([...head, row, k]) * readB([...head, k, column]);
    });
    return [y];
  },
  emit: (to, { inputs, outputs }) => to.node("MatMul", inputs, outputs),
});

/** aᵀ·dy. If b has no batch axes, the batch axes of a become rows, so that one product sums over them. */
function rightGradient(a: Tensor, b: Tensor, dy: Tensor): Tensor {
  if (b.shape.length === 2 && a.shape.length > 2) {
    const rows = (x: Tensor) =>
      reshape(x, [x.shape.slice(0, -1).reduce((m, n) => m * n, 1), x.shape.at(-1)!]);
    return matmul(matrixTranspose(rows(a)), rows(dy));
  }
  return sumTo(matmul(matrixTranspose(a), dy), b.shape);
}

/**
 * The product by numpy's rules: batch axes broadcast; a vector is a row on the left side and a column on the
 * right.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  if (a.shape.length === 1) return squeeze(matmul(unsqueeze(a, 0), b), [b.shape.length === 1 ? 0 : -2]);
  if (b.shape.length === 1) return squeeze(matmul(a, unsqueeze(b, 1)), [-1]);
  return apply1(matmulOp, [a, b], {});
}

/** x·weightᵀ + bias for x [..., in] and weight [out, in], as one product over all axes before the last. */
export function linear(x: Tensor, weight: Tensor, bias?: Tensor): Tensor {
  return checked("linear", bias ? [x, weight, bias] : [x, weight], {}, () => {
    const length = x.shape.at(-1);
    if (length === undefined) throw new Mismatch("needs x with at least one axis");
    const rows = elementCount(x.shape) / Math.max(1, length);
    const product = gemm(reshape(x, [rows, length]), weight, { transposeB: true, bias });
    return reshape(product, [...x.shape.slice(0, -1), weight.shape[0]]);
  });
}
