/**
 * SAM 2's mask decoder: prompts and image attend to each other, then each mask token is multiplied with the
 * image.
 */

import { labelled, type Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { rowsOf } from "../../tensor/ops/channels_last.ts";
import { gelu, sigmoid } from "../../tensor/ops/elementwise.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { matmul } from "../../tensor/ops/matmul.ts";
import { multiHeadAttention } from "../../tensor/ops/multi_head_attention.ts";
import { matrixTranspose, reshape, transpose, unsqueeze } from "../../tensor/ops/shape.ts";
import { concat, sliceAxis, stack } from "../../tensor/ops/slice.ts";
import { affine, mlp, normalise, type State, tensorNamed } from "./rows.ts";
import { DECODER_HEADS, DECODER_LAYERS } from "./tensor_specs.ts";
import {
  type ImageTokens,
  imageToTokens,
  type SharedProjections,
  sharedProjections,
  tokensToImage,
} from "./two_way_attention.ts";

const PREFIX = "sam_mask_decoder";
const TRANSFORMER = `${PREFIX}.transformer`;
/** The epsilon of the transformer and of the normalisation between the upscaling steps. */
const EPS = 1e-5;
const UPSCALING_EPS = 1e-6;

/** The decoder's inputs for an image, computed once for all prompts. */
export interface DecoderImage {
  /** [1, L, width], or [B, L, width] if prompts change the tokens. */
  readonly tokens: Tensor;
  /** [L, width]. */
  readonly positions: Tensor;
  /** The projections of the first layer; present only if all prompts share `tokens`. */
  readonly shared?: SharedProjections;
  /** [L·4, width/4] and, in `fine`, [L·16, width/8], in the order of upscaling: (y, x, dy, dx, …). */
  readonly medium: Tensor;
  readonly fine: Tensor;
}

/** Computes the part of the decoder that is independent of prompts. */
export function decoderImage(
  tokens: Tensor,
  positions: Tensor,
  features: { readonly medium: Tensor; readonly fine: Tensor },
  state: State,
): DecoderImage {
  const placed = add(tokens, unsqueeze(positions, 0));
  const first = (x: Tensor) => reshape(x, x.shape.slice(1));
  return {
    tokens,
    positions,
    shared: tokens.shape[0] === 1
      ? sharedProjections(first(tokens), first(placed), state, `${TRANSFORMER}.layers.0`)
      : undefined,
    medium: enlargingOrder(features.medium, 1),
    fine: enlargingOrder(features.fine, 2),
  };
}

export interface DecodedMasks {
  /** Logits [B, chosen masks, 4s, 4s]. */
  readonly logits: Tensor;
  /** The predicted IoU of all four masks, in 0 … 1, [B, 4]. */
  readonly ious: Tensor;
  /** The logit of the presence of an object, [B, 1]. */
  readonly objectScore: Tensor;
}

/**
 * Decodes the masks of prompts.
 *
 * @param prompts the tokens of the prompts, [B, N, width]
 * @param chosen the masks to compute: 0 for an unambiguous prompt, 1 … 3 for an ambiguous one
 */
export function maskDecoder(
  image: DecoderImage,
  prompts: Tensor,
  chosen: readonly number[],
  state: State,
): DecodedMasks {
  const named = (name: string) => tensorNamed(state, `${PREFIX}.${name}.weight`);
  const own = concat([named("obj_score_token"), named("iou_token"), named("mask_tokens")], 0);
  const [batch, , width] = prompts.shape;
  const tokens = concat([expand(unsqueeze(own, 0), [batch, own.shape[0], width]), prompts], 1);
  const { queries, keys } = twoWayTransformer(tokens, image, state);
  const token = (at: number) => reshape(sliceAxis(queries, 1, at, at + 1), [batch, width]);
  const hyper = stack(
    chosen.map((i) => mlp(token(2 + i), state, `${PREFIX}.output_hypernetworks_mlps.${i}`, 3)),
    1,
  );
  return {
    logits: labelled(
      "masks",
      () => rasterOrder(matmul(enlarged(keys, image, state), matrixTranspose(hyper))),
    ),
    ious: sigmoid(mlp(token(1), state, `${PREFIX}.iou_prediction_head`, 3)),
    objectScore: mlp(token(0), state, `${PREFIX}.pred_obj_score_head`, 3),
  };
}

/**
 * Lets tokens and image attend to each other and returns both.
 *
 * @param tokens the decoder's tokens, then the prompt's, [B, T, width]
 */
export function twoWayTransformer(
  tokens: Tensor,
  image: Pick<DecoderImage, "tokens" | "positions" | "shared">,
  state: State,
): { queries: Tensor; keys: Tensor } {
  const place = (keys: Tensor) => add(keys, unsqueeze(image.positions, 0));
  const ownTokens = (keys: Tensor): ImageTokens => ({ own: true, tokens: keys, placed: place(keys) });
  let queries = tokens;
  let keys = image.tokens;
  let source: ImageTokens = image.shared ? { own: false, ...image.shared } : ownTokens(keys);
  for (let i = 0; i < DECODER_LAYERS; i++) {
    const name = `${TRANSFORMER}.layers.${i}`;
    labelled(name, () => {
      const norm = (x: Tensor, n: number) => normalise(x, state, `${name}.norm${n}`, EPS);
      const attended = selfAttention(
        i === 0 ? queries : add(queries, tokens),
        queries,
        state,
        `${name}.self_attn`,
      );
      // The first layer has no residual connection, because the tokens are their own positions.
      queries = norm(i === 0 ? attended : add(queries, attended), 1);
      const seen = tokensToImage(add(queries, tokens), source, state, `${name}.cross_attn_token_to_image`);
      queries = norm(add(queries, seen), 2);
      queries = norm(add(queries, mlp(queries, state, `${name}.mlp`, 2)), 3);
      const attention = `${name}.cross_attn_image_to_token`;
      const change = imageToTokens(source, add(queries, tokens), queries, state, attention);
      keys = norm(add(keys, change), 4);
      source = ownTokens(keys);
    });
  }
  const name = `${TRANSFORMER}.final_attn_token_to_image`;
  const last = add(queries, tokensToImage(add(queries, tokens), source, state, name));
  return { queries: normalise(last, state, `${TRANSFORMER}.norm_final_attn`, EPS), keys };
}

function selfAttention(placed: Tensor, tokens: Tensor, state: State, name: string): Tensor {
  const q = affine(placed, state, `${name}.q_proj`);
  const k = affine(placed, state, `${name}.k_proj`);
  const v = affine(tokens, state, `${name}.v_proj`);
  const scale = (q.shape[2] / DECODER_HEADS) ** -0.5;
  return affine(multiHeadAttention(q, k, v, { heads: DECODER_HEADS, scale }), state, `${name}.out_proj`);
}

/**
 * Upscales the map to four times its side in two steps, [B, L·16, width/8]. Each step adds the image's finer
 * features, or the same vector [1, channels] at all positions.
 */
export function enlarged(
  keys: Tensor,
  { medium, fine }: Pick<DecoderImage, "medium" | "fine">,
  state: State,
): Tensor {
  const name = `${PREFIX}.output_upscaling`;
  const first = twice(keys, state, `${name}.0`, medium);
  const second = twice(gelu(normalise(first, state, `${name}.1`, UPSCALING_EPS)), state, `${name}.3`, fine);
  return gelu(second);
}

/**
 * A 2 × 2 transposed convolution of positions [B, n, C], plus `features`. The four results of a position are
 * consecutive.
 */
function twice(x: Tensor, state: State, name: string, features: Tensor): Tensor {
  const weight = tensorNamed(state, `${name}.weight`);
  const [channels, out] = weight.shape;
  const matrix = reshape(transpose(weight, [0, 2, 3, 1]), [channels, 4 * out]);
  const spread = reshape(gemm(rowsOf(x), matrix), [x.shape[0], 4 * x.shape[1], out]);
  const bias = reshape(tensorNamed(state, `${name}.bias`), [1, out]);
  return add(spread, unsqueeze(add(features, bias), 0));
}

/** Reorders a map [1, 2ⁿs, 2ⁿs, C] to rows (y, x, dy₁, dx₁, …, dyₙ, dxₙ). */
function enlargingOrder(map: Tensor, steps: number): Tensor {
  const [, side, , channels] = map.shape;
  const halves = Array<number>(steps).fill(2);
  const axis = [side / 2 ** steps, ...halves];
  const pairs = axis.flatMap((_, i) => [i, axis.length + i]);
  return rowsOf(transpose(reshape(map, [...axis, ...axis, channels]), [...pairs, 2 * axis.length]));
}

/** Reorders rows in the order of two upscaling steps, [B, s²·16, M], to maps [B, M, 4s, 4s]. */
export function rasterOrder(rows: Tensor): Tensor {
  const [batch, length, masks] = rows.shape;
  const side = Math.sqrt(length / 16);
  // Exchanges of neighbouring axes, one for each step: a general transpose takes twice as long.
  const maps = reshape(matrixTranspose(rows), [batch * masks * side, side, 2, 8]);
  const first = reshape(transpose(maps, [0, 2, 1, 3]), [batch * masks * side * 2, side * 2, 2, 2]);
  return reshape(transpose(first, [0, 2, 1, 3]), [batch, masks, 4 * side, 4 * side]);
}
