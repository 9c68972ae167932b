/** The interface of a segmentation method: params, inputs, the dependencies of an image's masks, and opening. */

import type { z } from "zod";
import type { DataSetIndex, IndexedSample } from "../../data/data_set_index.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import type { Segmenter } from "../segmenter.ts";

/** Descriptions of inputs by name. */
export type MethodInputs = Readonly<Record<string, { readonly about: string; readonly optional?: boolean }>>;

/** The data set and inputs from which a method takes the facts of samples. */
export interface DataContext {
  readonly index: DataSetIndex;
  /** The paths of an input; empty if the workflow does not give it. */
  inputs(name: string): readonly string[];
}

/** By sample, values that JSON can represent. */
export type SampleFacts = (
  sample: IndexedSample,
) => Readonly<Record<string, string | readonly number[] | readonly string[]>>;

/** The inputs and session options with which a method or its model is opened. */
export interface OpenContext {
  /** The paths of an input; empty if the workflow does not give it. */
  inputs(name: string): readonly string[];
  readonly session: SessionOptions;
  log(message: string): void;
}

/**
 * A segmentation method. Importing its description must be cheap, since every plan does: `open` imports networks and
 * image codecs dynamically.
 */
export interface SegmentationMethod<Params extends z.ZodObject = z.ZodObject> {
  /** With the literal `name`. */
  readonly params: Params;
  /** Inputs besides the data set. */
  readonly inputs: MethodInputs;
  /** The number of cores used for one image. */
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
   * The values, besides `files`, on which the masks of a sample depend: its annotations, or its entry in a file that all
   * samples share. The segmenter is given them with the sample, and no other annotation. Absent if there are none.
   */
  facts?(
    params: z.output<Params>,
    data: DataContext,
  ): SampleFacts | Promise<SampleFacts>;
  /**
   * @throws {ParameterError} naming the first tensor that does not fit, when a checkpoint belongs to another model.
   * @throws {PretrainedFileError} naming the field of a checkpoint's configuration that is not supported.
   * @throws {MaskIndexError} when an index of masks is missing or invalid.
   */
  open(params: z.output<Params>, context: OpenContext): Promise<Segmenter>;
}

/** The number of cores of methods with a network, whose operations run in parallel; other methods use one core. */
export const NETWORK_CPU = 4;

/** Declares a method; infers the types of its functions from its params. */
export function defineMethod<Params extends z.ZodObject>(
  method: SegmentationMethod<Params>,
): SegmentationMethod<Params> {
  return method;
}

/** Dependencies on whole inputs, the same for every sample. */
export function wholeInputs(inputs: MethodInputs): Record<string, string[]> {
  return Object.fromEntries(Object.keys(inputs).map((name) => [name, ["."]]));
}
