/** The method `slit`: the regions between the boundaries that a SegFormer draws. */

import { readSegformer } from "../../models/segformer/checkpoint.ts";
import { SEGFORMER_B5, type SegformerConfiguration } from "../../models/segformer/configuration.ts";
import { Segformer } from "../../models/segformer/segformer.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32 } from "../../tensor/host_tensor.ts";
import { encodeRunLengths } from "../../vision/masks/rle.ts";
import type { Segmenter } from "../segmenter.ts";
import { boundaryProbability, masksBetweenBoundaries, slitInput } from "../slit.ts";

/**
 * @param file a checkpoint of DirectSAM
 * @param options `size` is the side to which images are stretched
 * @throws {ParameterError} naming the first tensor that does not fit.
 */
export function slitSegmenter(
  file: string,
  { threshold, size }: { readonly threshold: number; readonly size: number },
  session: SessionOptions = {},
  configuration: SegformerConfiguration = SEGFORMER_B5,
): Segmenter {
  const model = new Segformer(configuration, readSegformer(file, configuration), session);
  return {
    async masks(image) {
      const { pixels } = slitInput(image, size);
      const { shape, data } = await model.run(float32([1, ...pixels.shape], pixels.data));
      const logits = float32([1, ...shape.slice(-2)], data);
      const probability = boundaryProbability(logits, image.width, image.height);
      const masks = masksBetweenBoundaries(probability, image.width, image.height, threshold);
      return Array.from(masks, (mask) => ({ runs: encodeRunLengths(mask) }));
    },
  };
}
