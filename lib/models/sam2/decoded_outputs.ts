/** What a program of a mask decoder computes from its masks where they lie, in place of them. */

import type { NamedTensors } from "../../runtime/feeds.ts";
import type { Tensor } from "../../tensor/op.ts";

/** The masks of a run, as tensors of its program. */
export interface DecodedTensors {
  /** [B, masks, height, width] */
  readonly logits: Tensor;
  /** The predicted IoU of every mask, [B, masks]. */
  readonly ious: Tensor;
  /** How many of the B prompts were asked for, int64 []: the others fill the last run. */
  readonly count: Tensor;
}

/** Outputs that replace the masks. */
export interface DecodedOutputs {
  /** Identifies what `of` builds. */
  readonly key: string;
  of(decoded: DecodedTensors): Readonly<Record<string, Tensor>>;
  /** The values of further inputs, which `of` reads. */
  readonly inputs: NamedTensors;
}

/** The input with the number of prompts, see {@link DecodedTensors}. */
export const COUNT = "count";
