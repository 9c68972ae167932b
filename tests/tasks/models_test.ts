/** The training kinds with every model, on small pictures: what each model sees, its projection, and its keys. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { epochOrder } from "../../lib/data/loader/loader.ts";
import { readViewsIndex } from "../../lib/data/views/views_file.ts";
import { viewsFileOf, writeViews } from "../data/views/write_views.ts";
import { modelOf, readModel } from "../../lib/models/model_folder.ts";
import { definitionOf } from "../../lib/models/models.ts";
import { project } from "../../lib/models/projection/project.ts";
import { readPrototypes } from "../../lib/models/projection/prototype_list.ts";
import {
  type BatchPlace,
  isProjectable,
  type PrototypeModel,
} from "../../lib/models/prototypes/prototype_model.ts";
import { runEpochs } from "../../lib/models/training/loop/run_epochs.ts";
import { ratesAt } from "../../lib/models/training/phase/phase_rates.ts";
import { readEpochs } from "../../lib/models/training/state/state_files.ts";
import { untrained } from "../../lib/models/training/state/training_state.ts";
import type { TrainingBatch } from "../../lib/models/training/step/training_batch.ts";
import type { Parameters } from "../../lib/nn/parameters.ts";
import { float32, int64 } from "../../lib/tensor/host_tensor.ts";
import { IMAGENET, normalizeInto, normalizeTables } from "../../lib/vision/normalize.ts";
import { outcomes, type Result, resultOf } from "../flow/cli.ts";
import { spawnMain } from "./run.ts";

const SIZE = 32;
const SEED = 7;
const BATCH = 4;
const [WARM_UP, JOINT, FINE_TUNE] = [1, 2, 1];
const PROJECTED = ["protomask", "protopnet"];
const HAVE_EXTRA_INPUTS = ["protopool", "pipnet"];

/** Images of three classes, each a flat colour with a pattern, one view of each. */
function writePictures(folder: string, split: "train" | "test", images: number): void {
  Deno.mkdirSync(folder);
  const rectangle = { left: 0, top: 0, width: SIZE, height: SIZE };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: `class${id % 3}/${split}${id}`,
    label: id % 3,
    width: SIZE,
    height: SIZE,
    rows: [{ mask: 0, rectangle }],
    views: [0],
  }));
  const head = { split, width: SIZE, height: SIZE, viewsPerImage: 1, classes: ["a", "b", "c"] };
  const pixels = samples.map(({ id, label }) =>
    Uint8Array.from({ length: 3 * SIZE * SIZE }, (_, i) => (i % 3 === label ? 200 : 20) + (i * (id + 3)) % 31)
  );
  writeViews(folder, { ...head, classWeights: [1, 1, 1], samples }, pixels);
}

const SIZES: Record<string, object> = {
  protomask: { prototypesPerClass: 2, depth: 8 },
  protopnet: { prototypesPerClass: 2, depth: 8 },
  protopool: { prototypes: 5, slots: 2, depth: 8 },
  pipnet: {},
};

function workflow(name: string, segment: number): string {
  const common = {
    seed: SEED,
    batchSize: BATCH,
    accumulateBatches: 1,
    augmentation: [],
    validateEvery: 2,
    segment,
  };
  const model = { name };
  const views = 'views: folder("train")';
  const held = 'validation: folder("test")';
  const backbone = { weights: "random", layers: [1, 1], width: 2 };
  const task = (kind: string, params: object, inputs: string) =>
    `{ kind: "${kind}", params: ${JSON.stringify(params)}, inputs: { ${inputs} } }`;
  const warm = { ...common, model: { name, ...SIZES[name] }, epochs: WARM_UP, backbone };
  const isProjected = PROJECTED.includes(name);
  return `import { defineWorkflow, folder } from "protoflow";
export default defineWorkflow({ name: "tiny", about: "a test", tasks: {
  warm: ${task("warm-up", warm, `${views}, ${held}`)},
  joint: ${task("joint", { ...common, model, epochs: JOINT }, `state: "warm.state", ${views}, ${held}`)},
  ${isProjected ? `project: ${task("project", { batchSize: BATCH }, `state: "joint.state", ${views}`)},` : ""}
  tune: ${
    task(
      "fine-tune",
      { ...common, model, epochs: FINE_TUNE },
      `state: "${isProjected ? "project" : "joint"}.state", ${views}`,
    )
  },
  images: ${task("prototype-images", { images: 2 }, `model: "tune.model", ${views}`)},
} } as never);
`;
}

