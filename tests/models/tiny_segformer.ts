/** A SegFormer small enough for tests: its sizes, drawn weights, and the files of its checkpoint. */

import { join } from "node:path";
import type { SegformerConfiguration } from "../../lib/models/segformer/configuration.ts";
import { segformerSpecs } from "../../lib/models/segformer/tensor_specs.ts";
import { writeSafetensors } from "../../lib/nn/checkpoint/safetensors_writer.ts";
import type { SlitCheckpoint } from "../../lib/segment/methods/slit.ts";
import { elementCount, float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

export const TINY: SegformerConfiguration = {
  channels: 3,
  depths: [1, 1, 2, 1],
  hiddenSizes: [4, 8, 12, 16],
  heads: [1, 2, 3, 4],
  reductions: [4, 2, 2, 1],
  patchSizes: [7, 3, 3, 3],
  strides: [4, 2, 2, 2],
  mlpRatios: [2, 2, 2, 2],
  decoderSize: 8,
  labels: 1,
};

/** TINY as the transformers library writes it. */
export const TINY_CONFIGURATION = {
  architectures: ["SegformerForSemanticSegmentation"],
  attention_probs_dropout_prob: 0.0,
  classifier_dropout_prob: 0.1,
  decoder_hidden_size: 8,
  depths: [1, 1, 2, 1],
  downsampling_rates: [1, 4, 8, 16],
  drop_path_rate: 0.1,
  hidden_act: "gelu",
  hidden_dropout_prob: 0.0,
  hidden_sizes: [4, 8, 12, 16],
  id2label: { 0: "LABEL_0" },
  image_size: 224,
  initializer_range: 0.02,
  label2id: { LABEL_0: 0 },
  layer_norm_eps: 1e-06,
  mlp_ratios: [2, 2, 2, 2],
  model_type: "segformer",
  num_attention_heads: [1, 2, 3, 4],
  num_channels: 3,
  num_encoder_blocks: 4,
  patch_sizes: [7, 3, 3, 3],
  reshape_last_stage: true,
  semantic_loss_ignore_index: 255,
  sr_ratios: [4, 2, 2, 1],
  strides: [4, 2, 2, 2],
  torch_dtype: "float32",
  transformers_version: "4.40.1",
};

export const TINY_PROCESSOR = {
  _valid_processor_keys: ["images", "size", "resample"],
  do_normalize: true,
  do_reduce_labels: true,
  do_rescale: true,
  do_resize: true,
  image_mean: [0.485, 0.456, 0.406],
  image_processor_type: "SegformerImageProcessor",
  image_std: [0.229, 0.224, 0.225],
  resample: 2,
  rescale_factor: 0.00392156862745098,
  size: { height: 64, width: 64 },
};

export function drawnTensor(
  name: string,
  shape: readonly number[],
  center = 0,
  scale = 0.3,
): HostTensor<"float32"> {
  const random = new RandomStream({ seed: 5, purpose: name });
  return float32(shape, Array.from({ length: elementCount(shape) }, () => center + scale * random.normal()));
}

export function drawnWeights(): Map<string, HostTensor> {
  return new Map(
    segformerSpecs(TINY).map(({ name, dtype, shape }): [string, HostTensor] => {
      if (dtype === "int64") return [name, int64(shape, [3])];
      const isScale = /norm.*weight$|running_var$/.test(name);
      return [name, isScale ? drawnTensor(name, shape, 1, 0.05) : drawnTensor(name, shape)];
    }),
  );
}

/** Writes the files of a checkpoint into `folder`; their paths. */
export function writeTinyCheckpoint(
  folder: string,
  configuration: object = TINY_CONFIGURATION,
  processor: object = TINY_PROCESSOR,
): SlitCheckpoint {
  const paths = {
    weights: join(folder, "model.safetensors"),
    configuration: join(folder, "config.json"),
    processor: join(folder, "preprocessor_config.json"),
  };
  writeSafetensors(paths.weights, drawnWeights());
  Deno.writeTextFileSync(paths.configuration, JSON.stringify(configuration));
  Deno.writeTextFileSync(paths.processor, JSON.stringify(processor));
  return paths;
}
