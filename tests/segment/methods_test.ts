/** Segmentation methods: each depends on the files of its own inputs, and describing one loads no network. */

import assert from "node:assert/strict";
import type { DataSetIndex, IndexedSample } from "../../lib/data/data_set_index.ts";
import { EMBEDDING_MODELS, embeddingParameters } from "../../lib/segment/methods/embedding.ts";
import { methodOf, METHODS, type SegmentMethod, segmentMethod } from "../../lib/segment/methods.ts";
import { productFiles } from "../house/project_files.ts";

const SAMPLE: IndexedSample = {
  id: 3,
  name: "001.Bird/one.two.jpg",
  image: "images/3.png",
  label: 0,
  split: "train",
  box: [0, 0, 4, 4],
  parts: [],
  segmentation: "segmentations/3.png",
  partMask: "parts/3.png",
};

/** The least params of every method. */
const PARAMS: readonly object[] = [
  { name: "sam2" },
  { name: "mobile-sam" },
  { name: "slit" },
  { name: "contour" },
  { name: "patches" },
  { name: "annotated", of: "parts" },
  { name: "files", method: "other" },
];

const FILES: Readonly<Record<SegmentMethod["name"], object>> = {
  "sam2": { data: ["images/3.png"], weights: ["."], embeddings: ["00003-one.two"] },
  "mobile-sam": { data: ["images/3.png"], embeddings: ["00003-one.two"] },
  "slit": { data: ["images/3.png"], weights: ["."], configuration: ["."], processor: ["."] },
  "contour": { data: ["images/3.png"] },
  "patches": { data: ["images/3.png"] },
  "annotated": { data: ["images/3.png", "parts/3.png"] },
  "files": {
    data: ["images/3.png"],
    masks: ["segmentations/other/001.Bird/one.two"],
  },
};

Deno.test("a method is found by its name, and depends on the files of all its inputs", () => {
  const parsed = PARAMS.map((params) => segmentMethod.parse(params));
  assert.deepEqual(parsed.map(methodOf), [...METHODS]);
  for (const params of parsed) {
    const { inputs, files } = methodOf(params);
    assert.deepEqual(files(params, SAMPLE, () => true), FILES[params.name]);
    assert.deepEqual(Object.keys(FILES[params.name]).sort(), ["data", ...Object.keys(inputs)].sort());
    const required = Object.entries(inputs).filter(([, { optional }]) => !optional).map(([name]) => name);
    assert.deepEqual(Object.keys(files(params, SAMPLE, () => false)).sort(), ["data", ...required].sort());
  }
});

Deno.test("masks from annotations depend on those that they are made from", async () => {
  const index: DataSetIndex = {
    format: "protoflow data set 1",
    name: "birds",
    classes: ["a"],
    partNames: { "1": "beak", "4": "tail" },
    classWeights: [1],
    samples: [SAMPLE],
  };
  const dependsOn = async (params: object) => {
    const parsed = segmentMethod.parse(params);
    const { files, facts } = methodOf(parsed);
    const factsOf = await facts?.(parsed, { index, inputs: () => [] });
    return [files(parsed, SAMPLE, () => false).data, factsOf?.(SAMPLE)];
  };
  const image = "images/3.png";
  assert.deepEqual(await dependsOn({ name: "patches" }), [[image], { box: [0, 0, 4, 4] }]);
  assert.deepEqual(await dependsOn({ name: "annotated", of: "boxes" }), [[image], { box: [0, 0, 4, 4] }]);
  assert.deepEqual(await dependsOn({ name: "annotated", of: "objects" }), [
    [image, "segmentations/3.png"],
    { segmentation: "segmentations/3.png" },
  ]);
  assert.deepEqual(await dependsOn({ name: "annotated", of: "parts" }), [
    [image, "parts/3.png"],
    { partMask: "parts/3.png", partIds: [1, 4] },
  ]);
  assert.deepEqual(await dependsOn({ name: "contour" }), [[image], undefined]);
});

Deno.test("a method needs the inputs of the model whose embeddings it can take", () => {
  for (const name of embeddingParameters.shape.name.options) {
    const { inputs } = methodOf({ name });
    assert.deepEqual(Object.keys(inputs), [...Object.keys(EMBEDDING_MODELS[name].inputs), "embeddings"]);
  }
});

Deno.test("to describe the methods, no network is loaded", () => {
  const sources = new Map(productFiles().map((file) => [file.path, file]));
  const loaded = new Set<string>();
  const load = (path: string) => {
    if (loaded.has(path)) return;
    loaded.add(path);
    for (const entry of sources.get(path)?.imports ?? []) if (entry.loads) load(entry.path);
  };
  load("lib/segment/methods.ts");
  assert.ok(loaded.has("lib/segment/methods/slit.ts"));
  assert.deepEqual([...loaded].filter((path) => /^lib\/(models|runtime|nn)\//.test(path)), []);
});
