/** The method `slit`: the regions between the boundaries that a SegFormer draws. */

import { readSegformer } from "../../models/segformer/checkpoint.ts";
import { readSegformerConfiguration } from "../../models/segformer/configuration.ts";
import { readSegformerProcessor } from "../../models/segformer/image_processor.ts";
import { PretrainedFileError } from "../../models/segformer/pretrained_file.ts";
import { Segformer } from "../../models/segformer/segformer.ts";
import type { SessionOptions } from "../../runtime/session_options.ts";
import { float32 } from "../../tensor/host_tensor.ts";
import { encodeRunLengths } from "../../vision/masks/rle.ts";
import type { Segmenter } from "../segmenter.ts";
import { boundaryProbability, masksBetweenBoundaries, slitInput } from "../slit.ts";

/** Paths of a checkpoint's files, as the transformers library writes them. */
export interface SlitCheckpoint {
  /** `model.safetensors` */
  readonly weights: string;
  /** `config.json` */
  readonly configuration: string;
  /** `preprocessor_config.json` */
  readonly processor: string;
}

/**
 * @param checkpoint of a SegFormer with one label, boundary, such as DirectSAM
 * @param threshold pixels of a higher probability are boundary
 * @throws {ParameterError} naming the first tensor that does not fit the configuration.
 * @throws {PretrainedFileError} naming the field of a file that can't be computed with.
 */
export function slitSegmenter(
  checkpoint: SlitCheckpoint,
  threshold: number,
  session: SessionOptions = {},
  log?: (message: string) => void,
): Segmenter {
  const configuration = readSegformerConfiguration(checkpoint.configuration);
  const { channels, labels } = configuration;
  const refused = (field: string, value: number, expected: string) =>
    PretrainedFileError.ofField(checkpoint.configuration, field, value, expected);
  if (channels !== 3) throw refused("num_channels", channels, "3, as images are RGB");
  if (labels !== 1) throw refused("the number of labels (id2label or num_labels)", labels, "1, boundary");
  const processor = readSegformerProcessor(checkpoint.processor);
  const model = new Segformer(configuration, readSegformer(checkpoint.weights, configuration, log), session);
  return {
    async masks(image) {
      const { pixels } = slitInput(image, processor);
      const { shape, data } = await model.run(float32([1, ...pixels.shape], pixels.data));
      const logits = float32([1, ...shape.slice(-2)], data);
      const probability = boundaryProbability(logits, image.width, image.height);
      const masks = masksBetweenBoundaries(probability, image.width, image.height, threshold);
      return Array.from(masks, (mask) => ({ runs: encodeRunLengths(mask) }));
    },
  };
}
