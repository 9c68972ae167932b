/**
 * Batches of images for training and evaluation, built ahead in threads.
 *
 * The order of an epoch and the random numbers of its images depend only on the seed and the epoch.
 * Interruptions and the number of threads do not change them.
 */

import { RandomStream } from "../../tensor/random.ts";
import {
  type Augmentation,
  BatchBuilder,
  type BatchContent,
  type BatchPixels,
  bytesPerValue,
  pixelsIn,
} from "./batch_builder.ts";
import type { BatchReply, BatchRequest } from "./loader_worker.ts";

export interface LoaderOptions extends BatchContent {
  /** Images per batch; the last batch of an epoch may have fewer. */
  readonly batchSize: number;
  /** Threads that build batches; with 0, batches are built in the caller's thread. */
  readonly threads: number;
  /** Batches in memory at any time, including the one that the caller uses; at least 2. */
  readonly held: number;
}

/** A batch of images. */
export interface ImageBatch {
  /** [images, views, 3, height, width]. */
  readonly shape: readonly [number, number, number, number, number];
  /** Valid until the next batch is requested, which may overwrite the same memory. */
  readonly values: BatchPixels;
  readonly labels: readonly number[];
  /** The indices of the images in the source. */
  readonly images: Uint32Array;
}

/** The order of the images of an epoch. */
export function epochOrder(length: number, seed: number, epoch: number): Uint32Array {
  return new RandomStream({ seed, purpose: "shuffle", epoch }).permutation(length);
}

interface Pending {
  readonly images: Uint32Array;
  readonly done: Promise<ArrayBuffer>;
}

/** Builds the batches of an epoch ahead in threads. */
export class Loader {
  readonly #options: LoaderOptions;
  readonly #builder: BatchBuilder;
  readonly #threads: Thread[] = [];
  /** Buffers that no batch uses. */
  readonly #free: ArrayBuffer[] = [];
  #nextThread = 0;
  #buffersMade = 0;

  /**
   * @throws {ViewsFileError} if the source can't be read.
   * @throws {RangeError} if an option is out of range.
   */
  constructor(options: LoaderOptions) {
    const { batchSize, threads, held } = options;
    requireInteger("batchSize", batchSize, 1);
    requireInteger("threads", threads, 0);
    requireInteger("held", held, 2);
    this.#options = options;
    this.#builder = new BatchBuilder(options);
    const { source, colors } = options;
    for (let i = 0; i < threads; i++) this.#threads.push(new Thread({ source, colors }));
  }

  /** The number of images. */
  get length(): number {
    return this.#builder.samples.length;
  }

  /** The number of batch buffers allocated so far. */
  get buffersMade(): number {
    return this.#buffersMade;
  }

  /** The images in order, without augmentation. */
  inOrder(): AsyncGenerator<ImageBatch> {
    return this.#batches(Uint32Array.from({ length: this.length }, (_, i) => i), undefined);
  }

  /** The images of an epoch, shuffled and augmented. */
  shuffled(augmentation: Augmentation): AsyncGenerator<ImageBatch> {
    return this.#batches(epochOrder(this.length, augmentation.seed, augmentation.epoch), augmentation);
  }

  /** Ends the threads. No batch may be requested afterwards. */
  close(): void {
    for (const thread of this.#threads) thread.close();
    this.#builder.close();
  }

  async *#batches(order: Uint32Array, augmentation: Augmentation | undefined): AsyncGenerator<ImageBatch> {
    const { batchSize, held } = this.#options;
    const shape = this.#builder.shape(augmentation);
    const imageLength = shape.reduce((product, side) => product * side, 1);
    const pending: Pending[] = [];
    let begun = 0;
    const begin = () => {
      // The caller uses one of the `held` batches.
      while (begun < order.length && pending.length < held - 1) {
        const images = order.slice(begun, begun + batchSize);
        begun += images.length;
        const done = this.#build(
          images,
          augmentation,
          bytesPerValue(augmentation) * batchSize * imageLength,
          images.length * imageLength,
        );
        // An error is thrown when the batch is due.
        done.catch(() => {});
        pending.push({ images, done });
      }
    };
    try {
      for (begin(); pending.length > 0; begin()) {
        const { images, done } = pending.shift()!;
        const buffer = await done;
        begin();
        yield {
          shape: [images.length, ...shape],
          values: pixelsIn(buffer, augmentation, images.length * imageLength),
          labels: Array.from(images, (image) => this.#builder.samples[image].label),
          images,
        };
        this.#free.push(buffer);
      }
    } finally {
      // If the caller stops early, some batches are still being built.
      const rest = await Promise.allSettled(pending.map(({ done }) => done));
      for (const one of rest) if (one.status === "fulfilled") this.#free.push(one.value);
    }
  }

  async #build(
    images: Uint32Array,
    augmentation: Augmentation | undefined,
    bytes: number,
    length: number,
  ): Promise<ArrayBuffer> {
    const kept = this.#free.pop();
    const isFit = kept !== undefined && kept.byteLength === bytes;
    if (!isFit) this.#buffersMade++;
    const buffer = isFit ? kept : new ArrayBuffer(bytes);
    if (this.#threads.length === 0) {
      await this.#builder.build(images, augmentation, pixelsIn(buffer, augmentation, length));
      return buffer;
    }
    const thread = this.#threads[this.#nextThread++ % this.#threads.length];
    return await thread.build({ images, augmentation, buffer });
  }
}

/** One thread and the batches requested from it. */
class Thread {
  readonly #worker: Worker;
  readonly #waiting = new Map<number, { resolve(buffer: ArrayBuffer): void; reject(error: Error): void }>();
  #tickets = 0;

  constructor(content: BatchContent) {
    this.#worker = new Worker(new URL("./loader_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<BatchReply>) => {
      const { resolve, reject } = this.#waiting.get(data.ticket)!;
      this.#waiting.delete(data.ticket);
      if ("error" in data) reject(data.error);
      else resolve(data.buffer);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#waiting.values()) {
        reject(new Error(`a loader's thread ended: ${event.message}`));
      }
      this.#waiting.clear();
    };
    this.#worker.postMessage(content);
  }

  build(request: Omit<BatchRequest, "ticket">): Promise<ArrayBuffer> {
    const ticket = this.#tickets++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(ticket, { resolve, reject });
      this.#worker.postMessage({ ...request, ticket } satisfies BatchRequest, [request.buffer]);
    });
  }

  close(): void {
    this.#worker.terminate();
  }
}

function requireInteger(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(
      `a loader's ${name} must be an integer of at least ${least}, but is ${value}`,
    );
  }
}
