/** A convolution without bias and the batch norm behind it, over [N, H, W, C]. */

import type { Tensor } from "../../tensor/op.ts";
import { add, mul } from "../../tensor/ops/arithmetic.ts";
import { evaluationAffine } from "../../tensor/ops/batch_norm.ts";
import { convChannelsLast } from "../../tensor/ops/channels_last.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { batchNormLayer, normTensors } from "./batch_norm.ts";
import { type LayerContext, stateTensor } from "./layer_context.ts";

export interface BatchNormSettings {
  /** How far running statistics move to those of the batch; 0.1 by default. */
  readonly momentum?: number;
  /** 1e-5 by default. */
  readonly eps?: number;
}

export interface ConvBatchNormOptions {
  stride?: number;
  padding?: number;
  norm?: BatchNormSettings;
}

/**
 * batchNorm(conv(x)) of x [N, H, W, C]. In evaluation the norm's factor goes into the weight, which saves a pass over
 * the output.
 */
export function convBatchNorm(
  x: Tensor,
  { conv, norm: normName }: { readonly conv: string; readonly norm: string },
  context: LayerContext,
  { stride, padding, norm = {} }: ConvBatchNormOptions = {},
): Tensor {
  const weight = stateTensor(context, `${conv}.weight`);
  if (context.training) {
    return batchNormLayer(convChannelsLast(x, weight, { stride, padding }), normName, context, {
      axis: -1,
      ...norm,
    });
  }
  const { scale, shift } = evaluationAffine({ ...normTensors(normName, context), ...norm });
  const scaled = mul(weight, reshape(scale, [-1, 1, 1, 1]));
  return add(convChannelsLast(x, scaled, { stride, padding }), shift);
}
