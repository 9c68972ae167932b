/**
 * Canonisation: folds batch norms into the convolutions before them, so that a relevance rule exists for
 * every layer.
 */

import { BACKBONE_PREFIX } from "../../models/resnet_state.ts";
import { convolutionsOf, type ResidualBlock } from "../../models/residual_block.ts";
import { blocksOf, type ResNetConfig } from "../../models/resnet.ts";
import { ParameterError, type Parameters } from "../../nn/parameters.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";

const f32 = Math.fround;

/** PyTorch's default eps of batch norms. */
export const NORM_EPS = 1e-5;

/** The tensors of a batch norm in evaluation mode, each [channels]. */
export interface FoldedNorm {
  readonly weight: HostTensor<"float32">;
  readonly bias: HostTensor<"float32">;
  readonly mean: HostTensor<"float32">;
  readonly variance: HostTensor<"float32">;
}

/**
 * The convolution that equals a convolution with `weight` [co, …] and `bias` followed by the batch norm:
 * W' = W·(γ/s) and b' = (b − μ)·(γ/s) + β with s = √(variance + eps).
 */
export function foldBatchNorm(
  weight: HostTensor<"float32">,
  bias: HostTensor<"float32"> | undefined,
  norm: FoldedNorm,
  eps: number = NORM_EPS,
): { weight: HostTensor<"float32">; bias: HostTensor<"float32"> } {
  const [out] = weight.shape;
  const perOutput = weight.data.length / out;
  const folded = new Float32Array(weight.data.length);
  const shift = new Float32Array(out);
  for (let channel = 0; channel < out; channel++) {
    const deviation = f32(Math.sqrt(f32(norm.variance.data[channel] + f32(eps))));
    const factor = f32(norm.weight.data[channel] / deviation);
    const end = (channel + 1) * perOutput;
    for (let i = channel * perOutput; i < end; i++) folded[i] = weight.data[i] * factor;
    const centred = f32((bias?.data[channel] ?? 0) - norm.mean.data[channel]);
    shift[channel] = f32(centred * factor) + norm.bias.data[channel];
  }
  return { weight: float32(weight.shape, folded), bias: float32([out], shift) };
}

/** The name prefixes, in a ResNet's state, of a convolution and of the batch norm after it. */
export interface NormedConvolution {
  readonly conv: string;
  readonly norm: string;
}

/** The first convolution of a ResNet. */
export const STEM: NormedConvolution = { conv: "conv1", norm: "bn1" };

/** The convolutions of a block's main branch, in order. */
export function mainConvolutions(block: ResidualBlock): NormedConvolution[] {
  return convolutionsOf(block).map((_, i) => ({
    conv: `${block.name}.conv${i + 1}`,
    norm: `${block.name}.bn${i + 1}`,
  }));
}

/** The convolution of a block's shortcut. */
export function downsampling({ name }: ResidualBlock): NormedConvolution {
  return { conv: `${name}.downsample.0`, norm: `${name}.downsample.1` };
}

/**
 * The canonised state of a model whose backbone is the ResNet `config`, with the same tensor names.
 * Convolutions have the folded weights. Batch norms are reset to γ = 1, β = 0, variance 1 and mean −b', where
 * b' is the folded bias. A model with this state computes the same as the reference's canonised network: (W'
 * * x + b') / √(1 + eps).
 *
 * @throws {ParameterError} if a tensor of the backbone is missing or not float32.
 */
export function canonise(state: Parameters, config: ResNetConfig): Map<string, HostTensor> {
  const canonised = new Map(state);
  const tensor = (name: string): HostTensor<"float32"> => {
    const found = state.get(name);
    if (found?.dtype !== "float32") {
      throw new ParameterError(
        name,
        found ? `is ${found.dtype}; expected float32` : "is missing in the state",
      );
    }
    return found as HostTensor<"float32">;
  };
  for (const { conv, norm } of normedConvolutions(config)) {
    const [weightName, normName] = [`${BACKBONE_PREFIX}${conv}.weight`, BACKBONE_PREFIX + norm];
    const { weight, bias } = foldBatchNorm(tensor(weightName), undefined, {
      weight: tensor(`${normName}.weight`),
      bias: tensor(`${normName}.bias`),
      mean: tensor(`${normName}.running_mean`),
      variance: tensor(`${normName}.running_var`),
    }, config.norm?.eps);
    const filled = (value: number) => float32(bias.shape, bias.data.map(() => value));
    canonised.set(weightName, weight);
    canonised.set(`${normName}.weight`, filled(1));
    canonised.set(`${normName}.bias`, filled(0));
    canonised.set(`${normName}.running_mean`, float32(bias.shape, bias.data.map((value) => -value)));
    canonised.set(`${normName}.running_var`, filled(1));
  }
  return canonised;
}

function normedConvolutions(config: ResNetConfig): NormedConvolution[] {
  return [
    STEM,
    ...blocksOf(config).flatMap((block) => [
      ...mainConvolutions(block),
      ...(block.downsample ? [downsampling(block)] : []),
    ]),
  ];
}
