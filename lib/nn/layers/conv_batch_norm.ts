/** A convolution without bias followed by batch norm, over [N, H, W, C]. */

import { elementCount } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { add, mul } from "../../tensor/ops/arithmetic.ts";
import { evaluationAffine, movedStatistics } from "../../tensor/ops/batch_norm.ts";
import { convChannelsLast } from "../../tensor/ops/channels_last.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { wideningBatchNorm } from "../../tensor/ops/widening_batch_norm.ts";
import { batchNormLayer, keepStatistics, normTensors } from "./batch_norm.ts";
import { type LayerContext, stateTensor } from "./layer_context.ts";

/** Settings of a batch norm; the defaults are PyTorch's. */
export interface BatchNormSettings {
  /** The weight of a batch in the running statistics; 0.1 by default. */
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
 * batchNorm(conv(x)) for x [N, H, W, C]. In evaluation the weight is multiplied by the norm's factor, which
 * saves a pass over the output.
 */
export function convBatchNorm(
  x: Tensor,
  { conv, norm: normName }: { readonly conv: string; readonly norm: string },
  context: LayerContext,
  { stride = 1, padding = 0, norm = {} }: ConvBatchNormOptions = {},
): Tensor {
  const weight = stateTensor(context, `${conv}.weight`);
  if (context.training) {
    if (isWidening(weight, stride, padding)) return widening(x, weight, normName, context, norm);
    const y = convChannelsLast(x, weight, { stride, padding });
    return batchNormLayer(y, normName, context, { axis: -1, ...norm });
  }
  const { scale, shift } = evaluationAffine({ ...normTensors(normName, context), ...norm });
  const scaled = mul(weight, reshape(scale, [-1, 1, 1, 1]));
  return add(convChannelsLast(x, scaled, { stride, padding }), shift);
}

/** The measured ratio of output to input channels from which {@link wideningBatchNorm} is faster. */
const WIDENING = 4;

function isWidening({ shape: [out, channels, ...kernel] }: Tensor, stride: number, padding: number): boolean {
  return kernel.join() === "1,1" && stride === 1 && padding === 0 && out >= WIDENING * channels;
}

function widening(
  x: Tensor,
  weight: Tensor,
  name: string,
  context: LayerContext,
  { momentum, eps }: BatchNormSettings,
): Tensor {
  const { runningMean, runningVar, ...affine } = normTensors(name, context);
  const { y, average, variance } = wideningBatchNorm(x, weight, { ...affine, eps });
  const count = elementCount(x.shape) / x.shape[3];
  const statistics = movedStatistics({ runningMean, runningVar, momentum }, { average, variance, count });
  keepStatistics(name, context, statistics);
  return y;
}
