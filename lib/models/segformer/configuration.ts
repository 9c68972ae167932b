/** The configuration of a SegFormer (Xie et al. 2021), such as B0 … B5, and its file. */

import { z } from "zod";
import { PretrainedFileError, readPretrainedFile } from "./pretrained_file.ts";

/** The sizes of a SegFormer's encoder stages and of its decoder; arrays have one number per stage. */
export interface SegformerConfiguration {
  readonly channels: number;
  /** The number of blocks per stage, the finest first. */
  readonly depths: readonly number[];
  readonly hiddenSizes: readonly number[];
  readonly heads: readonly number[];
  /** The factor by which each stage reduces the sides of its map of keys and values. */
  readonly reductions: readonly number[];
  /** Kernel sizes of the convolutions that embed patches; their strides are `strides`. */
  readonly patchSizes: readonly number[];
  readonly strides: readonly number[];
  /** The width of a block's hidden layer, as a multiple of the stage's width. */
  readonly mlpRatios: readonly number[];
  readonly decoderSize: number;
  readonly labels: number;
}

const perStage = (values: number[]) =>
  z.array(z.int().positive()).default(values).describe("an array of positive integers, one per stage");
const positive = (value: number) => z.int().positive().default(value).describe("a positive integer");

/**
 * `config.json` of transformers' SegformerConfig. The defaults are those of B0. `layer_norm_eps` is ignored,
 * because the library never used it.
 */
const configurationFile = z.object({
  model_type: z.literal("segformer").describe('"segformer"'),
  num_encoder_blocks: positive(4),
  num_channels: positive(3),
  depths: perStage([2, 2, 2, 2]),
  hidden_sizes: perStage([32, 64, 160, 256]),
  num_attention_heads: perStage([1, 2, 5, 8]),
  sr_ratios: perStage([8, 4, 2, 1]),
  patch_sizes: perStage([7, 3, 3, 3]),
  strides: perStage([4, 2, 2, 2]),
  mlp_ratios: perStage([4, 4, 4, 4]),
  hidden_act: z.literal("gelu").default("gelu").describe('"gelu"'),
  reshape_last_stage: z.literal(true).default(true).describe("true"),
  decoder_hidden_size: positive(256),
  /** The library writes the names of the labels and omits their number. */
  id2label: z.record(z.string(), z.unknown()).optional().describe("an object with the name of each label"),
  num_labels: positive(2),
});

/**
 * Reads the configuration from a checkpoint's `config.json`; omitted fields have the library's defaults.
 *
 * @throws {PretrainedFileError} naming the file, the field, its value and the expected value.
 */
export function readSegformerConfiguration(path: string): SegformerConfiguration {
  const file = readPretrainedFile(path, configurationFile, "the configuration of a SegFormer");
  const stages = file.num_encoder_blocks;
  const lists = [
    "depths",
    "hidden_sizes",
    "num_attention_heads",
    "sr_ratios",
    "patch_sizes",
    "strides",
    "mlp_ratios",
  ] as const;
  for (const field of lists) {
    if (file[field].length === stages) continue;
    const expected = `${stages} numbers, as num_encoder_blocks is ${stages}`;
    throw PretrainedFileError.ofField(path, field, file[field], expected);
  }
  if (file.hidden_sizes.some((size, stage) => size % file.num_attention_heads[stage] !== 0)) {
    const expected = `divisors of hidden_sizes, ${JSON.stringify(file.hidden_sizes)}`;
    throw PretrainedFileError.ofField(path, "num_attention_heads", file.num_attention_heads, expected);
  }
  return {
    channels: file.num_channels,
    depths: file.depths,
    hiddenSizes: file.hidden_sizes,
    heads: file.num_attention_heads,
    reductions: file.sr_ratios,
    patchSizes: file.patch_sizes,
    strides: file.strides,
    mlpRatios: file.mlp_ratios,
    decoderSize: file.decoder_hidden_size,
    labels: file.id2label ? Object.keys(file.id2label).length : file.num_labels,
  };
}
