/** Output completeness: how the similarity to a prototype changes with noise outside the box of its saliency. */

import type { ViewedSample } from "../data/views/views_file.ts";
import { normalizedRows } from "../explain/explained_images.ts";
import { addNoiseOutside } from "../metrics/completeness/noise.ts";
import { clipSaliency, percentileBoxes } from "../metrics/masks/saliency.ts";
import { sliceOf } from "../metrics/shapes.ts";
import {
  OUTPUT_COMPLETENESS_METRICS,
  OutputCompleteness,
  type OutputCompletenessImage,
  type OutputCompletenessOptions,
} from "../metrics/techniques/output_completeness.ts";
import { elementCount, float32, type HostTensor } from "../tensor/host_tensor.ts";
import { RandomStream } from "../tensor/random.ts";
import type { Box } from "../vision/masks/boxes.ts";
import type { EvaluatedViews, ImageAnswer } from "./image_answers.ts";
import { prefixed } from "./prefixed.ts";
import type { SecondAnswers } from "./second_answers.ts";

/** Before the names of its figures. */
export const COMPLETENESS = "Completeness";

/** The standard deviation of the noise, in units of the normalised input. */
const NOISE = 0.05;

export interface CompletenessFiguresOptions extends Omit<OutputCompletenessOptions, "metrics"> {
  readonly views: EvaluatedViews;
  readonly answers: SecondAnswers;
}

/** Measures one image after another, of a model that sees one view of each. */
export class CompletenessFigures {
  readonly omitted: Record<string, string> = {};
  readonly #options: CompletenessFiguresOptions;
  readonly #completeness: OutputCompleteness;
  /** The images of the unfinished batch. */
  #batch: OutputCompletenessImage[] = [];

  constructor(options: CompletenessFiguresOptions) {
    this.#options = options;
    this.#completeness = new OutputCompleteness({ ...options, metrics: OUTPUT_COMPLETENESS_METRICS });
  }

  async add(sample: ViewedSample, { top, maps }: Required<ImageAnswer>): Promise<void> {
    const { views: { index, pixels, colors }, answers, saliency: rule, fidelity, batchSize } = this.#options;
    const x = normalizedRows(sample, index, pixels, colors);
    const { similarity } = await answers.withoutSaliency(sample, x);
    const boxes = percentileBoxes(clipSaliency(maps, rule, fidelity.sparse).clipped, fidelity.sparse);
    const perturbed: OutputCompletenessImage["perturbed"][number][] = [];
    for (const [rank, { prototype }] of top.entries()) {
      const answer = await answers.explained(sample, withNoise(x, boxes[rank], sample.id, rank), [prototype]);
      perturbed.push({ similarity: answer.similarity, saliency: sliceOf(answer.saliency, 0) });
    }
    this.#batch.push({ top: top.map(({ prototype }) => prototype), similarity, saliency: maps, perturbed });
    if (this.#batch.length === batchSize) this.#addBatch();
  }

  perImage(): Record<string, readonly number[]> {
    this.#addBatch();
    return prefixed(COMPLETENESS, this.#completeness.perImage());
  }

  results(): Record<string, number> {
    this.#addBatch();
    return prefixed(COMPLETENESS, this.#completeness.results());
  }

  #addBatch(): void {
    if (this.#batch.length > 0) this.#completeness.addBatch(this.#batch);
    this.#batch = [];
  }
}

/**
 * The only view [1, 3, H, W] of an image with noise outside the box of its prototype of a rank; drawn from the image's id
 * and the rank.
 */
export function withNoise(
  x: HostTensor<"float32">,
  box: Box,
  image: number,
  rank: number,
): HostTensor<"float32"> {
  const shape = x.shape.slice(1);
  const random = new RandomStream({ seed: 0, purpose: `completeness ${rank}`, epoch: 0, index: image });
  const noise = Float32Array.from({ length: elementCount(shape) }, () => random.normal(0, NOISE));
  return float32(x.shape, addNoiseOutside(float32(shape, x.data), float32(shape, noise), box).image.data);
}
