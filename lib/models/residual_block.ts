/** The residual blocks of ResNets, computed in [N, H, W, C] (He et al. 2016, arXiv:1512.03385). */

import { batchNormSpecs } from "../nn/layers/batch_norm.ts";
import { type BatchNormSettings, convBatchNorm } from "../nn/layers/conv_batch_norm.ts";
import type { LayerContext } from "../nn/layers/layer_context.ts";
import { parameter, type TensorSpec } from "../nn/tensor_spec.ts";
import { labelled, type Tensor } from "../tensor/op.ts";
import { add } from "../tensor/ops/arithmetic.ts";
import { finiteRelu } from "../tensor/ops/elementwise.ts";

export type BlockKind = "basic" | "bottleneck";

/** The ratio of a block's output channels to its width. */
export const EXPANSION: Readonly<Record<BlockKind, number>> = { basic: 1, bottleneck: 4 };

/** The configuration of one residual block. */
export interface ResidualBlock {
  /** The name prefix of its tensors, such as `layer1.0`. */
  readonly name: string;
  readonly kind: BlockKind;
  /** The number of input channels. */
  readonly channels: number;
  /** The number of channels within the block. */
  readonly width: number;
  readonly stride: number;
  /**
   * The convolution of a bottleneck that has the stride: by default `conv2`, the 3×3 convolution; in Keras
   * `conv1`.
   */
  readonly strideIn?: "conv1" | "conv2";
  /** Whether the shortcut has a 1×1 convolution with the block's stride and a batch norm. */
  readonly downsample: boolean;
  readonly norm?: BatchNormSettings;
}

/** A convolution of a block's main branch. */
export interface Convolution {
  readonly kernel: number;
  readonly from: number;
  readonly to: number;
  readonly stride: number;
}

/** The convolutions of the main branch in order; `conv1` comes first. */
export function convolutionsOf(
  { kind, channels, width, stride, strideIn = "conv2" }: ResidualBlock,
): Convolution[] {
  if (kind === "basic") {
    return [
      { kernel: 3, from: channels, to: width, stride },
      { kernel: 3, from: width, to: width, stride: 1 },
    ];
  }
  const [first, second] = strideIn === "conv1" ? [stride, 1] : [1, stride];
  return [
    { kernel: 1, from: channels, to: width, stride: first },
    { kernel: 3, from: width, to: width, stride: second },
    { kernel: 1, from: width, to: width * EXPANSION[kind], stride: 1 },
  ];
}

/** The block's tensors in PyTorch's state dictionary, in order. */
export function residualBlockSpecs(block: ResidualBlock): TensorSpec[] {
  const { name, kind, channels, width, downsample } = block;
  const specs = convolutionsOf(block).flatMap(({ kernel, from, to }, i) => [
    parameter(`${name}.conv${i + 1}.weight`, [to, from, kernel, kernel]),
    ...batchNormSpecs(`${name}.bn${i + 1}`, to),
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

/**
 * relu(f(x) + shortcut(x)) for x [N, H, W, C], where f is the convolutions with batch norms and ReLUs between
 * them.
 */
export function residualBlock(x: Tensor, block: ResidualBlock, context: LayerContext): Tensor {
  const { name, stride, downsample, norm } = block;
  const convolve = (
    input: Tensor,
    conv: string,
    batchNorm: string,
    options: { stride: number; padding: number },
  ) =>
    labelled(conv, () => {
      const names = { conv: `${name}.${conv}`, norm: `${name}.${batchNorm}` };
      return convBatchNorm(input, names, context, { ...options, norm });
    });
  return labelled(name, () => {
    const identity = downsample ? convolve(x, "downsample.0", "downsample.1", { stride, padding: 0 }) : x;
    let y = x;
    convolutionsOf(block).forEach(({ kernel, stride }, i) => {
      const options = { stride, padding: (kernel - 1) / 2 };
      y = convolve(i === 0 ? y : finiteRelu(y), `conv${i + 1}`, `bn${i + 1}`, options);
    });
    return finiteRelu(add(y, identity));
  });
}
