/** The batch normalisation layer: weight, bias and running statistics under PyTorch's names. */

import type { Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { batchNorm } from "../../tensor/ops/batch_norm.ts";
import { scalar } from "../../tensor/ops/source.ts";
import { buffer, parameter, type TensorSpec } from "../tensor_spec.ts";
import { type LayerContext, stateTensor } from "./layer_context.ts";

/** The tensors of a batch normalisation of `channels` in a state dictionary, in PyTorch's order. */
export function batchNormSpecs(name: string, channels: number): TensorSpec[] {
  return [
    parameter(`${name}.weight`, [channels]),
    parameter(`${name}.bias`, [channels]),
    buffer(`${name}.running_mean`, [channels]),
    buffer(`${name}.running_var`, [channels]),
    buffer(`${name}.num_batches_tracked`, [], "int64"),
  ];
}

/** The state tensors of the batch normalisation with this name. */
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
 * Normalises x. In training, adds the buffers after this batch to `context.updated`. The batch count is added
 * only if the state has one, because old files lack it.
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

/**
 * Adds the running statistics after a batch to the updated buffers, and the batch count if the state has one.
 */
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
