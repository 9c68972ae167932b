/** Rearrangements of the same elements: reshape, transpose and combinations of them. */

import { elementCount, int64 } from "../host_tensor.ts";
import { apply1, checked, defineOp, Mismatch, type Tensor } from "../op.ts";
import { emptyValues, forEachIndex, normalizeAxes, normalizeAxis, offsetOf, stridesOf } from "../values.ts";

const reshapeOp = defineOp<{ shape: readonly number[] }>({
  name: "reshape",
  canonical([x], { shape }) {
    const open = shape.indexOf(-1);
    if (open < 0) return { shape };
    const known = elementCount(shape.filter((_, axis) => axis !== open));
    const missing = elementCount(x.shape) / known;
    if (!Number.isInteger(missing)) {
      throw new Mismatch(`no length for the -1 in [${shape}] gives the right number of elements`);
    }
    return { shape: shape.with(open, missing) };
  },
  infer([x], { shape }) {
    if (shape.some((length) => !Number.isInteger(length) || length < 0)) {
      throw new Mismatch(`[${shape}] is not a shape (one -1 is allowed)`);
    }
    if (elementCount(shape) !== elementCount(x.shape)) {
      throw new Mismatch(
        `[${x.shape}] has ${elementCount(x.shape)} elements, but [${shape}] has ${elementCount(shape)}`,
      );
    }
    return [{ dtype: x.dtype, shape }];
  },
  vjp: ({ inputs: [x], cotangents: [dy] }) => [reshape(dy!, x.shape)],
  interpret: ([x], { shape }) => [{ shape, data: x.data }],
  emit: (to, { inputs: [x], outputs, attributes: { shape } }) =>
    to.node("Reshape", [x, to.constant(int64([shape.length], shape))], outputs, { allowzero: 1 }),
});

const transposeOp = defineOp<{ perm: readonly number[] }>({
  name: "transpose",
  canonical: ([x], { perm }) => ({ perm: perm.map((axis) => normalizeAxis(axis, x.shape.length)) }),
  infer([x], { perm }) {
    if (perm.length !== x.shape.length || new Set(perm).size !== perm.length) {
      throw new Mismatch(`[${perm}] is not a permutation of ${x.shape.length} axes`);
    }
    return [{ dtype: x.dtype, shape: perm.map((axis) => x.shape[axis]) }];
  },
  vjp: (
    { attributes: { perm }, cotangents: [dy] },
  ) => [transpose(dy!, perm.map((_, axis) => perm.indexOf(axis)))],
  interpret([x], { perm }, [{ shape }]) {
    const y = emptyValues(shape);
    const own = stridesOf(x.shape);
    const strides = perm.map((axis) => own[axis]);
    forEachIndex(shape, (index, at) => y.data[at] = x.data[offsetOf(index, strides)]);
    return [y];
  },
  emit: (to, { inputs, outputs, attributes: { perm } }) => to.node("Transpose", inputs, outputs, { perm }),
});

/** The same elements in another shape; one length may be -1. */
export function reshape(x: Tensor, shape: readonly number[]): Tensor {
  return x.shape.join() === shape.join() ? x : apply1(reshapeOp, [x], { shape });
}

/** `y.shape[i] = x.shape[perm[i]]`. */
export function transpose(x: Tensor, perm: readonly number[]): Tensor {
  const same = perm.length === x.shape.length && perm.every((axis, i) => axis === i);
  return same ? x : apply1(transposeOp, [x], { perm });
}

/** The last two axes exchanged. */
export function matrixTranspose(x: Tensor): Tensor {
  const axes = x.shape.map((_, axis) => axis);
  return transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2]);
}

/** Inserts an axis of length 1 at `axis` of the result. */
export function unsqueeze(x: Tensor, axis: number): Tensor {
  return checked(
    "unsqueeze",
    [x],
    { axis },
    () => reshape(x, x.shape.toSpliced(normalizeAxis(axis, x.shape.length + 1), 0, 1)),
  );
}

/** Removes the given axes, which must have length 1. */
export function squeeze(x: Tensor, axes: readonly number[]): Tensor {
  return checked("squeeze", [x], { axes }, () => {
    const normal = normalizeAxes(axes, x.shape.length);
    if (normal.some((axis) => x.shape[axis] !== 1)) {
      throw new Mismatch("only axes of length 1 can be removed");
    }
    return reshape(x, x.shape.filter((_, axis) => !normal.includes(axis)));
  });
}
