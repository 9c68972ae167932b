/** The files beside a SegFormer's weights: what old and new ones say, and what is refused. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readSegformerConfiguration } from "../../lib/models/segformer/configuration.ts";
import { readSegformerProcessor } from "../../lib/models/segformer/image_processor.ts";
import { JsonFileError } from "../../lib/json/read_json.ts";
import { PretrainedFileError } from "../../lib/models/segformer/pretrained_file.ts";
import { TINY, TINY_CONFIGURATION, TINY_PROCESSOR } from "./tiny_segformer.ts";

const IMAGENET = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

function inFile<T>(content: object | string, read: (path: string) => T): T {
  const folder = Deno.makeTempDirSync();
  const path = join(folder, "file.json");
  Deno.writeTextFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  try {
    return read(path);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

const configurationOf = (content: object | string) => inFile(content, readSegformerConfiguration);
const processorOf = (content: object | string) => inFile(content, readSegformerProcessor);

function refused(read: () => unknown, message: RegExp, type: new () => Error = PretrainedFileError): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof type, String(error));
    assert.match(error.message, message);
    assert.match(error.message, /file\.json/);
    return true;
  });
}

Deno.test("a configuration says every size", () => {
  assert.deepEqual(configurationOf(TINY_CONFIGURATION), TINY);
  // Normalisation keeps its own epsilon, whatever the file says.
  assert.deepEqual(configurationOf({ ...TINY_CONFIGURATION, layer_norm_eps: 0.5 }), TINY);
});

Deno.test("a configuration that says nothing is the library's: B0 with two labels", () => {
  assert.deepEqual(configurationOf({ model_type: "segformer" }), {
    channels: 3,
    depths: [2, 2, 2, 2],
    hiddenSizes: [32, 64, 160, 256],
    heads: [1, 2, 5, 8],
    reductions: [8, 4, 2, 1],
    patchSizes: [7, 3, 3, 3],
    strides: [4, 2, 2, 2],
    mlpRatios: [4, 4, 4, 4],
    decoderSize: 256,
    labels: 2,
  });
});

Deno.test("labels are counted by their names, otherwise by their number", () => {
  const { id2label: _, ...unnamed } = TINY_CONFIGURATION;
  assert.equal(configurationOf({ ...unnamed, num_labels: 7 }).labels, 7);
  assert.equal(
    configurationOf({ ...unnamed, num_labels: 7, id2label: { 0: "a", 1: "b", 2: "c" } }).labels,
    3,
  );
});

Deno.test("a configuration that can't be computed with is refused by field, value and what is expected", () => {
  const changed = (change: object) => () => configurationOf({ ...TINY_CONFIGURATION, ...change });
  refused(changed({ hidden_act: "relu" }), /hidden_act is "relu"; expected "gelu"/);
  refused(changed({ reshape_last_stage: false }), /reshape_last_stage is false; expected true/);
  refused(changed({ model_type: "beit" }), /model_type is "beit"; expected "segformer"/);
  refused(changed({ model_type: undefined }), /model_type is missing; expected "segformer"/);
  refused(
    changed({ depths: [1, 1.5, 1, 1] }),
    /depths is \[1,1\.5,1,1\]; expected an array of positive integers/,
  );
  refused(changed({ sr_ratios: 8 }), /sr_ratios is 8; expected an array/);
  refused(changed({ depths: [3, 6, 40] }), /depths is \[3,6,40\]; expected 4 numbers, as num_encoder_blocks/);
  refused(changed({ num_encoder_blocks: 3 }), /depths is .* expected 3 numbers/);
  refused(
    changed({ num_attention_heads: [1, 2, 5, 8] }),
    /num_attention_heads is \[1,2,5,8\]; expected divisors of hidden_sizes, \[4,8,12,16\]/,
  );
  refused(
    changed({ decoder_hidden_size: "768" }),
    /decoder_hidden_size is "768"; expected a positive integer/,
  );
  refused(changed({ num_channels: 0 }), /num_channels is 0; expected a positive integer/);
  refused(
    changed({ id2label: ["a"] }),
    /id2label is \["a"\]; expected an object with the name of each label/,
  );
  refused(() => configurationOf("[]"), /expected an object/);
  refused(() => configurationOf("{"), /can't be read as the configuration of a SegFormer/, JsonFileError);
  refused(() => configurationOf(TINY_PROCESSOR), /model_type is missing/);
});

Deno.test("a processor says size and statistics", () => {
  const rescale = 0.00392156862745098;
  assert.deepEqual(processorOf(TINY_PROCESSOR), { size: { width: 64, height: 64 }, rescale, ...IMAGENET });
  const other = {
    ...TINY_PROCESSOR,
    size: { height: 1024, width: 1800 },
    image_mean: [0.5, 0.25, 0.125],
    image_std: 0.5,
    rescale_factor: 0.5,
  };
  assert.deepEqual(processorOf(other), {
    size: { width: 1800, height: 1024 },
    rescale: 0.5,
    mean: [0.5, 0.25, 0.125],
    std: [0.5, 0.5, 0.5],
  });
});

Deno.test("a feature extractor of older versions is a processor", () => {
  const old = {
    do_normalize: true,
    do_resize: true,
    feature_extractor_type: "SegformerFeatureExtractor",
    image_mean: [0.485, 0.456, 0.406],
    image_std: [0.229, 0.224, 0.225],
    reduce_labels: true,
    resample: 2,
    size: 640,
  };
  const expected = { size: { width: 640, height: 640 }, rescale: 1 / 255, ...IMAGENET };
  assert.deepEqual(processorOf(old), expected);
  // It was kept under the newer name as well, and what is left out has the library's values.
  assert.deepEqual(processorOf({ image_processor_type: "SegformerFeatureExtractor" }), {
    ...expected,
    size: { width: 512, height: 512 },
  });
});

Deno.test("steps that a processor leaves out are left out", () => {
  const { size } = processorOf({ ...TINY_PROCESSOR, do_resize: false });
  assert.equal(size, undefined);
  assert.equal(processorOf({ ...TINY_PROCESSOR, do_rescale: false }).rescale, 1);
  const { mean, std } = processorOf({ ...TINY_PROCESSOR, do_normalize: false });
  assert.deepEqual({ mean, std }, { mean: [0, 0, 0], std: [1, 1, 1] });
});

Deno.test("a processor that can't be computed with is refused by field, value and what is expected", () => {
  const changed = (change: object) => () => processorOf({ ...TINY_PROCESSOR, ...change });
  refused(changed({ resample: 3 }), /resample is 3; expected 2, bilinear/);
  refused(
    changed({ size: { shortest_edge: 512 } }),
    /size is {"shortest_edge":512}; expected .*height and width/,
  );
  refused(changed({ size: 0 }), /size is 0; expected a positive integer/);
  refused(changed({ rescale_factor: "1/255" }), /rescale_factor is "1\/255"; expected a positive number/);
  refused(changed({ image_mean: [0.5] }), /image_mean is \[0\.5\]; expected a number, or one per channel/);
  refused(changed({ image_std: [0.5, 0, 0.5] }), /image_std is \[0\.5,0,0\.5\]; expected a positive number/);
  refused(changed({ do_resize: 1 }), /do_resize is 1; expected true or false/);
  refused(
    changed({ image_processor_type: "ViTImageProcessor" }),
    /image_processor_type is "ViTImageProcessor"; expected an image processor of SegFormer/,
  );
  refused(() => processorOf(TINY_CONFIGURATION), /image_processor_type is missing/);
  refused(() => processorOf("null"), /expected an object/);
});
