/**
 * Attention between a few tokens of each prompt and the thousands of tokens of the image.
 *
 * With T tokens and h heads, the scores of an image's tokens are one product of width h·T, if the tokens' projections
 * are placed on the diagonal of h blocks. The projections of the image's tokens can then be moved to the other side,
 * (x·W)·Dᵀ = x·(D·Wᵀ)ᵀ, where they are cheap: the image has many tokens, a prompt few. The image's tokens before the
 * first layer are the same for all prompts and are projected once instead.
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

/** The image's tokens as a layer attends to them. */
export type ImageTokens =
  /** Every prompt has its own [B, L, width]; `placed` are those plus their positions. */
  | { readonly own: true; readonly tokens: Tensor; readonly placed: Tensor }
  /** All prompts have the same, projected as the layer's attentions need them, each [L, inner]. */
  | ({ readonly own: false } & SharedProjections);

export interface SharedProjections {
  /** Keys and values for tokens that attend to the image. */
  readonly keys: Tensor;
  readonly values: Tensor;
  /** Queries of the image that attends to tokens. */
  readonly queries: Tensor;
}

/**
 * softmax(q·kᵀ)·v of prompts' tokens over the image, projected: [B, T, width].
 *
 * @param tokens [B, T, width], positions added
 */
export function tokensToImage(tokens: Tensor, image: ImageTokens, state: State, name: string): Tensor {
  const [batch, count] = tokens.shape;
  const diagonal = blockDiagonal(scaled(affine(tokens, state, `${name}.q_proj`)));
  // A bias of the keys would add the same to all scores of a query.
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
 * softmax(q·kᵀ)·v of the image's tokens over a prompt's, projected but without the output's bias: [B, L, width].
 *
 * @param placed the prompts' tokens with their positions, [B, T, width]
 * @param tokens the same without
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
  const out = gemm(rowsOf(values), tensorNamed(state, `${name}.out_proj.weight`), { transposeB: true });
  return matmul(reshape(weights, scores.shape), reshape(out, [batch, HEADS * count, -1]));
}

/** What {@link ImageTokens} that all prompts share need of the attentions of the layer `name`. */
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

/** 1 where a channel belongs to a head: [1, heads, 1, inner]. */
function headMask(inner: number): Tensor {
  const width = inner / HEADS;
  const values = Float32Array.from(
    { length: HEADS * inner },
    (_, at) => Math.floor(at % inner / width) === Math.floor(at / inner) ? 1 : 0,
  );
  return constant(float32([1, HEADS, 1, inner], values));
}

/** [B, T, inner] as [B, heads·T, inner], row (head, t) with the channels of its head and zeros. */
function blockDiagonal(x: Tensor): Tensor {
  const [batch, count, inner] = x.shape;
  return reshape(mul(unsqueeze(x, 1), headMask(inner)), [batch, HEADS * count, inner]);
}

/** The reverse of {@link blockDiagonal}: of row (head, t) only the channels of its head are kept. */
function diagonalOf(x: Tensor, batch: number, count: number): Tensor {
  const inner = x.shape.at(-1)!;
  return sum(mul(reshape(x, [batch, HEADS, count, inner]), headMask(inner)), { axes: [1] });
}

/** Rows that are multiplied with a projection's result, made ones that are multiplied with its input. */
function throughInput(rows: Tensor, state: State, projection: string): Tensor {
  const product = gemm(rowsOf(rows), tensorNamed(state, `${projection}.weight`));
  return reshape(product, [...rows.shape.slice(0, -1), -1]);
}

/** The contribution of the projection's bias to the scores: [B, 1, heads·T]. */
function biasScores(rows: Tensor, state: State, projection: string): Tensor {
  const bias = reshape(tensorNamed(state, `${projection}.bias`), [-1, 1]);
  return reshape(gemm(rowsOf(rows), bias), [rows.shape[0], 1, rows.shape[1]]);
}
