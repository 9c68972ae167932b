/** Batches of views for training: read, augmented and normalised in threads while the batch before is computed. */

import { type Augmentation } from "../../../data/loader/batch_builder.ts";
import { type ImageBatch, Loader } from "../../../data/loader/loader.ts";
import { readViewsIndex, type ViewsIndex } from "../../../data/views/views_file.ts";
import { float32, int64 } from "../../../tensor/host_tensor.ts";
import type { ColorStatistics } from "../../../vision/normalize.ts";
import type { TrainingBatch } from "../step/phase_training.ts";

export interface ViewBatchOptions {
  readonly colors: ColorStatistics;
  /** Images of a batch; the last one may have fewer. */
  readonly batchSize: number;
}

/** So many that a GPU waits for no batch; on a CPU they leave most of it to the network. */
const THREADS = 2;
/** One with the network, and two for each thread: one that it builds and one that is ready. */
const HELD = 1 + 2 * THREADS;

/** All views of a split. Every view of an image is augmented independently, even if it shows the same mask. */
export class ViewSet {
  readonly index: ViewsIndex;
  readonly #loader: Loader;

  /** @throws {ViewsFileError} where `folder` holds no whole set of views. */
  constructor(folder: string, options: ViewBatchOptions) {
    this.index = readViewsIndex(folder);
    this.#loader = new Loader({ source: { views: folder }, ...options, threads: THREADS, held: HELD });
  }

  close(): void {
    this.#loader.close();
  }

  /** The images in order, as they are. A batch may be used until the next is asked for. */
  inOrder(): AsyncGenerator<TrainingBatch> {
    return trainingBatches(this.#loader.inOrder());
  }

  /**
   * The images of an epoch: in an order and with augmentations that depend on seed and epoch alone. A batch may be used
   * until the next is asked for.
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
