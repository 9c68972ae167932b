/** Chooses the images of a split to explain, and lists the facts on which each explanation depends. */

import { createHash } from "node:crypto";
import { sampleFileName } from "../data/data_set.ts";
import type { ViewedSample, ViewPixels, ViewsIndex } from "../data/views/views_file.ts";
import { readPrototypes } from "../models/projection/prototype_list.ts";
import { float32, type HostTensor } from "../tensor/host_tensor.ts";
import { type Image, image } from "../vision/image.ts";
import { type ColorStatistics, normalizeInto, normalizeTables } from "../vision/normalize.ts";
import type { ChosenView } from "./explainer.ts";
import { rowsInOrder } from "./image_saliency.ts";

/** An image to explain. */
export interface ExplainedImage {
  readonly sample: ViewedSample;
  /** The prototypes to explain and their views; by default those most similar to the image. */
  readonly chosen?: readonly ChosenView[];
}

/** Selects `limit` of `images`, evenly spaced. */
export function evenlySpread<T>(images: readonly T[], limit: number = images.length): T[] {
  const count = Math.min(limit, images.length);
  return Array.from({ length: count }, (_, i) => images[Math.floor(i * images.length / count)]);
}

/**
 * The images from which prototypes were projected, each with its prototypes and their views.
 *
 * @param path the list of prototypes that the projection wrote
 * @param samples the samples of the training set
 * @throws {JsonFileError} if the file is malformed.
 * @throws {Error} if the file names a sample that is not in `samples`.
 */
export function prototypeSources(path: string, samples: readonly ViewedSample[]): ExplainedImage[] {
  const byId = new Map(samples.map((sample) => [sample.id, sample]));
  const chosen = new Map<ViewedSample, ChosenView[]>();
  for (const { prototype, sample: id, view } of readPrototypes(path)) {
    const sample = byId.get(id);
    if (!sample || view >= sample.views.length) {
      throw new Error(
        `prototype ${prototype} was projected from view ${view} of sample ${id}, which is missing: give the views of the ` +
          "training set that the projection used",
      );
    }
    chosen.set(sample, [...chosen.get(sample) ?? [], { prototype, view }]);
  }
  return samples.flatMap((sample) => {
    const ofSample = chosen.get(sample);
    return ofSample ? [{ sample, chosen: ofSample }] : [];
  });
}

/** The name of an image's explanation. */
export function explanationName({ sample }: ExplainedImage): string {
  return sampleFileName(sample);
}

/**
 * The facts about an image's views on which its explanation depends: the size and the rows of the views, the
 * digest of their pixels, and the prototypes to explain. The views folder itself contains the views of all images.
 */
export function explanationFacts(
  { sample, chosen }: ExplainedImage,
  frame: Pick<ViewsIndex, "width" | "height">,
  pixels: ViewPixels,
) {
  const { width, height, rows, views } = sample;
  const digest = createHash("sha256");
  const row = new Uint8Array(3 * frame.width * frame.height);
  for (let i = 0; i < rows.length; i++) {
    pixels.read(sample, i, row);
    digest.update(row);
  }
  return {
    image: { width, height },
    frame: { width: frame.width, height: frame.height },
    rows: rows.map(({ mask, box, rectangle }) => ({ mask, box: box ?? null, rectangle })),
    views,
    pixels: digest.digest("hex"),
    chosen: chosen?.map(({ prototype, view }) => ({ prototype, view })) ?? null,
  };
}

/** The distinct views of an image. */
export function distinctViews(
  sample: ViewedSample,
  { width, height }: Pick<ViewsIndex, "width" | "height">,
  pixels: ViewPixels,
): Image[] {
  return rowsInOrder(sample).map((row) => {
    const view = image(width, height, "RGB");
    pixels.read(sample, row, view.data);
    return view;
  });
}

/** The distinct views of an image, normalised: [rows, 3, H, W]. */
export function normalizedRows(
  sample: ViewedSample,
  index: Pick<ViewsIndex, "width" | "height">,
  pixels: ViewPixels,
  colors: ColorStatistics,
): HostTensor<"float32"> {
  return normalizedViews(distinctViews(sample, index, pixels), colors);
}

/** Views of one size, normalised: [views, 3, H, W]. */
export function normalizedViews(views: readonly Image[], colors: ColorStatistics): HostTensor<"float32"> {
  const [{ width, height }] = views;
  const tables = normalizeTables(colors);
  const size = 3 * width * height;
  const values = new Float32Array(views.length * size);
  views.forEach((view, i) => normalizeInto(view, tables, values, i * size));
  return float32([views.length, 3, height, width], values);
}
