/** Drawn birds without their parts: how much the similarity to each top prototype drops without each part. */

import { BIRD_PARTS } from "../data/birds/bird_spec.ts";
import { imageWithout, renderBird } from "../data/birds/render_bird.ts";
import { readBirdSpecs } from "../data/birds/write_birds.ts";
import { cropImage } from "../data/views/crop_rectangle.ts";
import { objectMaskView } from "../data/views/object_view.ts";
import type { ViewedSample, ViewsIndex } from "../data/views/views_file.ts";
import { normalizedViews } from "../explain/explained_images.ts";
import { frameOf } from "../explain/explained_model.ts";
import type { Explainer } from "../explain/explainer.ts";
import { rowsInOrder } from "../explain/image_saliency.ts";
import type { MetricFidelity } from "../metrics/fidelity.ts";
import { clipSaliency, type SaliencyRule } from "../metrics/masks/saliency.ts";
import { compareRemovals, relevanceOfParts } from "../metrics/removal/part_removal.ts";
import { maximum } from "../metrics/selection.ts";
import { sliceOf } from "../metrics/shapes.ts";
import type { Image } from "../vision/image.ts";
import { cropResizeLinear } from "../vision/resize/opencv.ts";
import { shownBy } from "./annotations.ts";
import type { PartRemoval } from "./evaluation_file.ts";
import type { EvaluatedViews, ImageAnswer } from "./image_answers.ts";

type RemovalCase = PartRemoval["cases"][number];

export interface PartRemovalOptions {
  /** The folder of a data set of drawn birds. */
  readonly data: string;
  readonly views: EvaluatedViews;
  readonly explainer: Explainer;
  readonly rule: SaliencyRule;
  readonly sparse: MetricFidelity["sparse"];
}

/** The views of a bird can't be cut again without a part. */
export class PartRemovalError extends Error {
  override readonly name = "PartRemovalError";
}

/**
 * For an image and each of its top prototypes: the part pointed at is the visible part with most of the
 * saliency (the map under its percentile mask, in the frame of explanations; the first of equals). The image is
 * drawn again without each visible part and otherwise bit for bit the same; views are cut by the same boxes. The drop is
 *
 *     d_part = max over views of s(view) − max over views of s(view without the part)
 *
 * of the similarity s to the prototype. {@link compareRemovals} says how drops are compared.
 */
export class PartRemovals {
  readonly #options: PartRemovalOptions;
  readonly #specs: ReturnType<typeof readBirdSpecs>;
  readonly #cases: RemovalCase[] = [];

  constructor(options: PartRemovalOptions) {
    this.#options = options;
    this.#specs = readBirdSpecs(options.data);
  }

  /** @throws {PartRemovalError} if the views are not cut-outs of the drawn image, and can't be cut again. */
  async add(sample: ViewedSample, { top, maps }: Required<ImageAnswer>): Promise<void> {
    const { rule, sparse, views: { index } } = this.#options;
    // Files of the layout of CUB are numbered from 1, samples from 0.
    const spec = this.#specs.get(sample.id + 1)!;
    const { image, partMask } = renderBird(spec);
    const all = pixelsOfParts(partMask);
    const seen = BIRD_PARTS.filter((_, part) => all[part] > 0);
    const before = await this.#scores(sample, this.#storedViews(sample, image));
    const after: number[][] = [];
    for (const without of seen) {
      const views = viewsOf(sample, imageWithout(spec, without, image), index);
      after.push(await this.#scores(sample, views));
    }
    const levels = this.#partsInFrame(sample, partMask).data;
    const { clipped } = clipSaliency(maps, rule, sparse);
    top.forEach(({ prototype, view }, rank) => {
      const relevance = relevanceOfParts(sliceOf(clipped, rank).data, levels, BIRD_PARTS.length);
      const total = relevance.reduce((sum, value) => sum + value, 0);
      const shares = seen.map((part) => total > 0 ? relevance[BIRD_PARTS.indexOf(part)] / total : 0);
      const inView = pixelsOfParts(cropImage(partMask, sample.rows[sample.views[view]].rectangle));
      this.#cases.push({
        sample: sample.id,
        prototype,
        rank,
        ...(total > 0 && { pointedAt: seen[shares.indexOf(maximum(shares))] }),
        parts: seen.map((part, i) => ({
          part,
          pixels: all[BIRD_PARTS.indexOf(part)],
          pixelsInView: inView[BIRD_PARTS.indexOf(part)],
          relevance: shares[i],
          drop: before[prototype] - after[i][prototype],
        })),
      });
    });
  }

  result(): PartRemoval {
    const comparisons = (["first", "all"] as const).flatMap((prototypes) =>
      (["image", "view"] as const).map((parts) => {
        const removals = this.#cases.filter(({ rank }) => prototypes === "all" || rank === 0)
          .flatMap(({ pointedAt, parts: ofCase }) => {
            const size = parts === "image" ? "pixels" : "pixelsInView";
            const compared = ofCase.filter(({ [size]: pixels }) => pixels > 0);
            const place = compared.findIndex(({ part }) => part === pointedAt);
            const sizes = compared.map(({ [size]: pixels }) => pixels);
            const biggest = sizes.indexOf(Math.max(...sizes));
            return place < 0 ? [] : [{ pointedAt: place, biggest, drops: compared.map(({ drop }) => drop) }];
          });
        return { prototypes, parts, ...compareRemovals(removals) };
      })
    );
    return { comparisons: comparisons.filter(({ cases }) => cases > 0), cases: this.#cases };
  }

  /** The views of the image as drawn, checked to be those that the model was evaluated on. */
  #storedViews(sample: ViewedSample, image: Image): Image[] {
    const { index, pixels } = this.#options.views;
    const views = viewsOf(sample, image, index);
    const stored = new Uint8Array(3 * index.width * index.height);
    rowsInOrder(sample).forEach((row, i) => {
      pixels.read(sample, row, stored);
      if (stored.some((level, at) => level !== views[i].data[at])) {
        throw new PartRemovalError(
          `the views of ${sample.name} are not cut out of the bird as it was drawn, so they can't be cut again ` +
            "without a part; part removal needs views that keep the background",
        );
      }
    });
    return views;
  }

  /** The levels of the parts in the frame of explanations. */
  #partsInFrame(sample: ViewedSample, partMask: Image): Image {
    const { explainer, views: { index: { width, height } } } = this.#options;
    const isWhole = frameOf(explainer.explained.definition) === "image";
    return objectMaskView(partMask, isWhole ? undefined : shownBy(sample), width, height);
  }

  /** The similarity of the most similar view to each prototype. */
  async #scores({ id }: ViewedSample, views: readonly Image[]): Promise<number[]> {
    const { explainer, views: { colors } } = this.#options;
    const { similarities: { shape: [prototypes, rows], data } } = await explainer.similarities(
      normalizedViews(views, colors),
      id,
    );
    return Array.from({ length: prototypes }, (_, i) => maximum(data.subarray(i * rows, (i + 1) * rows)));
  }
}

/** An image through the boxes of a sample's views. */
function viewsOf(sample: ViewedSample, image: Image, { width, height }: ViewsIndex): Image[] {
  return rowsInOrder(sample).map((row) => cropResizeLinear(image, sample.rows[row].rectangle, width, height));
}

/** How many pixels show each part. */
function pixelsOfParts({ data }: Image): number[] {
  const counts = BIRD_PARTS.map(() => 0);
  for (const level of data) if (level >= 1 && level <= counts.length) counts[level - 1]++;
  return counts;
}
