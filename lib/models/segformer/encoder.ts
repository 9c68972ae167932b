/** SegFormer's encoder: stages of attention over maps of decreasing size. */

import { type LayerContext, stateTensor } from "../../nn/layers/layer_context.ts";
import { linearLayer } from "../../nn/layers/linear.ts";
import { labelled, type Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { rowsOf, toChannelsFirst, toChannelsLast } from "../../tensor/ops/channels_last.ts";
import { conv2d } from "../../tensor/ops/conv.ts";
import { gelu } from "../../tensor/ops/elementwise.ts";
import { multiHeadAttention } from "../../tensor/ops/multi_head_attention.ts";
import { layerNorm } from "../../tensor/ops/normalization.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import type { SegformerConfiguration } from "./configuration.ts";
import { blockName, ENCODER } from "./tensor_specs.ts";

/**
 * PyTorch's default eps. The transformers library uses it for every normalisation and ignores its
 * configuration.
 */
const EPS = 1e-5;

export interface SegformerStage {
  /** The normalised patches, and the stage's normalised result: [N, H, W, C]. */
  readonly patches: Tensor;
  readonly result: Tensor;
}

/** The stages of images [N, channels, H, W], already normalised. */
export function segformerEncoder(
  images: Tensor,
  configuration: SegformerConfiguration,
  context: LayerContext,
): SegformerStage[] {
  const stages: SegformerStage[] = [];
  configuration.depths.forEach((depth, stage) => {
    const before = stage === 0 ? images : toChannelsFirst(stages[stage - 1].result);
    const patches = embedPatches(before, stage, configuration, context);
    let x = patches;
    for (let block = 0; block < depth; block++) x = encoderBlock(x, stage, block, configuration, context);
    stages.push({ patches, result: norm(x, `${ENCODER}.layer_norm.${stage}`, context) });
  });
  return stages;
}

/** Overlapping patches: a convolution with a kernel wider than its stride. */
function embedPatches(
  x: Tensor,
  stage: number,
  { patchSizes, strides }: SegformerConfiguration,
  context: LayerContext,
): Tensor {
  const name = `${ENCODER}.patch_embeddings.${stage}`;
  const padding = Math.floor(patchSizes[stage] / 2);
  const y = convolution(x, `${name}.proj`, context, { stride: strides[stage], padding });
  return norm(toChannelsLast(y), `${name}.layer_norm`, context);
}

function encoderBlock(
  x: Tensor,
  stage: number,
  block: number,
  configuration: SegformerConfiguration,
  context: LayerContext,
): Tensor {
  const name = blockName(stage, block);
  return labelled(name, () => {
    const attended = add(
      x,
      attention(norm(x, `${name}.layer_norm_1`, context), stage, name, configuration, context),
    );
    return add(attended, feedForward(norm(attended, `${name}.layer_norm_2`, context), name, context));
  });
}

/** Attention of all positions to keys and values from a map that a strided convolution has downsampled. */
function attention(
  x: Tensor,
  stage: number,
  block: string,
  { heads, reductions }: SegformerConfiguration,
  context: LayerContext,
): Tensor {
  const name = `${block}.attention.self`;
  const [batch, , , size] = x.shape;
  const reduction = reductions[stage];
  const source = reduction > 1
    ? norm(
      toChannelsLast(convolution(toChannelsFirst(x), `${name}.sr`, context, { stride: reduction })),
      `${name}.layer_norm`,
      context,
    )
    : x;
  const project = (map: Tensor, role: string) =>
    linearLayer(reshape(map, [batch, -1, size]), `${name}.${role}`, context);
  const y = multiHeadAttention(project(x, "query"), project(source, "key"), project(source, "value"), {
    heads: heads[stage],
    scale: (size / heads[stage]) ** -0.5,
  });
  return reshape(linearLayer(y, `${block}.attention.output.dense`, context), x.shape);
}

/** Two linear layers; between them a depthwise convolution, which encodes positions, and GELU. */
function feedForward(x: Tensor, block: string, context: LayerContext): Tensor {
  const hidden = toChannelsFirst(linearLayer(x, `${block}.mlp.dense1`, context));
  const mixed = convolution(hidden, `${block}.mlp.dwconv.dwconv`, context, {
    padding: 1,
    groups: hidden.shape[1],
  });
  return linearLayer(toChannelsLast(gelu(mixed)), `${block}.mlp.dense2`, context);
}

function convolution(
  x: Tensor,
  name: string,
  context: LayerContext,
  options: { stride?: number; padding?: number; groups?: number },
): Tensor {
  const bias = stateTensor(context, `${name}.bias`);
  return conv2d(x, stateTensor(context, `${name}.weight`), { ...options, bias });
}

function norm(x: Tensor, name: string, context: LayerContext): Tensor {
  const [weight, bias] = ["weight", "bias"].map((part) => stateTensor(context, `${name}.${part}`));
  return reshape(layerNorm(rowsOf(x), { weight, bias, eps: EPS }), x.shape);
}
