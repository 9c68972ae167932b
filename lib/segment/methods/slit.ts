/** The method `slit`: the regions between the boundaries that a SegFormer draws (subobject-level image tokenization). */

import { z } from "zod";
import type { SegformerProcessor } from "../../models/segformer/image_processor.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32, type HostTensor } from "../../tensor/host_tensor.ts";
import type { Image } from "../../vision/image.ts";
import type { RunLengths } from "../../vision/masks/rle.ts";
import { resizePillow } from "../../vision/resize/pillow.ts";
import { interpolate } from "../../vision/resize/torch.ts";
import { masksOfRegions, regionsBetweenBoundaries } from "../boundary_regions.ts";
import type { Segmenter } from "../segmenter.ts";
import { defineMethod, type MethodInputs, NETWORK_CPU, wholeInputs } from "./method.ts";

const inputs: MethodInputs = {
  weights: { about: "a checkpoint of a SegFormer that draws boundaries, model.safetensors" },
  configuration: { about: "the checkpoint's config.json" },
  processor: { about: "the checkpoint's preprocessor_config.json" },
};

/** The method `slit`. */
export const slit = defineMethod({
  params: z.strictObject({
    name: z.literal("slit"),
    /** The probability above which a pixel is a boundary. */
    threshold: z.number().min(0).max(1).default(0.001),
  }),
  inputs,
  cpu: NETWORK_CPU,
  files: (_, { image }) => ({ data: [image], ...wholeInputs(inputs) }),
  open({ threshold }, { inputs, session, log }) {
    const [weights, configuration, processor] = ["weights", "configuration", "processor"].map((name) =>
      inputs(name)[0]
    );
    return openSlit({ weights, configuration, processor }, threshold, session, log);
  },
});

/** Paths of a checkpoint's files, as the transformers library writes them. */
export interface SlitCheckpoint {
  /** `model.safetensors` */
  readonly weights: string;
  /** `config.json` */
  readonly configuration: string;
  /** `preprocessor_config.json` */
  readonly processor: string;
}

/**
 * @param checkpoint of a SegFormer with one label, boundary, such as DirectSAM
 * @param threshold the probability above which a pixel is a boundary
 * @throws {ParameterError} naming the first tensor that does not fit the configuration.
 * @throws {PretrainedFileError} naming the field of a file that is not supported.
 */
export async function openSlit(
  checkpoint: SlitCheckpoint,
  threshold: number,
  session: SessionOptions = {},
  log?: (message: string) => void,
): Promise<Segmenter> {
  const [{ readSegformer }, { readSegformerConfiguration }, { readSegformerProcessor }, fault, network] =
    await Promise.all([
      import("../../models/segformer/checkpoint.ts"),
      import("../../models/segformer/configuration.ts"),
      import("../../models/segformer/image_processor.ts"),
      import("../../models/segformer/pretrained_file.ts"),
      import("../../models/segformer/segformer.ts"),
    ]);
  const configuration = readSegformerConfiguration(checkpoint.configuration);
  const { channels, labels } = configuration;
  const refused = (field: string, value: number, expected: string) =>
    fault.PretrainedFileError.ofField(checkpoint.configuration, field, value, expected);
  if (channels !== 3) throw refused("num_channels", channels, "3, as images are RGB");
  if (labels !== 1) throw refused("the number of labels (id2label or num_labels)", labels, "1, boundary");
  const processor = readSegformerProcessor(checkpoint.processor);
  const parameters = readSegformer(checkpoint.weights, configuration, log);
  const model = new network.Segformer(configuration, parameters, session);
  return {
    async masks(image) {
      const { pixels } = slitInput(image, processor);
      const { shape, data } = await model.run(float32([1, ...pixels.shape], pixels.data));
      const logits = float32([1, ...shape.slice(-2)], data);
      const probability = boundaryProbability(logits, image.width, image.height);
      const masks = masksBetweenBoundaries(probability, image.width, image.height, threshold);
      return masks.map((runs) => ({ runs }));
    },
  };
}

/** The input of the network: the resized image, and its normalised values. */
export interface SlitInput {
  readonly resized: Image;
  /** [3, height, width] */
  readonly pixels: HostTensor<"float32">;
}

/** An RGB image stretched to the processor's size by Pillow's bilinear filter, then (v · rescale − mean)/std. */
export function slitInput(source: Image, { size, rescale, mean, std }: SegformerProcessor): SlitInput {
  const resized = size ? resizePillow(source, size.width, size.height, "bilinear") : source;
  const f = Math.fround;
  const tables = mean.map((center, c) =>
    Float32Array.from({ length: 256 }, (_, v) => f(f(v * rescale) - f(center)) / f(std[c]))
  );
  const area = resized.width * resized.height;
  const pixels = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    for (let c = 0; c < 3; c++) pixels[c * area + i] = tables[c][resized.data[3 * i + c]];
  }
  return { resized, pixels: float32([3, resized.height, resized.width], pixels) };
}

/**
 * The probability that a pixel lies on a boundary, row-major.
 *
 * @param logits [1, h, w] of the network
 * @param width,height of the image
 */
export function boundaryProbability(
  logits: HostTensor<"float32">,
  width: number,
  height: number,
): Float32Array {
  const { data } = interpolate(logits, width, height, "bilinear");
  for (let i = 0; i < data.length; i++) data[i] = 1 / (1 + Math.exp(-data[i]));
  return data;
}

/**
 * The regions between boundaries, largest first (equal ones in OpenCV's order of labels). See
 * `regionsBetweenBoundaries`.
 */
export function masksBetweenBoundaries(
  probability: Float32Array,
  width: number,
  height: number,
  threshold: number,
): RunLengths[] {
  const regions = regionsBetweenBoundaries(probability, width, height, threshold);
  return masksOfRegions(regions, width, height);
}
