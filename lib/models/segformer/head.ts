/**
 * SegFormer's head: stages are projected, upscaled to the finest stage and fused; each position is
 * classified.
 */

import { batchNormLayer } from "../../nn/layers/batch_norm.ts";
import { type LayerContext, stateTensor } from "../../nn/layers/layer_context.ts";
import { linearLayer } from "../../nn/layers/linear.ts";
import { labelled, type Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { rowsOf, toChannelsFirst } from "../../tensor/ops/channels_last.ts";
import { conv2d } from "../../tensor/ops/conv.ts";
import { relu } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { interpolate } from "../../tensor/ops/resample.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { sliceAxis } from "../../tensor/ops/slice.ts";
import { HEAD } from "./tensor_specs.ts";

/** The head's projection of a stage [N, H, W, C] before upscaling: [N, H, W, decoder]. */
export function stageProjection(stage: Tensor, index: number, context: LayerContext): Tensor {
  return linearLayer(stage, `${HEAD}.linear_c.${index}.proj`, context);
}

/**
 * Logits [N, labels, H, W] at the size of the finest stage.
 *
 * In the published model, the projections are upscaled, concatenated from the last stage to the first, and
 * fused by a 1 × 1 convolution. The convolution is a sum over stages and commutes with bilinear
 * interpolation, whose weights add up to 1. Therefore each stage is fused at its own size here, which avoids
 * maps of four times the width at the finest size.
 *
 * @param stages the encoder's results [N, H, W, C], the finest first
 */
export function segformerHead(stages: readonly Tensor[], context: LayerContext): Tensor {
  return labelled(HEAD, () => {
    const [, height, width] = stages[0].shape;
    const fuse = stateTensor(context, `${HEAD}.linear_fuse.weight`);
    const size = fuse.shape[0];
    // Each is added as soon as it is there: a map of the finest size takes more memory than all that comes before.
    const sum = stages.reduceRight<Tensor | undefined>((total, stage, i) => {
      const from = (stages.length - 1 - i) * size;
      const own = reshape(sliceAxis(fuse, 1, from, from + size), [size, size]);
      const projected = stageProjection(stage, i, context);
      const fused = reshape(gemm(rowsOf(projected), own, { transposeB: true }), projected.shape);
      const part = interpolate(toChannelsFirst(fused), { size: [height, width], mode: "bilinear" });
      return total === undefined ? part : add(total, part);
    }, undefined)!;
    const normalised = relu(batchNormLayer(sum, `${HEAD}.batch_norm`, context, { axis: 1 }));
    return conv2d(normalised, stateTensor(context, `${HEAD}.classifier.weight`), {
      bias: stateTensor(context, `${HEAD}.classifier.bias`),
    });
  });
}
