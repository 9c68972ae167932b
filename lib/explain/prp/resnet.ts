/**
 * Relevance propagation through a canonised ResNet: runs once per view, then propagates from its features to
 * its input.
 */

import { convolutionsOf, type ResidualBlock } from "../../models/residual_block.ts";
import { blocksOf, type ResNetConfig } from "../../models/resnet.ts";
import { BACKBONE_PREFIX } from "../../models/resnet_state.ts";
import { type LayerContext, stateTensor } from "../../nn/layers/layer_context.ts";
import { labelled, type Tensor } from "../../tensor/op.ts";
import { add, mul, neg } from "../../tensor/ops/arithmetic.ts";
import {
  type ChannelsLastConvOptions,
  convChannelsLast,
  toChannelsFirst,
} from "../../tensor/ops/channels_last.ts";
import { finiteRelu } from "../../tensor/ops/elementwise.ts";
import { imageConv } from "../../tensor/ops/image_conv.ts";
import { maxPoolChannelsLast } from "../../tensor/ops/pool_channels_last.ts";
import { downsampling, mainConvolutions, NORM_EPS, type NormedConvolution, STEM } from "./canonise.ts";
import {
  alpha1Beta0,
  type Convolve,
  type InputBounds,
  maxPool,
  type RelevanceRule,
  residualSum,
  zB,
} from "./layer_rules.ts";
import type { Sweeps } from "./sweeps.ts";

/** Relevance [S, C, H, W] of the outputs of the network's stages. */
export interface BackboneRelevance {
  /** Relevance of the network's input. */
  readonly input: Tensor;
  /** Relevance of the outputs of `maxpool`, `layer1`, …; unused ones cost nothing. */
  readonly stages: ReadonlyMap<string, Tensor>;
}

/** A ResNet that was run on V views. */
export interface TracedResNet {
  /** [V, H, W, C], after the last ReLU. */
  readonly features: Tensor;
  /** Propagates the relevance [S, H, W, C] of the features. */
  relevance(ofFeatures: Tensor): BackboneRelevance;
}

export interface TraceOptions {
  readonly config: ResNetConfig;
  /** The state of the model, canonised. */
  readonly state: LayerContext["state"];
  /** The bounds of the views' values. */
  readonly bounds: InputBounds;
  readonly sweeps: Sweeps;
}

const STEM_GEOMETRY = { stride: 2, padding: 3 };
const STEM_POOL = { kernel: 3, stride: 2, padding: 1 };

/** Runs the network on x [V, channels, H, W]. Batch norms and ReLUs pass relevance through unchanged. */
export function traceResNet(x: Tensor, options: TraceOptions): TracedResNet {
  const { config, bounds, sweeps } = options;
  const stemConvolve: Convolve = (input, weight) => imageConv(input, weight, STEM_GEOMETRY);
  const stem = labelled("stem", () => {
    const { weight, after } = canonised(STEM, options);
    const rectified = finiteRelu(after(stemConvolve(x, weight)));
    return {
      output: maxPoolChannelsLast(rectified, STEM_POOL),
      pool: maxPool(rectified, (input) => maxPoolChannelsLast(input, STEM_POOL), sweeps),
      convolution: zB(x, weight, stemConvolve, bounds, sweeps),
    };
  });
  let features = stem.output;
  const blocks = blocksOf(config).map((block) => {
    const traced = labelled(block.name, () => traceBlock(features, block, options));
    features = traced.output;
    return { stage: block.name.split(".")[0], ...traced };
  });
  return {
    features,
    relevance(ofFeatures) {
      const stages = new Map<string, Tensor>();
      const keep = (stage: string, relevance: Tensor) => {
        if (!stages.has(stage)) stages.set(stage, toChannelsFirst(relevance));
      };
      let relevance = ofFeatures;
      for (const { stage, rule } of blocks.toReversed()) {
        keep(stage, relevance);
        relevance = labelled(`relevance ${stage}`, () => rule(relevance));
      }
      keep("maxpool", relevance);
      const input = labelled("relevance stem", () => stem.convolution(stem.pool(relevance)));
      return { input, stages };
    },
  };
}

/** The folded weight of a convolution, its bias and its reset batch norm. */
function canonised({ conv, norm }: NormedConvolution, { state, config }: TraceOptions) {
  const context = { state, training: false, updated: new Map<string, Tensor>() };
  const weight = stateTensor(context, `${BACKBONE_PREFIX}${conv}.weight`);
  const bias = neg(stateTensor(context, `${BACKBONE_PREFIX}${norm}.running_mean`));
  const reset = 1 / Math.sqrt(1 + (config.norm?.eps ?? NORM_EPS));
  return { weight, after: (y: Tensor) => mul(add(y, bias), reset) };
}

interface Traced {
  readonly output: Tensor;
  readonly rule: RelevanceRule;
}

function traceConvolution(
  x: Tensor,
  convolution: NormedConvolution,
  geometry: ChannelsLastConvOptions,
  options: TraceOptions,
): Traced {
  const { weight, after } = canonised(convolution, options);
  const convolve: Convolve = (input, kernel) => convChannelsLast(input, kernel, geometry);
  return {
    output: after(convolve(x, weight)),
    // Every convolution except the first follows a ReLU.
    rule: alpha1Beta0(x, weight, convolve, options.sweeps, { nonNegative: true }),
  };
}

function traceBlock(x: Tensor, block: ResidualBlock, options: TraceOptions): Traced {
  const geometries = convolutionsOf(block).map(({ kernel, stride }) => ({
    stride,
    padding: (kernel - 1) / 2,
  }));
  let y = x;
  const rules = mainConvolutions(block).map((convolution, i) => {
    const traced = traceConvolution(i === 0 ? y : finiteRelu(y), convolution, geometries[i], options);
    y = traced.output;
    return traced.rule;
  });
  const beside = block.downsample
    ? traceConvolution(x, downsampling(block), { stride: block.stride }, options)
    : undefined;
  const identity = beside?.output ?? x;
  const split = residualSum(y, identity, options.sweeps);
  return {
    output: finiteRelu(add(y, identity)),
    rule(relevance) {
      const [main, side] = split(relevance);
      const throughMain = rules.reduceRight((passed, rule) => rule(passed), main);
      return add(throughMain, beside ? beside.rule(side) : side);
    },
  };
}
