/** Conformance of SAM 2's image model: positions, encoder, decoder, prediction, state dictionary. */

import { Sam2Predictor } from "../../../lib/models/sam2/predictor.ts";
import { fitTensors, recogniseSize } from "../../../lib/models/sam2/checkpoint.ts";
import { SAM2_CONFIGURATIONS, type Sam2Configuration } from "../../../lib/models/sam2/configurations.ts";
import { imageEncoder } from "../../../lib/models/sam2/image_encoder.ts";
import { imagePixels } from "../../../lib/models/sam2/image_pixels.ts";
import { decoderImage, maskDecoder } from "../../../lib/models/sam2/mask_decoder.ts";
import { mapPositions } from "../../../lib/models/sam2/positions.ts";
import { programParameters, stateInputs } from "../../../lib/models/sam2/programs.ts";
import { maskPrompt, noMask, pointTokens } from "../../../lib/models/sam2/prompt_encoder.ts";
import { singleMask } from "../../../lib/models/sam2/single_mask.ts";
import { positionEmbedding } from "../../../lib/models/sam2/trunk.ts";
import { stageChannels, trunkBlocks } from "../../../lib/models/sam2/trunk_blocks.ts";
import type { Parameters } from "../../../lib/nn/parameters.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { add } from "../../../lib/tensor/ops/arithmetic.ts";
import { expand } from "../../../lib/tensor/ops/broadcast.ts";
import { toChannelsFirst, toChannelsLast } from "../../../lib/tensor/ops/channels_last.ts";
import { interpolate } from "../../../lib/tensor/ops/resample.ts";
import { reshape, transpose } from "../../../lib/tensor/ops/shape.ts";
import { sliceAxis } from "../../../lib/tensor/ops/slice.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { decodeImage } from "../../../lib/vision/decode.ts";
import type { Image } from "../../../lib/vision/image.ts";
import { interpolate as resize } from "../../../lib/vision/resize/torch.ts";
import {
  type Case,
  generateTensor,
  type Json,
  type Outcome,
  pathOf,
  type Runner,
  tensorOf,
} from "../case.ts";
import { sinePositions } from "../reference/sine_positions.ts";
import { runProgram } from "../run_program.ts";

export function configurationOf({ params: { config } }: Case): Sam2Configuration {
  return {
    imageSize: config.image_size,
    channels: config.embed_dim,
    heads: config.num_heads,
    stages: config.stages,
    globalBlocks: config.global_att_blocks,
    backgroundSize: config.window_pos_embed_bkg_spatial_size,
    windows: config.window_spec,
    pooledStages: config.q_pool,
    width: config.d_model,
    topDownLevels: config.fpn_top_down_levels,
    topDownMode: config.fpn_interp,
    droppedLevels: config.scalp,
  };
}

/** The generated weights of the case's model, which must be exactly the tensors that an image needs. */
export function weightsOf(testCase: Case): Parameters {
  const { weights_file, weights_seed } = testCase.params;
  const specs = JSON.parse(Deno.readTextFileSync(pathOf(testCase, weights_file)));
  const parameters = new Map<string, HostTensor>();
  for (const [name, { generate }] of Object.entries<Json>(specs)) {
    parameters.set(name, generateTensor({ ...generate, seed: weights_seed ?? generate.seed }));
  }
  fitTensors(configurationOf(testCase), parameters);
  return parameters;
}

export function imageOf(testCase: Case): Promise<Image> {
  return decodeImage(pathOf(testCase, testCase.params.file));
}

/** Runs `outputs` with the case's weights and the given inputs. */
async function evaluate(
  testCase: Case,
  outputs: Record<string, Tensor>,
  inputs: Record<string, HostTensor> = {},
): Promise<Outcome> {
  const named = new Map(Object.entries(outputs).map(([name, tensor]) => [`out.${name}`, tensor]));
  const given = new Map([...programParameters(weightsOf(testCase)), ...Object.entries(inputs)]);
  return { tensors: Object.fromEntries(await runProgram(named, given)) };
}

