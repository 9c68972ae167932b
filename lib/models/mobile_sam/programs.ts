/** SAM's prompt encoder and mask decoder as two tensor programs: one per image, one per batch of points. */

import { type Program, program } from "../../tensor/graph.ts";
import { float32 } from "../../tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../../tensor/op.ts";
import { add } from "../../tensor/ops/arithmetic.ts";
import { expand } from "../../tensor/ops/broadcast.ts";
import { matmul } from "../../tensor/ops/matmul.ts";
import { matrixTranspose, reshape, transpose, unsqueeze } from "../../tensor/ops/shape.ts";
import { concat, sliceAxis, stack } from "../../tensor/ops/slice.ts";
import { constant, input } from "../../tensor/ops/source.ts";
import { COUNT, type DecodedOutputs } from "../sam2/decoded_outputs.ts";
import { enlarged, rasterOrder, twoWayTransformer } from "../sam2/mask_decoder.ts";
import { mapPositions } from "../sam2/positions.ts";
import { noMask, pointTokens } from "../sam2/prompt_encoder.ts";
import { mlp, type State, tensorNamed } from "../sam2/rows.ts";
import { sharedProjections } from "../sam2/two_way_attention.ts";
import { decoderTensorSpecs, WIDTH } from "./decoder_weights.ts";

/** The side of the encoder's square input. */
export const IMAGE_SIZE = 1024;
const EMBEDDING_SIZE = 64;
/** The shape of an image's embedding, [1, channels, height, width]. */
export const EMBEDDING_SHAPE = [1, WIDTH, EMBEDDING_SIZE, EMBEDDING_SIZE];
/** The side of the square map of mask logits. */
export const LOGIT_SIZE = 256;
const LENGTH = EMBEDDING_SIZE ** 2;
const DECODER = "sam_mask_decoder";

function stateInputs(): State {
  return new Map(
    decoderTensorSpecs().map(({ name, dtype, shape }) => [name, input(name, dtype as ElementType, shape)]),
  );
}

/** Maps "embedding" [1, 256, 64, 64] to the tensors shared by all points of an image. */
export function imageProgram(): Program {
  const state = stateInputs();
  const embedding = input("embedding", "float32", EMBEDDING_SHAPE);
  const rows = reshape(transpose(embedding, [0, 2, 3, 1]), [1, LENGTH, WIDTH]);
  const tokens = add(rows, noMask({ width: WIDTH }, state));
  const positions = mapPositions(EMBEDDING_SIZE, state);
  const first = reshape(tokens, [LENGTH, WIDTH]);
  const shared = sharedProjections(first, add(first, positions), state, `${DECODER}.transformer.layers.0`);
  return program({ tokens, positions, ...shared });
}

/**
 * Maps "points" [B, 1, 2], in pixels of the encoder's input, and int64 "labels" [B, 1] to "logits" [B,
 * chosen, 256, 256] and "ious" [B, chosen].
 *
 * @param chosen the consecutive masks to compute: 0 for an unambiguous prompt, 1 … 3 for an ambiguous one
 * @param instead other outputs, in place of these
 */
export function pointProgram(batch: number, chosen: readonly number[], instead?: DecodedOutputs): Program {
  const state = stateInputs();
  const prompts = pointTokens(
    input("points", "float32", [batch, 1, 2]),
    input("labels", "int64", [batch, 1]),
    { imageSize: IMAGE_SIZE, width: WIDTH },
    state,
  );
  const named = (name: string) => tensorNamed(state, `${DECODER}.${name}.weight`);
  const own = concat([named("iou_token"), named("mask_tokens")], 0);
  const tokens = concat([expand(unsqueeze(own, 0), [batch, own.shape[0], WIDTH]), prompts], 1);
  const { queries, keys } = twoWayTransformer(tokens, imageInputs(), state);
  const token = (at: number) => reshape(sliceAxis(queries, 1, at, at + 1), [batch, WIDTH]);
  const hyper = stack(
    chosen.map((i) => mlp(token(1 + i), state, `${DECODER}.output_hypernetworks_mlps.${i}`, 3)),
    1,
  );
  // SAM upscales only the map, without the finer features of SAM 2.
  const none = (channels: number) => constant(float32([1, channels], new Float32Array(channels)));
  const map = enlarged(keys, { medium: none(WIDTH / 4), fine: none(WIDTH / 8) }, state);
  const ious = mlp(token(0), state, `${DECODER}.iou_prediction_head`, 3);
  const decoded = {
    logits: rasterOrder(matmul(map, matrixTranspose(hyper))),
    ious: sliceAxis(ious, 1, chosen[0], chosen[0] + chosen.length),
  };
  return program(instead ? instead.of({ ...decoded, count: input(COUNT, "int64", []) }) : decoded);
}

function imageInputs() {
  const given = (name: string, shape: number[]): Tensor => input(name, "float32", shape);
  return {
    tokens: given("tokens", [1, LENGTH, WIDTH]),
    positions: given("positions", [LENGTH, WIDTH]),
    shared: {
      keys: given("keys", [LENGTH, WIDTH / 2]),
      values: given("values", [LENGTH, WIDTH / 2]),
      queries: given("queries", [LENGTH, WIDTH / 2]),
    },
  };
}
