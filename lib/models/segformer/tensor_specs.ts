/** The tensors of a SegFormer for segmentation, by the names of the transformers library. */

import { batchNormSpecs } from "../../nn/layers/batch_norm.ts";
import { linearSpecs } from "../../nn/layers/linear.ts";
import { parameter, type TensorSpec } from "../../nn/tensor_spec.ts";
import type { SegformerConfiguration } from "./configuration.ts";

export const ENCODER = "segformer.encoder";
export const HEAD = "decode_head";

export function segformerSpecs(configuration: SegformerConfiguration): TensorSpec[] {
  const { channels, hiddenSizes, patchSizes, depths, decoderSize, labels } = configuration;
  return [
    ...hiddenSizes.flatMap((size, stage) => {
      const from = stage === 0 ? channels : hiddenSizes[stage - 1];
      const name = `${ENCODER}.patch_embeddings.${stage}`;
      return [
        ...conv(`${name}.proj`, [size, from, patchSizes[stage], patchSizes[stage]]),
        ...norm(`${name}.layer_norm`, size),
      ];
    }),
    ...depths.flatMap((depth, stage) =>
      Array.from({ length: depth }, (_, block) => blockSpecs(configuration, stage, block)).flat()
    ),
    ...hiddenSizes.flatMap((size, stage) => norm(`${ENCODER}.layer_norm.${stage}`, size)),
    ...hiddenSizes.flatMap((size, stage) => linearSpecs(`${HEAD}.linear_c.${stage}.proj`, size, decoderSize)),
    parameter(`${HEAD}.linear_fuse.weight`, [decoderSize, decoderSize * hiddenSizes.length, 1, 1]),
    ...batchNormSpecs(`${HEAD}.batch_norm`, decoderSize),
    ...conv(`${HEAD}.classifier`, [labels, decoderSize, 1, 1]),
  ];
}

/** The prefix of a block's tensors. */
export function blockName(stage: number, block: number): string {
  return `${ENCODER}.block.${stage}.${block}`;
}

function blockSpecs(
  { hiddenSizes, reductions, mlpRatios }: SegformerConfiguration,
  stage: number,
  block: number,
): TensorSpec[] {
  const name = blockName(stage, block);
  const size = hiddenSizes[stage];
  const hidden = size * mlpRatios[stage];
  const reduction = reductions[stage];
  const attention = `${name}.attention.self`;
  return [
    ...norm(`${name}.layer_norm_1`, size),
    ...["query", "key", "value"].flatMap((role) => linearSpecs(`${attention}.${role}`, size, size)),
    ...(reduction > 1
      ? [
        ...conv(`${attention}.sr`, [size, size, reduction, reduction]),
        ...norm(`${attention}.layer_norm`, size),
      ]
      : []),
    ...linearSpecs(`${name}.attention.output.dense`, size, size),
    ...norm(`${name}.layer_norm_2`, size),
    ...linearSpecs(`${name}.mlp.dense1`, size, hidden),
    ...conv(`${name}.mlp.dwconv.dwconv`, [hidden, 1, 3, 3]),
    ...linearSpecs(`${name}.mlp.dense2`, hidden, size),
  ];
}

function conv(name: string, shape: readonly number[]): TensorSpec[] {
  return [parameter(`${name}.weight`, shape), parameter(`${name}.bias`, [shape[0]])];
}

function norm(name: string, size: number): TensorSpec[] {
  return [parameter(`${name}.weight`, [size]), parameter(`${name}.bias`, [size])];
}
