/** The ResNet family of torchvision (He et al. 2016, arXiv:1512.03385, with the stride in the 3×3 convolution). */

import { batchNormLayer, batchNormSpecs } from "../nn/layers/batch_norm.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { GraphError, labelled, type Tensor } from "../tensor/op.ts";
import { add } from "../tensor/ops/arithmetic.ts";
import { convChannelsLast, toChannelsFirst, toChannelsLast } from "../tensor/ops/channels_last.ts";
import { conv2d } from "../tensor/ops/conv.ts";
import { relu } from "../tensor/ops/elementwise.ts";
import { maxPool2d } from "../tensor/ops/pool.ts";

export interface ResNetConfig {
  readonly block: "basic" | "bottleneck";
  /** Blocks of each stage. */
  readonly layers: readonly number[];
  /** Channels within the blocks of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** Strides of the stages' first blocks. */
  readonly strides: readonly number[];
  /** Of the input; 3 by default. */
  readonly channels?: number;
  /** Which convolution of a bottleneck has the stride: `conv2`, the 3×3, by default; Keras has it in `conv1`. */
  readonly strideIn?: "conv1" | "conv2";
  /** Of the batch norms; 1e-5 by default. */
  readonly eps?: number;
}

function config(block: ResNetConfig["block"], layers: readonly number[]): ResNetConfig {
  return { block, layers, width: 64, strides: [1, 2, 2, 2] };
}

/** The published sizes. */
export const RESNETS = {
  resnet18: config("basic", [2, 2, 2, 2]),
  resnet34: config("basic", [3, 4, 6, 3]),
  resnet50: config("bottleneck", [3, 4, 6, 3]),
  resnet101: config("bottleneck", [3, 4, 23, 3]),
} as const;

/** Output channels of a block over its width. */
const EXPANSION = { basic: 1, bottleneck: 4 } as const;

interface BlockConfig {
  readonly name: string;
  readonly kind: ResNetConfig["block"];
  readonly channels: number;
  readonly width: number;
  readonly stride: number;
  readonly strideIn: "conv1" | "conv2";
  readonly eps?: number;
  readonly downsample: boolean;
}

/** The blocks in order, `layer1.0` first. */
function blocksOf({ block, layers, width, strides, strideIn = "conv2", eps }: ResNetConfig): BlockConfig[] {
  if (strides.length !== layers.length) {
    throw new RangeError(
      `a ResNet of ${layers.length} stages needs as many strides, but [${strides}] was given`,
    );
  }
  let channels = width;
  return layers.flatMap((count, stage) => {
    const stageWidth = width * 2 ** stage;
    return Array.from({ length: count }, (_, index): BlockConfig => {
      const stride = index === 0 ? strides[stage] : 1;
      const out = stageWidth * EXPANSION[block];
      const described = {
        name: `layer${stage + 1}.${index}`,
        kind: block,
        channels,
        width: stageWidth,
        stride,
        strideIn,
        eps,
        downsample: stride !== 1 || channels !== out,
      };
      channels = out;
      return described;
    });
  });
}

/** Channels of the features. */
export function resNetChannels({ block, layers, width }: ResNetConfig): number {
  return width * 2 ** (layers.length - 1) * EXPANSION[block];
}

/** Parameters and buffers in the order of PyTorch's state dictionary, without a classifier. */
export function resNetSpecs(config: ResNetConfig): TensorSpec[] {
  const { width, channels = 3 } = config;
  return [
    parameter("conv1.weight", [width, channels, 7, 7]),
    ...batchNormSpecs("bn1", width),
    ...blocksOf(config).flatMap(blockSpecs),
  ];
}

function convolutionsOf({ kind, channels, width }: BlockConfig): (readonly number[])[] {
  return kind === "basic" ? [[width, channels, 3, 3], [width, width, 3, 3]] : [
    [width, channels, 1, 1],
    [width, width, 3, 3],
    [4 * width, width, 1, 1],
  ];
}

function blockSpecs(block: BlockConfig): TensorSpec[] {
  const { name, kind, channels, width, downsample } = block;
  const specs = convolutionsOf(block).flatMap((shape, i) => [
    parameter(`${name}.conv${i + 1}.weight`, shape),
    ...batchNormSpecs(`${name}.bn${i + 1}`, shape[0]),
  ]);
  if (downsample) {
    const out = width * EXPANSION[kind];
    specs.push(
      parameter(`${name}.downsample.0.weight`, [out, channels, 1, 1]),
      ...batchNormSpecs(`${name}.downsample.1`, out),
    );
  }
  return specs;
}

export interface ResNetResult {
  /** [N, C, H, W], after the last ReLU. */
  readonly features: Tensor;
  /** [N, C, H, W] after conv1, bn1, relu, maxpool and every block `layerS.B`. */
  readonly activations: ReadonlyMap<string, Tensor>;
}

/**
 * The features of x [N, channels, H, W].
 *
 * Blocks compute in [N, H, W, C], where 1×1 convolutions are matrix products and what is per channel runs along the
 * last axis; what is returned is in [N, C, H, W], and costs nothing where it is not used.
 *
 * @param context running statistics after the batch are added to its `updated` in training
 * @throws {GraphError} when x or the state does not fit the configuration.
 */
export function resNet(x: Tensor, config: ResNetConfig, context: LayerContext): ResNetResult {
  const { channels = 3 } = config;
  if (x.shape.length !== 4 || x.shape[1] !== channels) {
    throw new GraphError(`the ResNet needs x [N, ${channels}, H, W], but [${x.shape}] was given`);
  }
  const activations = new Map<string, Tensor>();
  const keep = (name: string, tensor: Tensor) => {
    activations.set(name, tensor);
    return tensor;
  };
  const conv1 = keep("conv1", conv2d(x, stateTensor(context, "conv1.weight"), { stride: 2, padding: 3 }));
  const bn1 = keep("bn1", labelled("bn1", () => batchNormLayer(conv1, "bn1", context, { axis: 1, eps: config.eps })));
  const stem = keep(
    "maxpool",
    maxPool2d(keep("relu", relu(bn1)), { kernel: 3, stride: 2, padding: 1 }).values,
  );
  let y = toChannelsLast(stem);
  for (const block of blocksOf(config)) {
    y = labelled(block.name, () => residualBlock(y, block, context));
    activations.set(block.name, toChannelsFirst(y));
  }
  return { features: toChannelsFirst(y), activations };
}

/** relu(f(x) + identity), f the block's convolutions with batch norm, identity x or its 1×1 projection. */
function residualBlock(x: Tensor, block: BlockConfig, context: LayerContext): Tensor {
  const { name, kind, stride, strideIn, eps, downsample } = block;
  const convolve = (
    input: Tensor,
    weight: string,
    norm: string,
    options: { stride?: number; padding?: number },
  ) => {
    const y = convChannelsLast(input, stateTensor(context, `${name}.${weight}.weight`), options);
    return batchNormLayer(y, `${name}.${norm}`, context, { axis: 3, eps });
  };
  const identity = downsample ? convolve(x, "downsample.0", "downsample.1", { stride }) : x;
  const geometry = kind === "basic"
    ? [{ stride, padding: 1 }, { padding: 1 }]
    : strideIn === "conv1"
    ? [{ stride }, { padding: 1 }, {}]
    : [{}, { stride, padding: 1 }, {}];
  let y = x;
  geometry.forEach((options, i) => {
    if (i > 0) y = relu(y);
    y = labelled(`conv${i + 1}`, () => convolve(y, `conv${i + 1}`, `bn${i + 1}`, options));
  });
  return relu(add(y, identity));
}
