/** The tensors of SAM 2.1 for images, by the names of the published state dictionary. */

import { buffer, parameter, type TensorSpec } from "../../nn/tensor_spec.ts";
import type { Sam2Configuration } from "./configurations.ts";
import { stageChannels, trunkBlocks } from "./trunk_blocks.ts";

/** Heads of the mask decoder's attention layers. */
export const DECODER_HEADS = 8;
export const DECODER_LAYERS = 2;
/** The number of masks: one for an unambiguous prompt, then three for an ambiguous one. */
export const MASK_TOKENS = 4;
const DECODER_MLP = 2048;
const IOU_HIDDEN = 256;
/** Channels between the two convolutions that downsample a mask prompt. */
const MASK_PROMPT_CHANNELS = 16;

/** The tensors of the image encoder, the prompt encoder and the mask decoder, in this order. */
export function imageTensorSpecs(configuration: Sam2Configuration): TensorSpec[] {
  const { width } = configuration;
  return [
    ...trunkSpecs(configuration),
    ...stageChannels(configuration).reverse().flatMap((channels, i) =>
      affine(`image_encoder.neck.convs.${i}.conv`, [width, channels, 1, 1])
    ),
    parameter("no_mem_embed", [1, 1, width]),
    ...promptEncoderSpecs(width),
    ...maskDecoderSpecs(width),
  ];
}

/** A weight with outputs as its first axis, and its bias. */
export function affine(name: string, shape: readonly number[]): TensorSpec[] {
  return [parameter(`${name}.weight`, shape), parameter(`${name}.bias`, [shape[0]])];
}

export function norm(name: string, channels: number): TensorSpec[] {
  return affine(name, [channels]);
}

/**
 * The projections of an attention layer; the inputs of keys and values may have a different number of
 * channels.
 */
export function attentionSpecs(
  name: string,
  width: number,
  inner: number,
  sourceWidth = width,
): TensorSpec[] {
  return [
    ...affine(`${name}.q_proj`, [inner, width]),
    ...affine(`${name}.k_proj`, [inner, sourceWidth]),
    ...affine(`${name}.v_proj`, [inner, sourceWidth]),
    ...affine(`${name}.out_proj`, [width, inner]),
  ];
}

/** Layers of an MLP with the given widths. */
export function mlpSpecs(name: string, widths: readonly number[]): TensorSpec[] {
  return widths.slice(1).flatMap((out, i) => affine(`${name}.layers.${i}`, [out, widths[i]]));
}

function trunkSpecs(configuration: Sam2Configuration): TensorSpec[] {
  const { channels, backgroundSize, windows } = configuration;
  return [
    parameter("image_encoder.trunk.pos_embed", [1, channels, ...backgroundSize]),
    parameter("image_encoder.trunk.pos_embed_window", [1, channels, windows[0], windows[0]]),
    ...affine("image_encoder.trunk.patch_embed.proj", [channels, 3, 7, 7]),
    ...trunkBlocks(configuration).flatMap(({ name, channelsIn, channels }) => [
      ...norm(`${name}.norm1`, channelsIn),
      ...affine(`${name}.attn.qkv`, [3 * channels, channelsIn]),
      ...affine(`${name}.attn.proj`, [channels, channels]),
      ...norm(`${name}.norm2`, channels),
      ...mlpSpecs(`${name}.mlp`, [channels, 4 * channels, channels]),
      ...(channelsIn === channels ? [] : affine(`${name}.proj`, [channels, channelsIn])),
    ]),
  ];
}

/** The tensors of the prompt encoder for embeddings of `width` channels. */
export function promptEncoderSpecs(width: number): TensorSpec[] {
  const name = "sam_prompt_encoder";
  const shrinking = MASK_PROMPT_CHANNELS / 4;
  return [
    buffer(`${name}.pe_layer.positional_encoding_gaussian_matrix`, [2, width / 2]),
    ...[0, 1, 2, 3].map((label) => parameter(`${name}.point_embeddings.${label}.weight`, [1, width])),
    parameter(`${name}.not_a_point_embed.weight`, [1, width]),
    ...affine(`${name}.mask_downscaling.0`, [shrinking, 1, 2, 2]),
    ...norm(`${name}.mask_downscaling.1`, shrinking),
    ...affine(`${name}.mask_downscaling.3`, [MASK_PROMPT_CHANNELS, shrinking, 2, 2]),
    ...norm(`${name}.mask_downscaling.4`, MASK_PROMPT_CHANNELS),
    ...affine(`${name}.mask_downscaling.6`, [width, MASK_PROMPT_CHANNELS, 1, 1]),
    parameter(`${name}.no_mask_embed.weight`, [1, width]),
  ];
}

/** The tensors of the mask decoder for embeddings of `width` channels. */
export function maskDecoderSpecs(width: number): TensorSpec[] {
  const name = "sam_mask_decoder";
  const inner = width / 2;
  const indices = (count: number) => [...Array(count).keys()];
  return [
    ...indices(DECODER_LAYERS).flatMap((i) => decoderLayerSpecs(`${name}.transformer.layers.${i}`, width)),
    ...attentionSpecs(`${name}.transformer.final_attn_token_to_image`, width, inner),
    ...norm(`${name}.transformer.norm_final_attn`, width),
    parameter(`${name}.iou_token.weight`, [1, width]),
    parameter(`${name}.mask_tokens.weight`, [MASK_TOKENS, width]),
    parameter(`${name}.obj_score_token.weight`, [1, width]),
    parameter(`${name}.output_upscaling.0.weight`, [width, width / 4, 2, 2]),
    parameter(`${name}.output_upscaling.0.bias`, [width / 4]),
    ...norm(`${name}.output_upscaling.1`, width / 4),
    parameter(`${name}.output_upscaling.3.weight`, [width / 4, width / 8, 2, 2]),
    parameter(`${name}.output_upscaling.3.bias`, [width / 8]),
    ...affine(`${name}.conv_s0`, [width / 8, width, 1, 1]),
    ...affine(`${name}.conv_s1`, [width / 4, width, 1, 1]),
    ...indices(MASK_TOKENS).flatMap((i) =>
      mlpSpecs(`${name}.output_hypernetworks_mlps.${i}`, [width, width, width, width / 8])
    ),
    ...mlpSpecs(`${name}.iou_prediction_head`, [width, IOU_HIDDEN, IOU_HIDDEN, MASK_TOKENS]),
    ...mlpSpecs(`${name}.pred_obj_score_head`, [width, width, width, 1]),
  ];
}

function decoderLayerSpecs(name: string, width: number): TensorSpec[] {
  return [
    ...attentionSpecs(`${name}.self_attn`, width, width),
    ...norm(`${name}.norm1`, width),
    ...attentionSpecs(`${name}.cross_attn_token_to_image`, width, width / 2),
    ...norm(`${name}.norm2`, width),
    ...mlpSpecs(`${name}.mlp`, [width, DECODER_MLP, width]),
    ...norm(`${name}.norm3`, width),
    ...norm(`${name}.norm4`, width),
    ...attentionSpecs(`${name}.cross_attn_image_to_token`, width, width / 2),
  ];
}
