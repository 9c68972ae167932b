/** The interface between a model and the mask generator: embed a crop once, decode many points. */

import type { DecodedOutputs } from "../../models/sam2/decoded_outputs.ts";
import type { HostTensor } from "../../tensor/host_tensor.ts";
import type { ChannelOrder, Image } from "../../vision/image.ts";
import type { Box } from "../../vision/masks/boxes.ts";
import type { Taps } from "../../vision/resize/taps.ts";

/** Prompts of one foreground point each. */
export interface PointPrompts {
  readonly count: number;
  /** x, y in the crop's pixels, point by point. */
  readonly points: Float32Array;
  /** Logits of an earlier prediction, one map per point; only for models that can refine masks. */
  readonly masks?: Float32Array;
}

export interface PointMasks {
  /** Masks a point. */
  readonly masks: number;
  /** [points, masks, height, width], row-major. */
  readonly logits: Float32Array;
  readonly width: number;
  readonly height: number;
  /** Predicted IoU of every mask, [points, masks]. */
  readonly ious: Float32Array;
}

/** Masks that a device has filtered. */
export interface FilteredPoints {
  /** Masks a point. */
  readonly masks: number;
  /** The outputs of each run, in the order of points. */
  readonly runs: readonly Readonly<Record<string, HostTensor>>[];
}

/** The interpolation along one axis from the logits to the crop: each output sample is a weighted mean of a few inputs. */
export interface Stretching {
  readonly columns: Taps;
  readonly rows: Taps;
}

/** A network that embeds an image once and then predicts masks for points in it. */
export interface PromptableModel<Embedding> {
  /** @param crop corners in the image's pixels, the right and lower ones exclusive */
  embed(image: Image, crop: Box, order: ChannelOrder): Promise<Embedding>;
  /** @param multimask whether three masks per point are predicted instead of one */
  decode(embedding: Embedding, prompts: PointPrompts, multimask: boolean): Promise<PointMasks>;
  /**
   * Decodes with outputs that replace the masks, which stay where they are computed. Absent where masks are filtered on
   * the host.
   */
  decodeInto?(
    embedding: Embedding,
    prompts: PointPrompts,
    multimask: boolean,
    outputs: DecodedOutputs,
  ): Promise<FilteredPoints>;
  /** From the model's logits to a crop of `width` × `height` pixels. */
  stretching(width: number, height: number): Stretching;
}

/** A model whose embeddings can be stored, so that points can be decoded later without the encoder. */
export interface StorableModel<Embedding> extends PromptableModel<Embedding> {
  /** The tensors to store of an embedding. */
  tensorsOf(embedding: Embedding): Readonly<Record<string, HostTensor>>;
  /** Restores the embedding of a crop from its stored tensors. */
  embeddingOf(tensors: ReadonlyMap<string, HostTensor>, crop: Box): Promise<Embedding>;
}
