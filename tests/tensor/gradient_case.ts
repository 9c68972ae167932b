/** A case of the gradient tests: a graph whose gradients are compared with finite differences. */

import { float32, int64 } from "../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../lib/tensor/op.ts";
import { cast } from "../../lib/tensor/ops/elementwise.ts";
import { constant } from "../../lib/tensor/ops/source.ts";

export interface GradientCase {
  readonly name: string;
  /** Shapes of the inputs, all of which are differentiated. */
  readonly shapes: readonly (readonly number[])[];
  readonly build: (...inputs: Tensor[]) => Tensor;
  /** Where the inputs' values lie; [−1, 1] by default. */
  readonly range?: readonly [number, number];
}

/** The range of inputs that must be positive. */
export const POSITIVE = [0.2, 2] as const;

/** An int64 constant. */
export const indices = (shape: number[], values: number[]) => constant(int64(shape, values));
/** A bool constant: true where the value is not 0. */
export const mask = (shape: number[], values: number[]) => cast(constant(float32(shape, values)), "bool");