function encoder(testCase: Case): Promise<Outcome> {
  const configuration = configurationOf(testCase);
  const image = tensorOf(testCase, "in.image");
  const { trunk, levels, features } = imageEncoder(
    input("image", "float32", image.shape),
    configuration,
    stateInputs(configuration),
  );
  const outputs: Record<string, Tensor> = { patch_embed: trunk.patches };
  trunk.blocks.forEach((tensor, i) => outputs[`block${i}`] = tensor);
  trunk.stages.forEach((tensor, i) => outputs[`stage${i}`] = tensor);
  levels.forEach((tensor, i) => outputs[`neck${i}`] = tensor);
  Object.assign(outputs, { f0: features.fine, f1: features.medium, f2: features.coarse });
  const maps = Object.fromEntries(
    Object.entries(outputs).map(([name, tensor]) => [name, toChannelsFirst(tensor)]),
  );
  return evaluate(testCase, maps, { image }).then(({ tensors }) => {
    const sine = sinePositions(configuration.width, levels[0].shape[1]);
    return { tensors: { ...tensors, "out.neck_pos0": float32([1, ...sine.shape], sine.data) } };
  });
}

async function decoder(testCase: Case): Promise<Outcome> {
  const { params } = testCase;
  const configuration = configurationOf(testCase);
  const state = stateInputs(configuration);
  const given: Record<string, HostTensor> = {};
  for (const name of ["f0", "f1", "f2", "points"]) given[name] = tensorOf(testCase, `in.${name}`);
  const labels = tensorOf(testCase, "in.labels");
  given.labels = int64(labels.shape, Array.from(labels.data as ArrayLike<number | bigint>, Number));
  if (testCase.tensors.has("in.mask")) given.mask = tensorOf(testCase, "in.mask");
  const inputs = Object.fromEntries(
    Object.entries(given).map(([name, { dtype, shape }]) => [name, input(name, dtype as "float32", shape)]),
  );
  const [fine, medium, coarse] = ["f0", "f1", "f2"].map((name) => toChannelsLast(inputs[name]));
  const [, side, , width] = coarse.shape;
  const map = (rows: Tensor) => reshape(transpose(rows, [0, 2, 1]), [rows.shape[0], width, side, side]);
  const sparse = pointTokens(inputs.points, inputs.labels, configuration, state);
  const dense = inputs.mask
    ? maskPrompt(inputs.mask, state)
    : expand(noMask(configuration, state), [1, side * side, width]);
  const positions = mapPositions(side, state);
  const tokens = add(reshape(coarse, [1, side * side, width]), dense);
  const image = decoderImage(tokens, positions, { fine, medium }, state);
  const { logits, ious, objectScore } = maskDecoder(image, sparse, [0, 1, 2, 3], state);
  const chosen = params.multimask_output ? [1, 4] : [0, 1];
  const outputs = {
    sparse,
    dense: map(sliceAxis(dense, 0, 0, 1)),
    dense_pe: map(reshape(positions, [1, side * side, width])),
    all_masks: logits,
    all_ious: ious,
    object_score: objectScore,
    masks: sliceAxis(logits, 1, chosen[0], chosen[1]),
    ious: sliceAxis(ious, 1, chosen[0], chosen[1]),
  };
  const { tensors } = await evaluate(testCase, outputs, given);
  return params.dynamic_multimask_via_stability ? withFallback(testCase, tensors!) : { tensors };
}

