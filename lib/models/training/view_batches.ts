/** Batches of views for training: read, augmented and normalised while the batch before is computed. */

import {
  readViewsIndex,
  type ViewedSample,
  ViewPixels,
  type ViewsIndex,
} from "../../data/views/views_file.ts";
import { float32, int64 } from "../../tensor/host_tensor.ts";
import { RandomStream } from "../../tensor/random.ts";
import { augmentViews, type Recipe } from "../../vision/augment/views.ts";
import type { Image } from "../../vision/image.ts";
import { type ColorStatistics, normalizeInto, normalizeTables } from "../../vision/normalize.ts";
import type { TrainingBatch } from "./phase_training.ts";

export interface ViewBatchOptions {
  readonly colors: ColorStatistics;
  /** Images of a batch; the last one may have fewer. */
  readonly batchSize: number;
}

/** How an epoch of training differs from the images as they are. */
export interface Augmentation {
  readonly recipe: Recipe;
  readonly seed: number;
  /** Counted over all phases. */
  readonly epoch: number;
}

/** All views of a split. Every view of an image is augmented by draws of its own, also where it shows the same mask. */
export class ViewSet {
  readonly index: ViewsIndex;
  readonly #pixels: ViewPixels;
  readonly #options: ViewBatchOptions;

  /** @throws {ViewsFileError} where `folder` holds no whole set of views. */
  constructor(folder: string, options: ViewBatchOptions) {
    this.index = readViewsIndex(folder);
    this.#pixels = new ViewPixels(folder, this.index);
    this.#options = options;
  }

  close(): void {
    this.#pixels.close();
  }

  /** The images in order, as they are. */
  inOrder(): AsyncGenerator<TrainingBatch> {
    return this.#batches(this.index.samples.map((_, i) => i));
  }

  /** The images of an epoch: in an order and with augmentations that depend on seed and epoch alone. */
  shuffled(augmentation: Augmentation): AsyncGenerator<TrainingBatch> {
    const { seed, epoch } = augmentation;
    const order = new RandomStream({ seed, purpose: "shuffle", epoch }).permutation(
      this.index.samples.length,
    );
    return this.#batches([...order], augmentation);
  }

  async *#batches(order: readonly number[], augmentation?: Augmentation): AsyncGenerator<TrainingBatch> {
    const { batchSize } = this.#options;
    const chunks = Array.from(
      { length: Math.ceil(order.length / batchSize) },
      (_, i) => order.slice(i * batchSize, (i + 1) * batchSize),
    );
    let next = chunks.length > 0 ? this.#batch(chunks[0], augmentation) : undefined;
    for (let i = 0; next; i++) {
      const batch = await next;
      next = i + 1 < chunks.length ? this.#batch(chunks[i + 1], augmentation) : undefined;
      // An error of the batch ahead is thrown when it is its turn.
      next?.catch(() => {});
      yield batch;
    }
  }

  async #batch(images: readonly number[], augmentation?: Augmentation): Promise<TrainingBatch> {
    const { width, height, viewsPerImage, samples } = this.index;
    const tables = normalizeTables(this.#options.colors);
    const size = 3 * width * height;
    const values = new Float32Array(images.length * viewsPerImage * size);
    for (const [row, image] of images.entries()) {
      for (let view = 0; view < viewsPerImage; view++) {
        const source = this.#view(samples[image], view);
        const shown = augmentation ? await augmented(source, augmentation, image, view) : source;
        normalizeInto(shown, tables, values, (row * viewsPerImage + view) * size);
      }
    }
    return {
      x: float32([images.length, viewsPerImage, 3, height, width], values),
      labels: int64([images.length], images.map((image) => samples[image].label)),
    };
  }

  #view({ firstRow, views }: ViewedSample, view: number): Image {
    const { width, height } = this.index;
    const data = new Uint8Array(3 * width * height);
    this.#pixels.read(firstRow + views[view], data);
    return { width, height, channels: 3, order: "RGB", data };
  }
}

async function augmented(
  source: Image,
  { recipe, seed, epoch }: Augmentation,
  image: number,
  view: number,
): Promise<Image> {
  const [result] = await augmentViews(source, recipe, {
    seed,
    purpose: `augment view ${view}`,
    epoch,
    index: image,
  });
  return result;
}
