/** Marks of values that a program with recomputation keeps. */

import { apply1, defineOp, Mismatch, type Tensor } from "../op.ts";

/** Its output is its input. */
export const checkpointOp = defineOp<Record<never, never>>({
  name: "checkpoint",
  infer: ([x]) => [x],
  vjp: ({ outputs: [y], cotangents: [dy] }) => [apply1(checkpointCotangentOp, [dy!, y], {})],
  interpret: ([x]) => [x],
  emit: (_, { inputs }) => inputs,
});

/** (dy, y) → dy: names the cotangent of a checkpoint, so that programs know where its gradient begins. */
export const checkpointCotangentOp = defineOp<Record<never, never>>({
  name: "checkpoint_cotangent",
  infer([dy, y]) {
    if (dy.shape.join() !== y.shape.join()) throw new Mismatch("both must have the same shape");
    return [dy];
  },
  vjp: ({ cotangents: [dy] }) => [dy, undefined],
  interpret: ([dy]) => [dy],
  emit: (_, { inputs: [dy] }) => [dy],
});

/**
 * x, as a value that a program with recomputation keeps: what lies between two checkpoints in a chain can be computed again
 * for the gradients. Good places are those where little memory holds all that the rest of the network reads.
 */
export function checkpoint(x: Tensor): Tensor {
  return apply1(checkpointOp, [x], {});
}
