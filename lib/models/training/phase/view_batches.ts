/**
 * Batches of views for training. Threads read, augment and normalise them while the previous batch is
 * computed.
 */

import { type Augmentation } from "../../../data/loader/batch_builder.ts";
import { type ImageBatch, Loader } from "../../../data/loader/loader.ts";
import { readViewsIndex, type ViewsIndex } from "../../../data/views/views_file.ts";
import { float32, int64 } from "../../../tensor/host_tensor.ts";
import type { ColorStatistics } from "../../../vision/normalize.ts";
import type { TrainingBatch } from "../step/phase_training.ts";

export interface ViewBatchOptions {
  readonly colors: ColorStatistics;
  /** Images per batch; the last batch may have fewer. */
  readonly batchSize: number;
}

/** Enough that a GPU does not wait for batches, and few enough that a CPU is mostly left to the network. */
const THREADS = 2;
/** One batch in use by the network, and two per thread: one that it builds and one that is ready. */
const HELD = 1 + 2 * THREADS;

/** All views of a split. Every view of an image is augmented independently, even if it shows the same mask. */
export class ViewSet {
  readonly index: ViewsIndex;
  readonly #loader: Loader;

  /** @throws {ViewsFileError} if `folder` does not hold a complete set of views. */
  constructor(folder: string, options: ViewBatchOptions) {
    this.index = readViewsIndex(folder);
    this.#loader = new Loader({ source: { views: folder }, ...options, threads: THREADS, held: HELD });
  }

  close(): void {
    this.#loader.close();
  }

  /** The images in order, without augmentation. A batch is valid until the next one is requested. */
  inOrder(): AsyncGenerator<TrainingBatch> {
    return trainingBatches(this.#loader.inOrder());
  }

  /**
   * The images of an epoch, shuffled and augmented; both depend only on the seed and the epoch. A batch is
   * valid until the next one is requested.
   */
  shuffled(augmentation: Augmentation): AsyncGenerator<TrainingBatch> {
    return trainingBatches(this.#loader.shuffled(augmentation));
  }
}

async function* trainingBatches(batches: AsyncIterable<ImageBatch>): AsyncGenerator<TrainingBatch> {
  for await (const { shape, values, labels } of batches) {
    yield { x: float32(shape, values), labels: int64([labels.length], labels) };
  }
}
