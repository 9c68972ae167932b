/** SAM 2.1 for images: an image is embedded once, then prompts are decoded in batches. */

import type { Parameters } from "../../nn/parameters.ts";
import { ProgramCache } from "../../runtime/program_cache.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32, type HostTensor, int64 } from "../../tensor/host_tensor.ts";
import type { ChannelOrder, Image } from "../../vision/image.ts";
import { COUNT, type DecodedOutputs } from "./decoded_outputs.ts";
import { logitSize, type Sam2Configuration } from "./configurations.ts";
import { imagePixels } from "./image_pixels.ts";
import { decodingProgram, embeddingProgram, programParameters, type PromptShape } from "./programs.ts";
import { POINT_LABEL } from "./prompt_encoder.ts";
import { keepsMasks, promptsPerRun } from "./prompts_per_run.ts";

/** An embedded image, for decoding prompts. */
export interface Sam2Embedding {
  readonly width: number;
  readonly height: number;
  readonly tensors: Readonly<Record<string, HostTensor>>;
}

/** Prompts with the same number of points each. */
export interface Prompts {
  readonly count: number;
  /** x, y of each point of each prompt, in pixels of the image. */
  readonly points: ArrayLike<number>;
  /** The labels of the points, see POINT_LABEL; default: foreground. */
  readonly labels?: ArrayLike<number>;
  /** The mask of each prompt, as logits at the model's resolution. */
  readonly masks?: Float32Array;
}

/** The mask decoder's output for a batch of prompts. */
export interface DecodedPrompts {
  /** Masks per prompt. */
  readonly masks: number;
  /** The side of the square maps of logits. */
  readonly side: number;
  /** [prompts, masks, side, side] */
  readonly logits: Float32Array;
  /** The predicted IoU of every mask, [prompts, masks]. */
  readonly ious: Float32Array;
  /** The logit of the presence of an object, [prompts]. */
  readonly objectScores: Float32Array;
}

/** SAM 2 on single images: an image is embedded once, then any number of prompts is decoded. */
export class Sam2Predictor {
  readonly configuration: Sam2Configuration;
  readonly #parameters: ReadonlyMap<string, HostTensor>;
  readonly #programs: ProgramCache;
  readonly #batch: number;
  /** Whether masks are to stay where they are computed, see {@link keepsMasks}. */
  readonly keepsMasks: boolean;

  /** @param parameters the tensors for images, from readSam2Checkpoint */
  constructor(configuration: Sam2Configuration, parameters: Parameters, options: SessionOptions = {}) {
    this.configuration = configuration;
    this.#programs = new ProgramCache(options);
    this.#batch = promptsPerRun(options.device);
    this.keepsMasks = keepsMasks(options);
    this.#parameters = programParameters(parameters);
  }