class Training {
  constructor(readonly folder: string, name: string, segment = 10) {
    writePictures(join(folder, "train"), "train", 10);
    writePictures(join(folder, "test"), "test", 7);
    this.define(name, segment);
  }

  define(name: string, segment: number): void {
    Deno.writeTextFileSync(join(this.folder, "tiny.ts"), workflow(name, segment));
  }

  call(store: string, ...args: string[]): Promise<Result> {
    return resultOf(spawnMain(this.folder, store, ...args));
  }

  async output(store: string, output: string): Promise<string> {
    const folder = join(this.folder, `${store} ${output}`);
    const { code, err } = await this.call(store, "get", "tiny.ts", output, folder);
    assert.equal(code, 0, err);
    return join(folder, output.split(".")[1]);
  }
}

/** The images of an epoch as the model sees them, in its order, made without the loader of the tasks. */
function batchesOf(
  name: string,
  model: PrototypeModel,
  folder: string,
  { epoch, purpose }: Pick<BatchPlace, "epoch" | "purpose">,
): TrainingBatch[] {
  const { samples } = readViewsIndex(folder);
  const length = 3 * SIZE * SIZE;
  const pixels = samples.map((sample) => Deno.readFileSync(viewsFileOf(folder, sample)).subarray(0, length));
  const order = purpose === "training"
    ? [...epochOrder(samples.length, SEED, epoch)]
    : samples.map((_, i) => i);
  const isPair = name === "pipnet" && purpose === "training";
  return Array.from({ length: Math.ceil(order.length / BATCH) }, (_, index) => {
    const own = order.slice(index * BATCH, (index + 1) * BATCH);
    const images = isPair ? [...own, ...own] : own;
    // As the loader does it, to the bit: Adam makes steps of the rounding errors of gradients that cancel.
    const values = new Float32Array(images.length * 3 * SIZE * SIZE);
    images.forEach((image, i) => {
      const data = pixels[image];
      const view = { width: SIZE, height: SIZE, channels: 3, order: "RGB", data } as const;
      normalizeInto(view, normalizeTables(IMAGENET), values, i * data.length);
    });
    const shape = [images.length, ...name === "protomask" ? [1] : [], 3, SIZE, SIZE];
    const labels = images.map((image) => samples[image].label);
    return {
      x: float32(shape, values),
      labels: int64([labels.length], labels),
      extra: model.extraValues({ seed: SEED, purpose, epoch, index }),
    };
  });
}

