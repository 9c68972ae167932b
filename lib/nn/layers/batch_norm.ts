/** The batch normalisation layer: weight, bias and running statistics under PyTorch's names. */

import type { Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { batchNorm } from "../../tensor/ops/batch_norm.ts";
import { scalar } from "../../tensor/ops/source.ts";
import { buffer, parameter, type TensorSpec } from "../tensor_spec.ts";
import { type LayerContext, stateTensor } from "./layer_context.ts";

/** The entries of a batch normalisation of `channels` in a state dictionary, in PyTorch's order. */
export function batchNormSpecs(name: string, channels: number): TensorSpec[] {
  return [
    parameter(`${name}.weight`, [channels]),
    parameter(`${name}.bias`, [channels]),
    buffer(`${name}.running_mean`, [channels]),
    buffer(`${name}.running_var`, [channels]),
    buffer(`${name}.num_batches_tracked`, [], "int64"),
  ];
}

/** The tensors of the batch normalisation called `name`. */
export function normTensors(name: string, context: LayerContext) {
  return {
    weight: stateTensor(context, `${name}.weight`),
    bias: stateTensor(context, `${name}.bias`),
    runningMean: stateTensor(context, `${name}.running_mean`),
    runningVar: stateTensor(context, `${name}.running_var`),
  };
}

export interface BatchNormLayerOptions {
  /** The axis of the channels. */
  axis: number;
  momentum?: number;
  eps?: number;
}

/**
 * The normalised x. In training the buffers after this batch are added to `context.updated`; the count of batches only
 * where the state has one, since old files lack it.
 */
export function batchNormLayer(
  x: Tensor,
  name: string,
  context: LayerContext,
  { axis, momentum, eps }: BatchNormLayerOptions,
): Tensor {
  const { training } = context;
  const result = batchNorm(x, { ...normTensors(name, context), training, axis, momentum, eps });
  if (training) keepStatistics(name, context, result);
  return result.y;
}

/** Adds the running statistics after a batch, and the count of batches where the state has one, to the updated buffers. */
export function keepStatistics(
  name: string,
  { state, updated }: LayerContext,
  { runningMean, runningVar }: { readonly runningMean: Tensor; readonly runningVar: Tensor },
): void {
  updated.set(`${name}.running_mean`, runningMean);
  updated.set(`${name}.running_var`, runningVar);
  const count = state.get(`${name}.num_batches_tracked`);
  if (count) updated.set(`${name}.num_batches_tracked`, add(count, scalar(1, "int64")));
}