  /** @throws {RangeError} if the image is not RGB. */
  async embed(image: Image, order: ChannelOrder = "RGB"): Promise<Sam2Embedding> {
    const tensors = await this.#programs.run(
      "embedding",
      () => embeddingProgram(this.configuration),
      { image: imagePixels(image, this.configuration.imageSize, order) },
      this.#parameters,
    );
    return { width: image.width, height: image.height, tensors };
  }

  /**
   * Decodes the masks of prompts.
   *
   * @param chosen the masks to compute: 1 … 3 for an ambiguous prompt, or 0 for an unambiguous one
   * @throws {RangeError} if the number of points, labels or masks does not match the prompts, or a label is
   * unknown.
   */
  async decode(
    embedding: Sam2Embedding,
    prompts: Prompts,
    chosen: readonly number[] = [1, 2, 3],
  ): Promise<DecodedPrompts> {
    const side = logitSize(this.configuration);
    const points = pointsPerPrompt(prompts, side);
    const { count } = prompts;
    const masks = chosen.length;
    const logits = new Float32Array(count * masks * side * side);
    const ious = new Float32Array(count * masks);
    const objectScores = new Float32Array(count);
    const batch = Math.min(this.#batch, count);
    for (let first = 0; first < count; first += batch) {
      const shape = { batch, points, masks: prompts.masks !== undefined, chosen };
      const results = await this.#decodeBatch(embedding, prompts, first, shape);
      const kept = Math.min(batch, count - first);
      const part = (name: string, length: number) =>
        (results[name].data as Float32Array).subarray(0, kept * length);
      logits.set(part("logits", masks * side * side), first * masks * side * side);
      ious.set(part("ious", masks), first * masks);
      objectScores.set(part("objectScore", 1), first);
    }
    return { masks, side, logits, ious, objectScores };
  }

  /**
   * Decodes prompts and computes `outputs` from their masks, which stay where they are computed.
   *
   * @returns the outputs of each run, in the order of the prompts
   * @throws {RangeError} as {@link decode} does.
   */
  async decodeInto(
    embedding: Sam2Embedding,
    prompts: Prompts,
    chosen: readonly number[],
    outputs: DecodedOutputs,
  ): Promise<Record<string, HostTensor>[]> {
    const points = pointsPerPrompt(prompts, logitSize(this.configuration));
    const batch = Math.min(this.#batch, prompts.count);
    const shape = { batch, points, masks: prompts.masks !== undefined, chosen };
    const results: Record<string, HostTensor>[] = [];
    for (let first = 0; first < prompts.count; first += batch) {
      results.push(await this.#decodeBatch(embedding, prompts, first, shape, outputs));
    }
    return results;
  }

  /** Converts points x, y from pixels of the image to pixels of the model's square input. */
  modelPoints({ width, height }: Sam2Embedding, points: ArrayLike<number>): Float32Array {
    const { imageSize } = this.configuration;
    return Float32Array.from(points, (value, i) => {
      return Math.fround(Math.fround(value) / (i % 2 === 0 ? width : height)) * imageSize;
    });
  }

  /** Decodes the prompts from `first` on. The last batch is padded with the last prompt. */
  async #decodeBatch(
    embedding: Sam2Embedding,
    prompts: Prompts,
    first: number,
    shape: PromptShape,
    instead?: DecodedOutputs,
  ): Promise<Record<string, HostTensor>> {
    const { batch, points } = shape;
    const at = (i: number) => Math.min(first + i, prompts.count - 1);
    const xy = new Float32Array(batch * points * 2);
    const labels = new Array<number>(batch * points);
    for (let i = 0; i < batch * points; i++) {
      const from = at(Math.floor(i / points)) * points + i % points;
      xy[2 * i] = prompts.points[2 * from];
      xy[2 * i + 1] = prompts.points[2 * from + 1];
      labels[i] = prompts.labels?.[from] ?? POINT_LABEL.foreground;
    }
    const inputs: Record<string, HostTensor> = {
      points: float32([batch, points, 2], this.modelPoints(embedding, xy)),
      labels: int64([batch, points], labels),
    };
    if (prompts.masks) inputs.masks = maskBatch(prompts.masks, logitSize(this.configuration), batch, at);
    if (instead) {
      Object.assign(inputs, instead.inputs, { [COUNT]: int64([], [Math.min(batch, prompts.count - first)]) });
    }
    return await this.#programs.run(
      JSON.stringify([shape, instead?.key]),
      () => decodingProgram(this.configuration, shape, instead),
      inputs,
      this.#parameters,
      new Map(Object.entries(embedding.tensors)),
    );
  }

  /** Frees the sessions. All predictors of the same size share them. */
  release(): Promise<void> {
    return this.#programs.release();
  }
}

function pointsPerPrompt({ count, points, labels, masks }: Prompts, side: number): number {
  const each = points.length / 2 / count;
  if (!Number.isInteger(count) || count < 1 || !Number.isInteger(each)) {
    throw new RangeError(
      `${count} prompts need the same number of points each, with two numbers per point, but ${points.length} numbers were given`,
    );
  }
  if (labels && labels.length !== count * each) {
    throw new RangeError(
      `${count * each} points need ${count * each} labels, but ${labels.length} were given`,
    );
  }
  const meanings = Object.values(POINT_LABEL) as number[];
  for (const label of Array.from(labels ?? [])) {
    if (!meanings.includes(label)) {
      throw new RangeError(`a point's label must be one of ${meanings.join(", ")}, but is ${label}`);
    }
  }
  if (masks && masks.length !== count * side * side) {
    throw new RangeError(
      `${count} prompts need masks of ${side} × ${side}, but ${masks.length} values were given`,
    );
  }
  return each;
}

function maskBatch(masks: Float32Array, side: number, batch: number, at: (i: number) => number) {
  const area = side * side;
  const data = new Float32Array(batch * area);
  for (let i = 0; i < batch; i++) data.set(masks.subarray(at(i) * area, (at(i) + 1) * area), i * area);
  return float32([batch, 1, side, side], data);
}
