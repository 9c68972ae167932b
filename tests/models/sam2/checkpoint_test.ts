import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { fitTensors, readSam2Checkpoint, recogniseSize } from "../../../lib/models/sam2/checkpoint.ts";
import { SAM2_CONFIGURATIONS, type Sam2Size } from "../../../lib/models/sam2/configurations.ts";
import { imageTensorSpecs } from "../../../lib/models/sam2/tensor_specs.ts";
import { videoTensorSpecs } from "../../../lib/models/sam2/video_tensor_specs.ts";
import { resNetSpecs } from "../../../lib/models/resnet.ts";
import type { TensorInfo } from "../../../lib/nn/checkpoint/weights_file.ts";
import { WeightsError } from "../../../lib/nn/checkpoint/weights_error.ts";
import { ParameterError } from "../../../lib/nn/parameters.ts";
import { dict, storage, tensor, torchZip } from "../../nn/checkpoint/torch_file_builder.ts";
import { generatedWeights, SMALL } from "./generated_model.ts";

const SIZES = Object.keys(SAM2_CONFIGURATIONS) as Sam2Size[];

/** The tensors of a complete checkpoint. */
function complete(size: Sam2Size): Map<string, TensorInfo> {
  const configuration = SAM2_CONFIGURATIONS[size];
  return new Map([...imageTensorSpecs(configuration), ...videoTensorSpecs(configuration)].map((
    { name, dtype, shape },
  ) => [name, { dtype, shape }]));
}

function refuses(run: () => unknown, parameter: string, message: RegExp): void {
  throws(run, (error) => {
    ok(error instanceof ParameterError, String(error));
    strictEqual(error.parameter, parameter);
    ok(message.test(error.message), error.message);
    return true;
  });
}

/** A `.pt` file as they are published: {"model": {name: tensor}}. */
function publishedFile(weights = generatedWeights(SMALL)): Uint8Array {
  const blocks: Record<string, Uint8Array> = {};
  const items = [...weights].map(([name, { shape, data }], i): [string, Uint8Array] => {
    blocks[String(i)] = new Uint8Array((data as Float32Array).buffer);
    const strides = shape.map((_, axis) => shape.slice(axis + 1).reduce((a, b) => a * b, 1));
    return [name, tensor(storage(String(i), data.length), [...shape], strides)];
  });
  return torchZip(dict(["model", dict(...items)]), blocks);
}

Deno.test("every published size is recognised, and every tensor is accounted for", () => {
  for (const size of SIZES) {
    strictEqual(recogniseSize(complete(size)), size);
    const { image, video } = fitTensors(SAM2_CONFIGURATIONS[size], complete(size));
    strictEqual(image.length + video.length, complete(size).size);
  }
});

Deno.test("the tensors that only videos need may be missing", () => {
  const { video } = fitTensors(SMALL, generatedWeights(SMALL));
  deepStrictEqual(video, []);
});

Deno.test("the first tensor that does not fit is named", () => {
  const configuration = SAM2_CONFIGURATIONS["hiera-base-plus"];
  const changed = (change: (tensors: Map<string, TensorInfo>) => void) => () => {
    const tensors = complete("hiera-base-plus");
    change(tensors);
    return fitTensors(configuration, tensors);
  };
  const name = "image_encoder.trunk.blocks.3.attn.qkv.weight";
  const later = "sam_mask_decoder.conv_s0.weight";
  refuses(
    changed((tensors) => {
      tensors.delete(later);
      tensors.delete(name);
    }),
    name,
    /is missing/,
  );
  refuses(
    changed((tensors) => tensors.set(name, { dtype: "float32", shape: [672, 225] })),
    name,
    /is float32 \[672,225\], but this size of SAM 2\.1 has float32 \[672,224\]/,
  );
  refuses(
    changed((tensors) => tensors.set(later, { dtype: "float16", shape: [32, 256, 1, 1] })),
    later,
    /is float16/,
  );
  refuses(
    changed((tensors) => tensors.set("memory_encoder.out_proj.bias", { dtype: "float32", shape: [63] })),
    "memory_encoder.out_proj.bias",
    /\[63\]/,
  );
  refuses(
    changed((tensors) => tensors.set("head.weight", { dtype: "float32", shape: [1] })),
    "head.weight",
    /has no such tensor/,
  );
});

Deno.test("another size and another model are refused", () => {
  refuses(
    () => fitTensors(SAM2_CONFIGURATIONS["hiera-small"], complete("hiera-tiny")),
    "image_encoder.trunk.blocks.10.attn.qkv.weight",
    /is float32 \[2304,384\]/,
  );
  const resNet = new Map(
    resNetSpecs({ block: "basic", layers: [1, 1], width: 8, strides: [1, 2] })
      .map(({ name, dtype, shape }) => [name, { dtype, shape }]),
  );
  refuses(
    () => recogniseSize(resNet),
    "image_encoder.trunk.patch_embed.proj.bias",
    /not a checkpoint of SAM 2\.1/,
  );
  const odd = complete("hiera-tiny").set("image_encoder.trunk.patch_embed.proj.bias", {
    dtype: "float32",
    shape: [97],
  });
  refuses(
    () => recogniseSize(odd),
    "image_encoder.trunk.patch_embed.proj.bias",
    /none of the sizes hiera-tiny/,
  );
});

Deno.test("a published file is read as it is", () => {
  const weights = generatedWeights(SMALL);
  const { configuration, parameters } = readSam2Checkpoint(publishedFile(weights), SMALL);
  strictEqual(configuration, SMALL);
  deepStrictEqual([...parameters.keys()].sort(), [...weights.keys()].sort());
  for (const [name, { shape, data }] of weights) {
    deepStrictEqual(parameters.get(name)!.shape, shape, name);
    deepStrictEqual(parameters.get(name)!.data, data, name);
  }
});

Deno.test("a file without one tensor, or cut off, is refused", () => {
  const weights = generatedWeights(SMALL);
  weights.delete("no_mem_embed");
  refuses(() => readSam2Checkpoint(publishedFile(weights), SMALL), "no_mem_embed", /is missing/);
  const file = publishedFile();
  for (const length of [0, 100, file.length >> 1, file.length - 1]) {
    throws(() => readSam2Checkpoint(file.slice(0, length), SMALL), WeightsError);
  }
});
