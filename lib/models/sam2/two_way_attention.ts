/**
 * Attention between a few tokens of each prompt and the thousands of tokens of the image.
 *
 * With T prompt tokens and h heads, the scores of all image tokens are one product of width h·T, if the
 * prompt tokens' projections are arranged as a block-diagonal matrix D of h blocks. The projection W of the
 * image tokens can then be applied to D instead, (x·W)·Dᵀ = x·(D·Wᵀ)ᵀ, which is cheap, because the image has
 * many tokens and a prompt has few. Before the first layer, the image tokens are the same for all prompts and
 * are projected only once.
 */

import { float32 } from "../../tensor/host_tensor.ts";
import type { Tensor } from "../../tensor/op.ts";
import { add, mul } from "../../tensor/ops/arithmetic.ts";
import { sum } from "../../tensor/ops/broadcast.ts";
import { rowsOf } from "../../tensor/ops/channels_last.ts";
import { gemm } from "../../tensor/ops/gemm.ts";
import { matmul } from "../../tensor/ops/matmul.ts";
import { matrixTranspose, reshape, unsqueeze } from "../../tensor/ops/shape.ts";
import { softmax } from "../../tensor/ops/softmax.ts";
import { constant } from "../../tensor/ops/source.ts";
import { affine, type State, tensorNamed } from "./rows.ts";
import { DECODER_HEADS as HEADS } from "./tensor_specs.ts";

/** The image tokens to which a layer attends. */
export type ImageTokens =
  /** Each prompt has its own tokens [B, L, width]; `placed` are the tokens plus their positions. */
  | { readonly own: true; readonly tokens: Tensor; readonly placed: Tensor }
  /** All prompts share the tokens; they are already projected for the layer's attentions, each [L, inner]. */
  | ({ readonly own: false } & SharedProjections);

export interface SharedProjections {
  /** Keys and values for the attention of prompt tokens to the image. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Queries for the attention of the image to prompt tokens. */
  readonly queries: Tensor;
}

/**
 * Attention of prompt tokens to the image, softmax(q·kᵀ)·v, after the output projection: [B, T, width].
 *
 * @param tokens the prompt tokens plus their positions, [B, T, width]
 */
export function tokensToImage(tokens: Tensor, image: ImageTokens, state: State, name: string): Tensor {
  const [batch, count] = tokens.shape;
  const diagonal = blockDiagonal(scaled(affine(tokens, state, `${name}.q_proj`)));
  // The bias of the keys is omitted, because it would add the same value to all scores of a query.
  const scores = image.own
    ? matmul(image.placed, matrixTranspose(throughInput(diagonal, state, `${name}.k_proj`)))
    : matmul(unsqueeze(image.keys, 0), matrixTranspose(diagonal));
  const weights = softmax(matrixTranspose(scores), -1);
  const values = image.own
    ? affine(matmul(weights, image.tokens), state, `${name}.v_proj`)
    : gemm(rowsOf(weights), image.values);
  return affine(diagonalOf(values, batch, count), state, `${name}.out_proj`);
}

/**
 * Attention of image tokens to prompt tokens, softmax(q·kᵀ)·v, after the output projection: [B, L, width].
 *
 * @param placed the prompt tokens plus their positions, [B, T, width]
 * @param tokens the prompt tokens without positions
 */
export function imageToTokens(
  image: ImageTokens,
  placed: Tensor,
  tokens: Tensor,
  state: State,
  name: string,
): Tensor {
  const [batch, count] = tokens.shape;
  const keys = blockDiagonal(scaled(affine(placed, state, `${name}.k_proj`)));
  const scores = image.own
    ? add(
      matmul(image.placed, matrixTranspose(throughInput(keys, state, `${name}.q_proj`))),
      biasScores(keys, state, `${name}.q_proj`),
    )
    : matmul(unsqueeze(image.queries, 0), matrixTranspose(keys));
  const length = scores.shape[1];
  const weights = softmax(reshape(scores, [batch, length, HEADS, count]), -1);
  const values = blockDiagonal(affine(tokens, state, `${name}.v_proj`));
  // The weights of a head add up to 1, so that a share of the bias in each head's values is the bias.
  const bias = mul(tensorNamed(state, `${name}.out_proj.bias`), 1 / HEADS);
  const out = gemm(rowsOf(values), tensorNamed(state, `${name}.out_proj.weight`), { transposeB: true, bias });
  return matmul(reshape(weights, scores.shape), reshape(out, [batch, HEADS * count, -1]));
}

/** The projections of shared image tokens for the attentions of the layer `name`. */
export function sharedProjections(
  tokens: Tensor,
  placed: Tensor,
  state: State,
  name: string,
): SharedProjections {
  return {
    keys: affine(placed, state, `${name}.cross_attn_token_to_image.k_proj`),
    values: affine(tokens, state, `${name}.cross_attn_token_to_image.v_proj`),
    queries: affine(placed, state, `${name}.cross_attn_image_to_token.q_proj`),
  };
}

function scaled(x: Tensor): Tensor {
  return mul(x, (x.shape[2] / HEADS) ** -0.5);
}

/** A mask [1, heads, 1, inner]: 1 where a channel belongs to a head. */
function headMask(inner: number): Tensor {
  const width = inner / HEADS;
  const values = Float32Array.from(
    { length: HEADS * inner },
    (_, at) => Math.floor(at % inner / width) === Math.floor(at / inner) ? 1 : 0,
  );
  return constant(float32([1, HEADS, 1, inner], values));
}

/** [B, T, inner] to [B, heads·T, inner]: row (head, t) has the channels of its head and zeros elsewhere. */
function blockDiagonal(x: Tensor): Tensor {
  const [batch, count, inner] = x.shape;
  return reshape(mul(unsqueeze(x, 1), headMask(inner)), [batch, HEADS * count, inner]);
}

/** The inverse of {@link blockDiagonal}: keeps only the channels of the head in each row (head, t). */
function diagonalOf(x: Tensor, batch: number, count: number): Tensor {
  const inner = x.shape.at(-1)!;
  return sum(mul(reshape(x, [batch, HEADS, count, inner]), headMask(inner)), { axes: [1] });
}

/** Converts rows to be multiplied with a projection's output to rows to be multiplied with its input. */
function throughInput(rows: Tensor, state: State, projection: string): Tensor {
  const product = gemm(rowsOf(rows), tensorNamed(state, `${projection}.weight`));
  return reshape(product, [...rows.shape.slice(0, -1), -1]);
}

/** The contribution of the projection's bias to the scores: [B, 1, heads·T]. */
function biasScores(rows: Tensor, state: State, projection: string): Tensor {
  const bias = reshape(tensorNamed(state, `${projection}.bias`), [-1, 1]);
  return reshape(gemm(rowsOf(rows), bias), [rows.shape[0], 1, rows.shape[1]]);
}
