/** A model that a user adds by one file and one line in the list of models runs through all kinds. */
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readEvaluation } from "../../../lib/evaluate/evaluation_file.ts";
import { outcomes, resultOf } from "../../flow/cli.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Copies the project into `folder`, and adds the model to it. */
function addModel(folder: string): void {
  for (const name of ["lib", "tasks", "workflows", "main.ts", "deno.json", "deno.lock"]) {
    cpSync(join(root, name), join(folder, name), { recursive: true });
  }
  const list = join(folder, "lib/models/model_list.ts");
  const listed = Deno.readTextFileSync(list)
    .replace("\nimport type { ModelDefinition", '\nimport smallDefinition from "./small_model.ts";$&')
    .replace("export const MODELS = [", "$&smallDefinition, ");
  Deno.writeTextFileSync(list, listed);
}

const through = "object";
const size = { width: 64, height: 64 };
const model = { name: "small" };
const common = { seed: 1, validateEvery: 5 };
const tasks = {
  data: {
    kind: "dataset",
    params: { name: "birds", birds: { classes: 3, trainPerClass: 4, testPerClass: 2, size: 96 } },
  },
  train: { kind: "crop-views", params: { split: "train", through, ...size }, inputs: { data: "data.data" } },
  test: { kind: "crop-views", params: { split: "test", through, ...size }, inputs: { data: "data.data" } },
  "warm-up": {
    kind: "warm-up",
    params: { ...common, model, epochs: 1, backbone: { weights: "random", layers: [1, 1], width: 4 } },
    inputs: { views: "train.views" },
  },
  joint: {
    kind: "joint",
    params: { ...common, model: { ...model, coefs: { clst: 0.8 } }, epochs: 2 },
    inputs: { state: "warm-up.state", views: "train.views" },
  },
  project: { kind: "project", inputs: { state: "joint.state", views: "train.views" } },
  "fine-tune": {
    kind: "fine-tune",
    params: { ...common, model, epochs: 1 },
    inputs: { state: "project.state", views: "train.views" },
  },
  prp: { kind: "prp", params: { prototypes: 2 }, inputs: { model: "fine-tune.model", views: "test.views" } },
  evaluate: {
    kind: "evaluate",
    params: { k: 2 },
    inputs: { data: "data.data", views: "test.views", model: "fine-tune.model", saliency: "prp.saliency" },
  },
};

Deno.test("a new model is one file and one line: it is trained, projected, explained and measured", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    addModel(folder);
    const definition = JSON.stringify({ name: "added", about: "a test", tasks });
    Deno.writeTextFileSync(
      join(folder, "added.ts"),
      `import { defineWorkflow } from "protoflow";\nexport default defineWorkflow(${definition} as never);\n`,
    );
    const call = (...args: string[]) =>
      resultOf(
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--quiet", "--no-check", join(folder, "main.ts"), ...args],
          cwd: folder,
          env: { NO_COLOR: "1" },
          stdin: "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn(),
      );
    const store = ["--store", join(folder, "store")];
    const run = await call("run", "added.ts", "--json", ...store);
    assert.equal(run.code, 0, run.err + run.out);
    assert.ok(Object.values(outcomes(run)).every((outcome) => outcome === "ran"));
    const got = await call("get", "added.ts", "evaluate.evaluation", join(folder, "got"), ...store);
    assert.equal(got.code, 0, got.err);
    const { results } = readEvaluation(join(folder, "got", "evaluation"));
    for (const name of ["Accuracy", "Global Size", "VLC", "Object Overlap", "Inter PD"]) {
      assert.ok(Number.isFinite(results[name]), `${name}: ${results[name]}`);
    }
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
