/** Prepares an image for SegFormer as the checkpoint's processor file specifies. */

import { z } from "zod";
import { type ColorStatistics, IMAGENET } from "../../vision/normalize.ts";
import { PretrainedFileError, readPretrainedFile } from "./pretrained_file.ts";

/**
 * The settings of an image processor. Mean and standard deviation apply to values multiplied by `rescale`.
 */
export interface SegformerProcessor extends ColorStatistics {
  /** The size to which images are resized by Pillow's bilinear filter; if absent, images are not resized. */
  readonly size?: { readonly width: number; readonly height: number };
  /** The factor for bytes. */
  readonly rescale: number;
}

const side = z.int().positive();
const perChannel = (value: z.ZodNumber) => z.union([value, z.array(value).length(3)]);
const type = z.string().regex(/^Segformer/).optional().describe("an image processor of SegFormer");
const flag = z.boolean().default(true).describe("true or false");

/**
 * `preprocessor_config.json` of transformers' SegformerImageProcessor, or of the older
 * SegformerFeatureExtractor, whose size is one number and which always divides bytes by 255.
 */
const processorFile = z.object({
  image_processor_type: type,
  feature_extractor_type: type,
  do_resize: flag,
  size: z.union([side, z.object({ height: side, width: side })]).default(512)
    .describe("a positive integer, or height and width"),
  resample: z.literal(2).default(2).describe("2, bilinear"),
  do_rescale: flag,
  rescale_factor: z.number().positive().default(1 / 255).describe("a positive number"),
  do_normalize: flag,
  image_mean: perChannel(z.number()).default([...IMAGENET.mean]).describe("a number, or one per channel"),
  image_std: perChannel(z.number().positive()).default([...IMAGENET.std])
    .describe("a positive number, or one per channel"),
});

/**
 * Reads the processor from a checkpoint's `preprocessor_config.json`; omitted fields have the library's
 * defaults.
 *
 * @throws {PretrainedFileError} naming the file, the field, its value and the expected value.
 */
export function readSegformerProcessor(path: string): SegformerProcessor {
  const file = readPretrainedFile(path, processorFile, "an image processor of SegFormer");
  if (file.image_processor_type === undefined && file.feature_extractor_type === undefined) {
    throw PretrainedFileError.ofField(path, "image_processor_type", undefined, type.description!);
  }
  const { size } = file;
  const channels = (value: number | number[]) => typeof value === "number" ? [value, value, value] : value;
  return {
    ...(file.do_resize && { size: typeof size === "number" ? { width: size, height: size } : size }),
    rescale: file.do_rescale ? file.rescale_factor : 1,
    mean: file.do_normalize ? channels(file.image_mean) : [0, 0, 0],
    std: file.do_normalize ? channels(file.image_std) : [1, 1, 1],
  };
}
