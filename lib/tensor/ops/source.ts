/** Tensors without inputs: a program's inputs, constants and scalars. */

import { elementCount, type HostTensor, int64 } from "../host_tensor.ts";
import { apply1, defineOp, type ElementType, Mismatch, type Tensor } from "../op.ts";
import { hostFrom } from "../values.ts";

/** The name and type of a program's input. */
export interface InputAttributes {
  name: string;
  dtype: ElementType;
  shape: readonly number[];
}

/** The operation of a program's inputs; {@link input} creates its tensor. */
export const inputOp = defineOp<InputAttributes>({
  name: "input",
  infer(_, { name, dtype, shape }) {
    if (name === "") throw new Mismatch("an input needs a name");
    if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) {
      throw new Mismatch(`input "${name}" has shape [${shape}], but lengths must be non-negative integers`);
    }
    return [{ dtype, shape }];
  },
});

const constantOp = defineOp<{ value: HostTensor }>({
  name: "constant",
  infer(_, { value: { dtype, shape } }) {
    if (!["float32", "float64", "int64", "int32", "uint8", "bool"].includes(dtype)) {
      throw new Mismatch(`a constant of type ${dtype} is not supported`);
    }
    return [{ dtype: dtype as ElementType, shape }];
  },
  interpret: (_, { value }) => [{ shape: value.shape, data: Float64Array.from(value.data, Number) }],
  emit: (to, { attributes }) => [to.constant(attributes.value)],
});

/**
 * Filled constants with up to this many elements are stored: reading them is faster than computing them in
 * every run.
 */
const LARGEST_INITIALIZER = 2 ** 14;

const scalarOp = defineOp<{ value: number; dtype: ElementType; shape: readonly number[] }>({
  name: "full",
  infer: (_, { dtype, shape }) => [{ dtype, shape }],
  interpret: (_, { value, shape }) => [{ shape, data: new Float64Array(elementCount(shape)).fill(value) }],
  emit(to, { attributes: { value, dtype, shape }, outputs }) {
    const count = elementCount(shape);
    if (count <= LARGEST_INITIALIZER) {
      return [to.constant(hostFrom(dtype, shape, new Float64Array(count).fill(value)))];
    }
    to.node(
      "Expand",
      [to.constant(hostFrom(dtype, [], [value])), to.constant(int64([shape.length], shape))],
      outputs,
    );
  },
});

/** A tensor whose value is given under `name` in every run. Weights are inputs too. */
export function input(name: string, dtype: ElementType, shape: readonly number[]): Tensor {
  return apply1(inputOp, [], { name, dtype, shape });
}

/** A constant that is stored in the program. */
export function constant(value: HostTensor): Tensor {
  return apply1(constantOp, [], { value });
}

/** A tensor of `shape` filled with `value`. */
export function full(shape: readonly number[], value: number, dtype: ElementType = "float32"): Tensor {
  return apply1(scalarOp, [], { value, dtype, shape });
}

/** A constant of shape []. */
export function scalar(value: number, dtype: ElementType = "float32"): Tensor {
  return full([], value, dtype);
}

/** A tensor of zeros. */
export function zeros(shape: readonly number[], dtype: ElementType = "float32"): Tensor {
  return full(shape, 0, dtype);
}

/** 0, 1, … length − 1. */
export function iota(length: number, dtype: ElementType = "int64"): Tensor {
  return constant(hostFrom(dtype, [length], Array.from({ length }, (_, i) => i)));
}
