/** Extracts the weights from the ONNX file of a SAM decoder, with the names of SAM's state dictionary. */

import { parameter, type TensorSpec } from "../../nn/tensor_spec.ts";
import { ParameterError, type Parameters } from "../../nn/parameters.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import { decodeModel, type EmbeddedTensor, type ForeignModel } from "../../tensor/onnx/proto.ts";
import { maskDecoderSpecs, promptEncoderSpecs } from "../sam2/tensor_specs.ts";

/** Channels of the embedding. */
export const WIDTH = 256;
const MASK_TOKENS = 4;
const FLOAT = 1;

/** Tensors that only SAM 2's decoder has, or that only mask prompts use. */
const NOT_IN_SAM = /\.(obj_score_token|pred_obj_score_head|conv_s0|conv_s1|mask_downscaling)\b/;

/**
 * The decoder's tensors with SAM 2's names. SAM 2's decoder differs only by an object score and finer
 * features.
 */
export function decoderTensorSpecs(): TensorSpec[] {
  return [...promptEncoderSpecs(WIDTH), ...maskDecoderSpecs(WIDTH)].filter(({ name }) =>
    !NOT_IN_SAM.test(name)
  )
    .map(({ name, shape }) => parameter(name, shape));
}

/**
 * The decoder's weights. The exporter kept the names of most tensors but stored others as unnamed constants.
 * Transposed matrices are identified by the node that multiplies with them, and scales and shifts by their
 * normalisation.
 *
 * @throws {ParameterError} naming the first tensor that is missing or has the wrong shape.
 */
export function readDecoderWeights(bytes: Uint8Array): Parameters {
  const model = decodeModel(bytes);
  const initializers = new Map(model.graph.initializer.map((tensor) => [tensor.name, tensor]));
  const found = new Map<string, HostTensor<"float32">>();
  for (const tensor of initializers.values()) {
    if (tensor.dataType === FLOAT) found.set(sam2Name(tensor.name), valueOf(tensor));
  }
  for (const [name, tensor] of foldedTensors(model, initializers)) found.set(name, tensor);
  const weights = new Map<string, HostTensor>();
  for (const { name, shape } of decoderTensorSpecs()) {
    const tensor = found.get(name);
    if (!tensor) throw new ParameterError(name, `[${shape}] is missing; check that this is SAM's decoder`);
    if (tensor.shape.join() !== shape.join()) {
      throw new ParameterError(name, `is [${tensor.shape}], but SAM's decoder has [${shape}]`);
    }
    weights.set(name, tensor);
  }
  return weights;
}

function sam2Name(name: string): string {
  return name
    .replace(/^(model\.)?prompt_encoder\./, "sam_prompt_encoder.")
    .replace(/^mask_decoder\./, "sam_mask_decoder.")
    .replace(/\.mlp\.lin1\./, ".mlp.layers.0.")
    .replace(/\.mlp\.lin2\./, ".mlp.layers.1.");
}

function* foldedTensors(
  { graph }: ForeignModel,
  initializers: ReadonlyMap<string, EmbeddedTensor>,
): Generator<[string, HostTensor<"float32">]> {
  for (const { opType, name, input } of graph.node) {
    const path = name.split("/").slice(1, -1).join(".").replace(
      "output_upscaling.output_upscaling",
      "output_upscaling",
    );
    const constants = input.flatMap((each) => initializers.get(each) ?? []);
    if (constants.length !== 1) continue;
    const [constant] = constants;
    const value = valueOf(constant);
    if (opType === "MatMul" && path) {
      yield [sam2Name(`mask_decoder.${path}.weight`), transposed(value)];
    } else if (path === "output_upscaling.1" && (opType === "Mul" || opType === "Add")) {
      const role = opType === "Mul" ? "weight" : "bias";
      yield [`sam_mask_decoder.output_upscaling.1.${role}`, float32([value.data.length], value.data)];
    } else if (opType === "Mul" && path === "" && value.shape.join() === `1,${WIDTH},1,1`) {
      yield ["sam_prompt_encoder.no_mask_embed.weight", float32([1, WIDTH], value.data)];
    } else if (opType === "Expand" && value.shape.join() === `1,${1 + MASK_TOKENS},${WIDTH}`) {
      yield ["sam_mask_decoder.iou_token.weight", float32([1, WIDTH], value.data.slice(0, WIDTH))];
      yield ["sam_mask_decoder.mask_tokens.weight", float32([MASK_TOKENS, WIDTH], value.data.slice(WIDTH))];
    }
  }
}

function valueOf({ name, dims, rawData }: EmbeddedTensor): HostTensor<"float32"> {
  const size = dims.reduce((a, b) => a * b, 1);
  if (rawData.length !== 4 * size) {
    throw new ParameterError(
      name,
      `[${dims}] has ${rawData.length} bytes, but needs ${4 * size}; the file may be incomplete`,
    );
  }
  // Copied, because a Float32Array must be aligned to 4 bytes and the bytes of a message may not be.
  return float32([...dims], new Float32Array(rawData.slice().buffer));
}

function transposed({ shape: [rows, columns], data }: HostTensor<"float32">): HostTensor<"float32"> {
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j];
  return float32([columns, rows], out);
}
