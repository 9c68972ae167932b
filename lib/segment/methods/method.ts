/** What a segmentation method is: its params, its inputs, what the masks of an image depend on, how to open it. */

import type { z } from "zod";
import type { DataSetIndex, IndexedSample } from "../../data/data_set_index.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import type { Segmenter } from "../segmenter.ts";

/** By name, what an input of a task is. */
export type MethodInputs = Readonly<Record<string, { readonly about: string; readonly optional?: boolean }>>;

/** What a method can look up before it is opened. */
export interface DataContext {
  readonly index: DataSetIndex;
  /** The paths of an input: none where the workflow gives none. */
  inputs(name: string): readonly string[];
}

/** By sample, values that JSON can represent. */
export type SampleFacts = (
  sample: IndexedSample,
) => Readonly<Record<string, readonly number[] | readonly string[]>>;

/** What a method or its model is opened with. */
export interface OpenContext {
  /** The paths of an input: none where the workflow gives none. */
  inputs(name: string): readonly string[];
  readonly session: SessionOptions;
  log(message: string): void;
}

/**
 * A segmentation method. Describing one must stay cheap, as every plan does it: `open` imports networks and image codecs
 * when they are needed.
 */
export interface SegmentationMethod<Params extends z.ZodObject = z.ZodObject> {
  /** With `name`, a literal. */
  readonly params: Params;
  /** Inputs beside the data set. */
  readonly inputs: MethodInputs;
  /** Cores that an image takes. */
  readonly cpu: number;
  /**
   * By input, the files on which the masks of a sample depend.
   *
   * @param given whether the workflow gives an optional input
   */
  files(
    params: z.output<Params>,
    sample: IndexedSample,
    given: (input: string) => boolean,
  ): Record<string, string[]>;
  /**
   * The values on which the masks of a sample depend beside `files`: its annotations, or its entry in a file that is
   * shared by all samples. Absent or undefined where there are none.
   */
  facts?(
    params: z.output<Params>,
    data: DataContext,
  ): SampleFacts | undefined | Promise<SampleFacts>;
  /**
   * @throws {ParameterError} naming the first tensor that does not fit, where a checkpoint is another model's.
   * @throws {PretrainedFileError} naming the field of a checkpoint's configuration that can't be computed with.
   * @throws {MaskIndexError} when an index of masks is missing or broken.
   */
  open(params: z.output<Params>, context: OpenContext): Promise<Segmenter>;
}

/** The operations of a network share cores; other methods take one core an image. */
export const NETWORK_CPU = 4;

/** Checks a method against its own params. */
export function defineMethod<Params extends z.ZodObject>(
  method: SegmentationMethod<Params>,
): SegmentationMethod<Params> {
  return method;
}

/** Inputs as files that are depended on as a whole, whatever the sample. */
export function wholeInputs(inputs: MethodInputs): Record<string, string[]> {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, ["."]]));
}