function withFallback({ params }: Case, tensors: Record<string, HostTensor>): Outcome {
  const { shape, data } = tensors["out.all_masks"] as HostTensor<"float32">;
  const ious = tensors["out.all_ious"].data as Float32Array;
  const [batch, masks, height, width] = shape;
  const area = height * width;
  const logitsOf = (i: number, mask: number) =>
    data.subarray((i * masks + mask) * area, (i * masks + mask + 1) * area);
  const options = {
    delta: params.dynamic_multimask_stability_delta,
    threshold: params.dynamic_multimask_stability_thresh,
  };
  const results = Array.from(
    { length: batch },
    (_, i) => singleMask(logitsOf(i, 0), ious.subarray(i * masks, (i + 1) * masks), options),
  );
  const kept = new Float32Array(batch * area);
  results.forEach(({ chosen }, i) => kept.set(logitsOf(i, chosen), i * area));
  return {
    tensors: {
      ...tensors,
      "out.stability": float32([batch], results.map(({ stability }) => stability)),
      "out.masks": float32([batch, 1, height, width], kept),
      "out.ious": float32([batch, 1], results.map(({ chosen }, i) => ious[i * masks + chosen])),
    },
    values: { fell_back: results.map(({ chosen }) => chosen !== 0) },
  };
}

async function predict(testCase: Case): Promise<Outcome> {
  const configuration = configurationOf(testCase);
  const predictor = new Sam2Predictor(configuration, weightsOf(testCase));
  const image = await imageOf(testCase);
  const embedding = await predictor.embed(image);
  const points: number[][] = testCase.params.points;
  const prompts = { count: points.length, points: points.flat() };
  const coordinates = predictor.modelPoints(embedding, prompts.points);
  const { masks, side, logits, ious } = await predictor.decode(embedding, prompts);
  await predictor.release();
  const size = [image.height, image.width];
  const enlarged = resize(
    float32([points.length * masks, side, side], logits),
    image.width,
    image.height,
    "bilinear",
  );
  return {
    tensors: {
      "out.coords": float32(tensorOf(testCase, "out.coords").shape, coordinates),
      "out.logits": float32([points.length, masks, ...size], enlarged.data),
      "out.ious": float32([points.length, masks], ious),
      "out.low_res": float32(
        [points.length, masks, side, side],
        logits.map((value) => Math.min(Math.max(value, -32), 32)),
      ),
    },
  };
}

function stateDictionary(testCase: Case): Outcome {
  const file = pathOf(testCase, testCase.params.shapes_file);
  const shapes: Record<string, number[]> = JSON.parse(Deno.readTextFileSync(file));
  const tensors = new Map(
    Object.entries(shapes).map(([name, shape]) => [name, { dtype: "float32" as const, shape }]),
  );
  const configuration: Sam2Configuration = SAM2_CONFIGURATIONS[recogniseSize(tensors)];
  const { image, video } = fitTensors(configuration, tensors);
  const values = (specs: typeof image) => specs.reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const blocks = trunkBlocks(configuration);
  return {
    values: {
      tensors: image.length + video.length,
      values: values(image) + values(video),
      tensors_used_for_images: image.length,
      values_used_for_images: values(image),
      embed_dim: configuration.channels,
      num_heads_first_stage: configuration.heads,
      stages: configuration.stages,
      window_spec: configuration.windows,
      global_att_blocks: configuration.globalBlocks,
      channel_list: stageChannels(configuration).reverse(),
      window_sizes: blocks.map(({ window }) => window),
      q_pool_blocks: blocks.flatMap(({ pooled }, i) => pooled ? [i] : []),
    },
  };
}

export const modelRunners: Record<string, Runner> = {
  "sam2.pos_embed": (testCase) => {
    const state = stateInputs(configurationOf(testCase));
    return evaluate(testCase, { pos_embed: positionEmbedding(state, testCase.params.size) });
  },
  "sam2.bicubic": async (testCase) => {
    const x = tensorOf(testCase, "in.x");
    const y = interpolate(input("x", "float32", x.shape), { size: testCase.params.size, mode: "bicubic" });
    return {
      tensors: Object.fromEntries(await runProgram(new Map([["out.y", y]]), new Map([["x", x]]))),
    };
  },
  "sam2.encoder": encoder,
  "sam2.decoder": decoder,
  "sam2.preprocess": async (testCase) => {
    const { resolution, channel_order } = testCase.params;
    const { shape, data } = imagePixels(await imageOf(testCase), resolution, channel_order);
    return { tensors: { "out.x": float32(shape.slice(1), data) } };
  },
  "sam2.predict": predict,
  "sam2.state_dict": stateDictionary,
};