/** Checks that the tasks lead to the state that the library's loop, which agrees with the reference's, leads to. */
async function assertAsInLibrary(name: string, training: Training, reached: Parameters): Promise<void> {
  const warm = readModel(await training.output("whole", "warm.model")).description;
  const { study, rates } = definitionOf(name);
  const coefs = z.strictObject(definitionOf(name).coefs).parse({}) as Record<string, number>;
  const model = modelOf(warm, { coefs });
  const joint = z.strictObject(rates).parse({}) as Record<string, number>;
  let state = untrained(
    new Map([...model.initialState(SEED), ["classification_loss_fn.weight", float32([3], [1, 1, 1])]]),
  );
  const [train, test] = ["train", "test"].map((split) => join(training.folder, split));
  const phases = [["warmup", WARM_UP, study.warmUpRate], ["joint", JOINT, joint], [
    "fine_tune",
    FINE_TUNE,
    study.fineTuneRate,
  ]] as const;
  for (const [phase, epochs, initial] of phases) {
    if (phase === "fine_tune" && isProjectable(model)) {
      const batches = batchesOf(name, model, train, { epoch: 0, purpose: "validation" });
      const projected = await project(model, state.model, batches, "reference");
      state = { ...state, model: projected.state };
    }
    const schedule = phase === "joint" ? { stepSize: 35, gamma: 0.5 } : undefined;
    state = await runEpochs(state, {
      model,
      phase,
      epochs,
      rates: (epoch) => ratesAt(model.groups(phase), { initial, schedule }, epoch),
      accumulate: 1,
      validateEvery: 2,
      fidelity: { left_over_gradients: "reference", sanity_check: "reference" },
      train: (epoch) => batchesOf(name, model, train, { epoch, purpose: "training" }),
      ...(phase !== "fine_tune" && {
        validation: (epoch: number) => batchesOf(name, model, test, { epoch, purpose: "validation" }),
      }),
    });
  }
  for (const [tensor, { data }] of state.model) {
    const given = reached.get(tensor)!.data;
    for (let i = 0; i < data.length; i++) {
      const [a, b] = [Number(data[i]), Number(given[i])];
      assert.ok(Math.abs(a - b) <= 1e-5 * (1 + Math.abs(a)), `${tensor}[${i}]: ${a} here, ${b} by the tasks`);
    }
  }
}

for (const name of Object.keys(SIZES)) {
  Deno.test(`${name} is trained by the same kinds as the library trains it, in one piece and in several`, async () => {
    const folder = Deno.makeTempDirSync();
    try {
      const training = new Training(folder, name);
      const run = await training.call("whole", "run", "tiny.ts", "--json");
      assert.equal(run.code, 0, run.err + run.out);
      assert.ok(Object.values(outcomes(run)).every((outcome) => outcome === "ran"));
      const epochs = readEpochs(await training.output("whole", "tune.log"));
      assert.deepEqual(epochs.map(({ phase }) => phase), [
        ...["warmup", "joint", "joint", "fine_tune"],
      ]);
      assert.ok(epochs.every(({ train }) => Number.isFinite(train.loss)));
      const { description, state } = readModel(await training.output("whole", "tune.model"));
      assert.equal(description.model, name);
      const prototypes = name === "pipnet"
        ? state.get("last_layer.weight")!.shape[1]
        : name === "protopool"
        ? 5
        : 6;
      const images = readPrototypes(await training.output("whole", "images.prototypes"));
      assert.equal(images.length, 2 * prototypes);
      assert.ok(images.every(({ position }) => (position === undefined) === (name === "protomask")));
      if (PROJECTED.includes(name)) {
        const projected = readPrototypes(await training.output("whole", "project.prototypes"));
        assert.deepEqual(projected.map(({ prototype }) => prototype).sort(), [0, 1, 2, 3, 4, 5]);
        for (const { prototype, name, view } of projected) {
          assert.ok(name!.startsWith(`class${Math.floor(prototype / 2)}/`));
          assert.equal(view, 0);
        }
      }

      await assertAsInLibrary(name, training, state);

      // Of the others, other tests say so.
      if (!HAVE_EXTRA_INPUTS.includes(name)) return;
      training.define(name, 1);
      await training.call("cut", "run", "tiny.ts", "--json");
      const outputs = async (store: string) => {
        const [{ record }] = (await training.call(store, "show", "tiny.ts", "tune", "--json")).events;
        return record.outputs;
      };
      assert.deepEqual(await outputs("cut"), await outputs("whole"));
    } finally {
      Deno.removeSync(folder, { recursive: true });
    }
  });
}

Deno.test("a phase refuses the state of another model, and says what to do", async () => {
  const folder = Deno.makeTempDirSync();
  try {
    const training = new Training(folder, "protopnet");
    const text = workflow("protopnet", 10).replace(/(joint: .*"name":)"protopnet"/, '$1"pipnet"');
    Deno.writeTextFileSync(join(folder, "tiny.ts"), text);
    const { code, out, err } = await training.call("store", "run", "tiny.ts", "joint");
    assert.equal(code, 1);
    assert.match(out + err, /the state is of the model protopnet, but the param model\.name is pipnet/);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
