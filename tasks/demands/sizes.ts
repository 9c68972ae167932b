/** The facts of outputs that the estimates of kinds agree on. Their figures in seconds are rough ones for a core of a server. */
import type { Estimate, Sizes } from "../../lib/flow/demand.ts";
import type { ModelDescription } from "../../lib/models/model_folder.ts";
import { IMAGE_BYTES, PROCESS_MB, RUNTIME_MB } from "../../lib/runtime/process_memory.ts";

/** Of a file that was downloaded. */
export interface FileSizes {
  readonly bytes: number;
}

/** Of a data set. */
export interface DataSizes {
  readonly train: number;
  readonly test: number;
  readonly classes: number;
  /** The mean size of an image, in pixels. */
  readonly width: number;
  readonly height: number;
  /** Whether images can be drawn again without a part. */
  readonly drawn?: boolean;
}

/** Of the views of a split. */
export interface ViewSizes {
  readonly images: number;
  readonly classes: number;
  /** Of each image. */
  readonly views: number;
  readonly width: number;
  readonly height: number;
}

/** Of a model, or a state of its training. */
export interface ModelSizes {
  readonly description: ModelDescription;
}

/** Of the explanations of images. */
export interface SaliencySizes {
  readonly images: number;
  readonly maps: number;
}

type Inputs = Readonly<Record<string, readonly Sizes[]>>;

/** The facts of the first output that an input takes; undefined where they are not those of `field`. */
export function sizesOf<T>(inputs: Inputs, input: string, field: keyof T): T | undefined {
  const [sizes] = inputs[input] ?? [];
  return sizes !== undefined && field in sizes ? sizes as T : undefined;
}

/** To read or write a model, by code that is not yet compiled. */
export const MODEL_SECONDS = 0.1;

/** To read a view of 224 × 224 pixels and normalise it. */
const SECONDS_A_VIEW = 4e-4;

/** To read so many views of this size, one after another. */
export function readingSeconds(
  views: number,
  { width, height }: Pick<ViewSizes, "width" | "height">,
): number {
  return views * SECONDS_A_VIEW * width * height / 224 ** 2;
}

/**
 * Of kinds that work on items: a process lists them, some work on them, one collects the results. What those that work load,
 * such as the codec of images, takes as long as a start.
 */
export const BY_ITEM = { isByItem: true, starts: 4 } as const;

/** An estimate with the facts of the task's outputs, typed. */
export function estimated<T extends object>(estimate: Omit<Estimate, "sizes">, sizes: T): Estimate {
  return { ...estimate, sizes: { ...sizes } as Sizes };
}

/** The memory of a process, in MiB: what it holds in bytes, what it knows of each image, and the runtime where it computes. */
export function memoryMB(bytes: number, images: number, { computes = false } = {}): number {
  return Math.ceil(PROCESS_MB + (computes ? RUNTIME_MB : 0) + (bytes + images * IMAGE_BYTES) / 2 ** 20);
}
