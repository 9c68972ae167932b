/** The ResNet family of torchvision (He et al. 2016, arXiv:1512.03385, with the stride in the 3×3 convolution). */

import { batchNormLayer, batchNormSpecs } from "../nn/layers/batch_norm.ts";
import type { BatchNormSettings } from "../nn/layers/conv_batch_norm.ts";
import { type LayerContext, stateTensor } from "../nn/layers/layer_context.ts";
import { parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { GraphError, labelled, type Tensor } from "../tensor/op.ts";
import { toChannelsFirst } from "../tensor/ops/channels_last.ts";
import { checkpoint } from "../tensor/ops/checkpoint.ts";
import { finiteRelu } from "../tensor/ops/elementwise.ts";
import { imageConv } from "../tensor/ops/image_conv.ts";
import { maxPoolChannelsLast } from "../tensor/ops/pool_channels_last.ts";
import {
  type BlockKind,
  EXPANSION,
  type ResidualBlock,
  residualBlock,
  residualBlockSpecs,
} from "./residual_block.ts";

/** The configuration of a ResNet. */
export interface ResNetConfig {
  readonly block: BlockKind;
  /** The number of blocks per stage. */
  readonly layers: readonly number[];
  /** Channels within the blocks of the first stage; each further stage has twice as many. */
  readonly width: number;
  /** The stride of each stage's first block. */
  readonly strides: readonly number[];
  /** Channels of the input; 3 by default. */
  readonly channels?: number;
  /**
   * The convolution of a bottleneck that has the stride: by default `conv2`, the 3×3 convolution; in Keras
   * `conv1`.
   */
  readonly strideIn?: "conv1" | "conv2";
  readonly norm?: BatchNormSettings;
}

function config(block: BlockKind, layers: readonly number[]): ResNetConfig {
  return { block, layers, width: 64, strides: [1, 2, 2, 2] };
}

/** The published sizes. */
export const RESNETS = {
  resnet18: config("basic", [2, 2, 2, 2]),
  resnet34: config("basic", [3, 4, 6, 3]),
  resnet50: config("bottleneck", [3, 4, 6, 3]),
  resnet101: config("bottleneck", [3, 4, 23, 3]),
} as const;

/** The blocks in order, from `layer1.0`. */
export function blocksOf({ block, layers, width, strides, strideIn, norm }: ResNetConfig): ResidualBlock[] {
  if (strides.length !== layers.length) {
    throw new RangeError(
      `a ResNet of ${layers.length} stages needs ${layers.length} strides, but [${strides}] was given`,
    );
  }
  let channels = width;
  return layers.flatMap((count, stage) => {
    const stageWidth = width * 2 ** stage;
    return Array.from({ length: count }, (_, index): ResidualBlock => {
      const stride = index === 0 ? strides[stage] : 1;
      const out = stageWidth * EXPANSION[block];
      const described = {
        name: `layer${stage + 1}.${index}`,
        kind: block,
        channels,
        width: stageWidth,
        stride,
        strideIn,
        norm,
        downsample: stride !== 1 || channels !== out,
      };
      channels = out;
      return described;
    });
  });
}

/** The number of channels of the features. */
export function resNetChannels({ block, layers, width }: ResNetConfig): number {
  return width * 2 ** (layers.length - 1) * EXPANSION[block];
}

/** Parameters and buffers in the order of PyTorch's state dictionary, without a classifier. */
export function resNetSpecs(config: ResNetConfig): TensorSpec[] {
  const { width, channels = 3 } = config;
  return [
    parameter("conv1.weight", [width, channels, 7, 7]),
    ...batchNormSpecs("bn1", width),
    ...blocksOf(config).flatMap(residualBlockSpecs),
  ];
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
 * Blocks compute in [N, H, W, C], in which 1×1 convolutions are matrix products and channels are contiguous.
 * Results are [N, C, H, W]; unused results cost nothing.
 *
 * @param context the state; in training, running statistics after the batch are added to its `updated`
 * @throws {GraphError} if x or the state does not match the configuration.
 */
export function resNet(x: Tensor, config: ResNetConfig, context: LayerContext): ResNetResult {
  const { channels = 3 } = config;
  if (x.shape.length !== 4 || x.shape[1] !== channels) {
    throw new GraphError(`the ResNet needs x [N, ${channels}, H, W], but [${x.shape}] was given`);
  }
  const activations = new Map<string, Tensor>();
  const keep = (name: string, tensor: Tensor) => {
    activations.set(name, toChannelsFirst(tensor));
    return tensor;
  };
  const weight = stateTensor(context, "conv1.weight");
  const conv1 = keep(
    "conv1",
    labelled("conv1", () => imageConv(x, weight, { stride: 2, padding: 3 })),
  );
  const bn1 = keep(
    "bn1",
    labelled("bn1", () => batchNormLayer(conv1, "bn1", context, { axis: -1, ...config.norm })),
  );
  const rectified = keep("relu", labelled("relu", () => finiteRelu(bn1)));
  const window = { kernel: 3, stride: 2, padding: 1 };
  let y = checkpoint(keep("maxpool", labelled("maxpool", () => maxPoolChannelsLast(rectified, window))));
  for (const block of blocksOf(config)) {
    y = checkpoint(keep(block.name, residualBlock(y, block, context)));
  }
  return { features: toChannelsFirst(y), activations };
}
