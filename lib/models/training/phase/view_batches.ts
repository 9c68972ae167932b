/** Batches of views for training, as the model sees them. Threads build them while the previous batch is computed. */

import type { BatchPixels } from "../../../data/loader/batch_builder.ts";
import { type ImageBatch, Loader } from "../../../data/loader/loader.ts";
import { readViewsIndex, type ViewsIndex } from "../../../data/views/views_file.ts";
import type { SessionOptions } from "../../../runtime/session_options.ts";
import { float32, hostTensor, int64 } from "../../../tensor/host_tensor.ts";
import type { Border } from "../../../vision/augment/remap.ts";
import { oneView, type Recipe, type Stage, twoViews } from "../../../vision/augment/views.ts";
import type { ColorStatistics } from "../../../vision/normalize.ts";
import type { Sees } from "../../model_definition.ts";
import type { BatchPlace, PrototypeModel } from "../../prototypes/prototype_model.ts";
import type { LevelBatch, TrainingBatch } from "../step/training_batch.ts";

export interface ViewBatchOptions {
  readonly colors: ColorStatistics;
  /** Images per batch; the last batch may have fewer. */
  readonly batchSize: number;
  readonly sees: Sees;
  /** Gives the extra inputs of each batch. */
  readonly model: PrototypeModel;
  /** The seed of all random numbers. */
  readonly seed: number;
  /** Threads that build batches, see {@link threadsFor}; with 0, batches are built in the caller's thread. */
  readonly threads: number;
}

/** Enough that a GPU does not wait for batches. */
export const MOST_THREADS = 2;

/**
 * The threads that build batches. A CPU is mostly left to the network: what is only read and normalised takes less time
 * than a thread takes to start.
 *
 * @param augmented whether batches are augmented
 */
export function threadsFor({ device = "cpu", threads: cores }: SessionOptions, augmented: boolean): number {
  if (device !== "cpu") return MOST_THREADS;
  return augmented ? Math.min(cores ?? MOST_THREADS, MOST_THREADS) : 0;
}

/** All views of a split. Every view of an image is augmented independently, even if it shows the same mask. */
export class ViewSet {
  readonly index: ViewsIndex;
  readonly #loader: Loader;
  readonly #options: ViewBatchOptions;

  /** @throws {ViewsFileError} if `folder` does not hold a complete set of views. */
  constructor(folder: string, options: ViewBatchOptions) {
    const { colors, batchSize, threads } = options;
    this.index = readViewsIndex(folder);
    this.#options = options;
    const source = { views: folder };
    // One batch in use by the network, and two per thread: one that it builds and one that is ready.
    const held = Math.max(2, 1 + 2 * threads);
    this.#loader = new Loader({ source, colors, batchSize, threads, held });
  }

  close(): void {
    this.#loader.close();
  }

  /**
   * The images in order, without augmentation. A batch is valid until the next one is requested.
   *
   * @param epoch counted over all phases; extra inputs depend on it
   */
  inOrder(epoch = 0): AsyncGenerator<TrainingBatch> {
    // Levels are only in batches that were asked for with them.
    return this.#seen(this.#loader.inOrder(), "validation", epoch) as AsyncGenerator<TrainingBatch>;
  }

  /**
   * The images of an epoch, shuffled and augmented; both depend only on the seed and the epoch. A batch is
   * valid until the next one is requested.
   *
   * @param epoch counted over all phases
   * @param levels whether batches have levels 0 … 255, a quarter of the memory, for programs that normalise them
   */
  shuffled(epoch: number, recipe: Recipe, levels = false): AsyncGenerator<TrainingBatch | LevelBatch> {
    const { seed } = this.#options;
    return this.#seen(this.#loader.shuffled({ recipe, seed, epoch, levels }), "training", epoch);
  }

  async *#seen(
    batches: AsyncIterable<ImageBatch>,
    purpose: BatchPlace["purpose"],
    epoch: number,
  ): AsyncGenerator<TrainingBatch | LevelBatch> {
    const { sees, model, seed, colors } = this.#options;
    let index = 0;
    for await (const batch of batches) {
      const { shape, values, labels } = seenBatch(batch, sees);
      const rest = { labels, extra: model.extraValues({ seed, purpose, epoch, index }) };
      if (values instanceof Float32Array) yield { x: float32(shape, values), ...rest };
      else yield { x: hostTensor("uint8", shape, values), colors, ...rest };
      index++;
    }
  }
}

/** The augmentation of an image by a model's pipelines, in which it sees one view or two of it. */
export function recipeFor(sees: Sees, stages: readonly Stage[], border: Border): Recipe {
  return sees === "pair" ? twoViews(stages, border) : oneView(stages, border);
}

/**
 * The shape of a batch of images as the model sees it.
 *
 * @param views the number of views of each image in the batch
 */
export function seenShape(
  sees: Sees,
  images: number,
  { views, width, height }: { readonly views: number; readonly width: number; readonly height: number },
): number[] {
  return sees === "views" ? [images, views, 3, height, width] : [images * views, 3, height, width];
}

/** A batch [N, V, C, H, W] as [N·V, C, H, W] for models of images, with the first views of all images first. */
function seenBatch({ shape, values, labels }: ImageBatch, sees: Sees) {
  const [images, views, , height, width] = shape;
  const seen = seenShape(sees, images, { views, width, height });
  if (sees === "views" || views === 1) return { shape: seen, values, labels: int64([images], labels) };
  const size = values.length / (images * views);
  const sorted: BatchPixels = values.slice();
  for (let image = 0; image < images; image++) {
    for (let view = 0; view < views; view++) {
      const from = (image * views + view) * size;
      sorted.set(values.subarray(from, from + size), (view * images + image) * size);
    }
  }
  const repeated = Array.from({ length: views }, () => labels).flat();
  return { shape: seen, values: sorted, labels: int64([repeated.length], repeated) };
}
