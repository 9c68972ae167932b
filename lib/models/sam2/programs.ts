/**
 * SAM 2 as two tensor programs: one per image or crop, one per batch of prompts. Weights are inputs of both.
 */

import { type Program, program } from "../../tensor/graph.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { ElementType, Tensor } from "../../tensor/op.ts";
import { add, sub } from "../../tensor/ops/arithmetic.ts";
import { reshape } from "../../tensor/ops/shape.ts";
import { sliceAxis } from "../../tensor/ops/slice.ts";
import { input } from "../../tensor/ops/source.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { COUNT, type DecodedOutputs } from "./decoded_outputs.ts";
import { embeddingSize, logitSize, type Sam2Configuration } from "./configurations.ts";
import { imageEncoder } from "./image_encoder.ts";
import { decoderImage, maskDecoder } from "./mask_decoder.ts";
import { mapPositions } from "./positions.ts";
import { maskPrompt, noMask, pointTokens } from "./prompt_encoder.ts";
import type { State } from "./rows.ts";
import { imageTensorSpecs, MASK_TOKENS } from "./tensor_specs.ts";
import { QKV } from "./trunk.ts";

const QKV_NAME = /^(.*\.attn)\.qkv\.(weight|bias)$/;

/**
 * The tensors with the trunk's projections split into queries, keys and values, which share the memory of the
 * original.
 */
export function programParameters(parameters: Parameters): Map<string, HostTensor> {
  const apart = new Map<string, HostTensor>();
  for (const [name, tensor] of parameters) {
    const match = QKV_NAME.exec(name);
    if (!match) {
      apart.set(name, tensor);
      continue;
    }
    const shape = [tensor.shape[0] / 3, ...tensor.shape.slice(1)];
    const length = tensor.data.length / 3;
    QKV.forEach((part, i) => {
      const data = (tensor.data as Float32Array).subarray(i * length, (i + 1) * length);
      apart.set(`${match[1]}.${part}.${match[2]}`, { dtype: "float32", shape, data });
    });
  }
  return apart;
}

/** Program inputs for the state. */
export function stateInputs(configuration: Sam2Configuration): State {
  const state = new Map<string, Tensor>();
  for (const { name, dtype, shape } of imageTensorSpecs(configuration)) {
    const match = QKV_NAME.exec(name);
    const parts = match ? QKV.map((part) => `${match[1]}.${part}.${match[2]}`) : [name];
    const own = match ? [shape[0] / 3, ...shape.slice(1)] : shape;
    for (const part of parts) state.set(part, input(part, dtype as ElementType, own));
  }
  return state;
}

/** The outputs of {@link embeddingProgram} that the decoding program reads. */
const EMBEDDING = ["tokens", "positions", "medium", "fine", "keys", "values", "queries"] as const;

/** Maps "image" [1, 3, S, S] to the tensors that all of its prompts share. */
export function embeddingProgram(configuration: Sam2Configuration): Program {
  const state = stateInputs(configuration);
  const { imageSize } = configuration;
  const { features } = imageEncoder(
    input("image", "float32", [1, 3, imageSize, imageSize]),
    configuration,
    state,
  );
  const side = embeddingSize(configuration);
  const coarse = reshape(features.coarse, [1, side * side, configuration.width]);
  const image = decoderImage(
    add(coarse, noMask(configuration, state)),
    mapPositions(side, state),
    features,
    state,
  );
  const { tokens, positions, medium, fine, shared } = image;
  return program({ tokens, positions, medium, fine, ...shared! });
}

export interface PromptShape {
  /** The number of prompts, and the number of points per prompt. */
  readonly batch: number;
  readonly points: number;
  /** Whether every prompt has a mask. */
  readonly masks: boolean;
  /** The masks to compute, see maskDecoder. */
  readonly chosen: readonly number[];
}

/**
 * Maps "points" [B, N, 2] in pixels of the model's input, int64 "labels" [B, N] and, if prompts have masks,
 * "masks" [B, 1, 4s, 4s] to "logits" [B, chosen, 4s, 4s], "ious" [B, chosen] and "objectScore" [B, 1].
 *
 * @param instead other outputs, in place of these
 */
export function decodingProgram(
  configuration: Sam2Configuration,
  prompt: PromptShape,
  instead?: DecodedOutputs,
): Program {
  const { batch, points, masks, chosen } = prompt;
  const state = stateInputs(configuration);
  const sparse = pointTokens(
    input("points", "float32", [batch, points, 2]),
    input("labels", "int64", [batch, points]),
    configuration,
    state,
  );
  const image = embeddingInputs(configuration);
  const side = logitSize(configuration);
  const changed = masks
    ? {
      ...image,
      shared: undefined,
      // The mask replaces "no mask", which is part of the image's tokens.
      tokens: add(
        sub(image.tokens, noMask(configuration, state)),
        maskPrompt(input("masks", "float32", [batch, 1, side, side]), state),
      ),
    }
    : image;
  const { logits, ious, objectScore } = maskDecoder(changed, sparse, chosen, state);
  const first = chosen[0];
  if (chosen.some((mask, i) => mask !== first + i) || first + chosen.length > MASK_TOKENS) {
    throw new RangeError(
      `the chosen masks must be consecutive numbers from 0 to ${MASK_TOKENS - 1}, but are ${chosen}`,
    );
  }
  const decoded = { logits, ious: sliceAxis(ious, 1, first, first + chosen.length) };
  return program(
    instead ? instead.of({ ...decoded, count: input(COUNT, "int64", []) }) : { ...decoded, objectScore },
  );
}

function embeddingInputs(configuration: Sam2Configuration) {
  const { width } = configuration;
  const length = embeddingSize(configuration) ** 2;
  const shapes: Record<(typeof EMBEDDING)[number], number[]> = {
    tokens: [1, length, width],
    positions: [length, width],
    medium: [4 * length, width / 4],
    fine: [16 * length, width / 8],
    keys: [length, width / 2],
    values: [length, width / 2],
    queries: [length, width / 2],
  };
  const [tokens, positions, medium, fine, keys, values, queries] = EMBEDDING.map((name) =>
    input(name, "float32", shapes[name])
  );
  return { tokens, positions, medium, fine, shared: { keys, values, queries } };
}
