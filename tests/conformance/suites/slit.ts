/** Conformance of SLIT: SegFormer's stages, the image processor, masks from logits, the state dictionary. */

import { fitSegformer } from "../../../lib/models/segformer/checkpoint.ts";
import type { SegformerConfiguration } from "../../../lib/models/segformer/configuration.ts";
import { DIRECT_SAM } from "../../../lib/models/segformer/direct_sam.ts";
import { segformerEncoder } from "../../../lib/models/segformer/encoder.ts";
import { segformerHead, stageProjection } from "../../../lib/models/segformer/head.ts";
import { segformerContext } from "../../../lib/models/segformer/segformer.ts";
import { decodeRunLengths, runLengthArea } from "../../../lib/vision/masks/rle.ts";
import { boundaryProbability, masksBetweenBoundaries, slitInput } from "../../../lib/segment/methods/slit.ts";
import { elementCount, float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";
import type { Tensor } from "../../../lib/tensor/op.ts";
import { toChannelsFirst } from "../../../lib/tensor/ops/channels_last.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { decodeImage } from "../../../lib/vision/decode.ts";
import {
  type Case,
  generateTensor,
  type Json,
  type Outcome,
  pathOf,
  type Runner,
  tensorOf,
} from "../case.ts";
import { runProgram } from "../run_program.ts";

export const runners: Record<string, Runner> = {
  "slit.segformer": segformer,
  "slit.processor": processor,
  "slit.masks": (testCase) => {
    const [height, width] = testCase.params.size;
    const logits = tensorOf(testCase, "in.logits");
    const shape = [1, ...logits.shape.slice(-2)];
    const probability = boundaryProbability(float32(shape, logits.data as Float32Array), width, height);
    const { tensors, values } = masksOf(probability, width, height, testCase);
    return { tensors: { ...tensors, "out.probability": float32([height, width], probability) }, values };
  },
  "slit.masks_from_probability": (testCase) => {
    const { shape: [height, width], data } = tensorOf(testCase, "in.probability");
    return masksOf(data as Float32Array, width, height, testCase);
  },
  "slit.state_dict": stateDict,
};

function configurationOf({ params: { config } }: Case): SegformerConfiguration {
  return {
    channels: config.num_channels,
    depths: config.depths,
    hiddenSizes: config.hidden_sizes,
    heads: config.num_attention_heads,
    reductions: config.sr_ratios,
    patchSizes: config.patch_sizes,
    strides: config.strides,
    mlpRatios: config.mlp_ratios,
    decoderSize: config.decoder_hidden_size,
    labels: config.num_labels,
  };
}

async function segformer(testCase: Case): Promise<Outcome> {
  const configuration = configurationOf(testCase);
  const { weights_file, weights_seed } = testCase.params;
  const weights = new Map<string, HostTensor>();
  const specs = JSON.parse(Deno.readTextFileSync(pathOf(testCase, weights_file)));
  for (const [name, { generate }] of Object.entries<Json>(specs)) {
    weights.set(name, generateTensor({ ...generate, seed: weights_seed ?? generate.seed }));
  }
  fitSegformer(configuration, weights);
  const images = tensorOf(testCase, "in.image");
  const context = segformerContext(configuration);
  const stages = segformerEncoder(input("images", "float32", images.shape), configuration, context);
  const results = stages.map(({ result }) => result);
  const outputs = new Map<string, Tensor>([
    ["out.patch0", toChannelsFirst(stages[0].patches)],
    ...results.map((result, i) => [`out.stage${i}`, toChannelsFirst(result)] as const),
    ...results.map((result, i) =>
      [`out.linear${i}`, toChannelsFirst(stageProjection(result, i, context))] as const
    ),
    ["out.logits", segformerHead(results, context)],
  ]);
  return {
    tensors: Object.fromEntries(await runProgram(outputs, new Map([...weights, ["images", images]]))),
  };
}

async function processor(testCase: Case): Promise<Outcome> {
  const source = await decodeImage(pathOf(testCase, testCase.params.file));
  const { size, mean, std } = testCase.params;
  const processor = { size: { width: size, height: size }, rescale: 1 / 255, mean, std };
  const { resized, pixels } = slitInput(source, processor);
  const { width, height, data } = resized;
  return { tensors: { "out.resized": hostTensor("uint8", [height, width, 3], data), "out.x": pixels } };
}

function masksOf(probability: Float32Array, width: number, height: number, { params }: Case): Outcome {
  const ranks = new Int32Array(width * height);
  const areas = masksBetweenBoundaries(probability, width, height, params.threshold).map((runs, rank) => {
    decodeRunLengths(runs).data.forEach((value, i) => {
      if (value !== 0) ranks[i] = rank + 1;
    });
    return runLengthArea(runs);
  });
  return { tensors: { "out.rank": hostTensor("int32", [height, width], ranks) }, values: { areas } };
}

function stateDict(testCase: Case): Outcome {
  const shapes: Record<string, number[]> = JSON.parse(
    Deno.readTextFileSync(pathOf(testCase, testCase.params.shapes_file)),
  );
  const infos = new Map(
    Object.entries(shapes).map(([name, shape]) => [
      name,
      { shape, dtype: name.endsWith("num_batches_tracked") ? "int64" as const : "float32" as const },
    ]),
  );
  const specs = fitSegformer(DIRECT_SAM, infos);
  const values = [...infos.values()].reduce((sum, { shape }) => sum + elementCount(shape), 0);
  const parameters = specs.filter(({ role }) => role === "parameter");
  return {
    values: {
      tensors: infos.size,
      values,
      parameters: parameters.reduce((sum, { shape }) => sum + elementCount(shape), 0),
      depths: DIRECT_SAM.depths,
      hidden_sizes: DIRECT_SAM.hiddenSizes,
      decoder_hidden_size: DIRECT_SAM.decoderSize,
      num_attention_heads: DIRECT_SAM.heads,
      sr_ratios: DIRECT_SAM.reductions,
    },
  };
}
