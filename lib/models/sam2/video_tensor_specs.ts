/** The tensors of SAM 2.1 that only videos use: checkpoints contain them, but images do not need them. */

import { parameter, type TensorSpec } from "../../nn/tensor_spec.ts";
import type { Sam2Configuration } from "./configurations.ts";
import { affine, attentionSpecs, mlpSpecs, norm } from "./tensor_specs.ts";

/** The number of channels of a frame in memory. */
const MEMORY_WIDTH = 64;
const MEMORY_FRAMES = 7;
const MEMORY_LAYERS = 4;
const MEMORY_MLP = 2048;
/** Channels of the mask in the memory encoder; each level has half the side of the previous one. */
const MASK_CHANNELS = [1, 4, 16, 64, 256];
const FUSER_LAYERS = 2;

/** The tensors of memory attention, memory encoder and object pointers. */
export function videoTensorSpecs({ width }: Sam2Configuration): TensorSpec[] {
  return [
    parameter("maskmem_tpos_enc", [MEMORY_FRAMES, 1, 1, MEMORY_WIDTH]),
    parameter("no_mem_pos_enc", [1, 1, width]),
    parameter("no_obj_ptr", [1, width]),
    parameter("no_obj_embed_spatial", [1, MEMORY_WIDTH]),
    ...affine("mask_downsample", [1, 1, 4, 4]),
    ...indices(MEMORY_LAYERS).flatMap((i) => memoryLayerSpecs(`memory_attention.layers.${i}`, width)),
    ...norm("memory_attention.norm", width),
    ...memoryEncoderSpecs(width),
    ...mlpSpecs("obj_ptr_proj", [width, width, width, width]),
    ...affine("obj_ptr_tpos_proj", [MEMORY_WIDTH, width]),
  ];
}

function indices(count: number): number[] {
  return [...Array(count).keys()];
}

function memoryLayerSpecs(name: string, width: number): TensorSpec[] {
  return [
    ...attentionSpecs(`${name}.self_attn`, width, width),
    ...attentionSpecs(`${name}.cross_attn_image`, width, width, MEMORY_WIDTH),
    ...affine(`${name}.linear1`, [MEMORY_MLP, width]),
    ...affine(`${name}.linear2`, [width, MEMORY_MLP]),
    ...norm(`${name}.norm1`, width),
    ...norm(`${name}.norm2`, width),
    ...norm(`${name}.norm3`, width),
  ];
}

function memoryEncoderSpecs(width: number): TensorSpec[] {
  const masks = "memory_encoder.mask_downsampler.encoder";
  const levels = MASK_CHANNELS.slice(1);
  return [
    ...levels.flatMap((channels, i) => [
      ...affine(`${masks}.${3 * i}`, [channels, MASK_CHANNELS[i], 3, 3]),
      ...norm(`${masks}.${3 * i + 1}`, channels),
    ]),
    ...affine(`${masks}.${3 * levels.length}`, [width, levels.at(-1)!, 1, 1]),
    ...affine("memory_encoder.pix_feat_proj", [width, width, 1, 1]),
    ...indices(FUSER_LAYERS).flatMap((i) => {
      const name = `memory_encoder.fuser.layers.${i}`;
      return [
        parameter(`${name}.gamma`, [width]),
        ...affine(`${name}.dwconv`, [width, 1, 7, 7]),
        ...norm(`${name}.norm`, width),
        ...affine(`${name}.pwconv1`, [4 * width, width]),
        ...affine(`${name}.pwconv2`, [width, 4 * width]),
      ];
    }),
    ...affine("memory_encoder.out_proj", [MEMORY_WIDTH, width, 1, 1]),
  ];
}
