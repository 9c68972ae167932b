/** Pruning, and trainings with another optimiser and schedule, by the kinds of the project on small pictures. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeViews } from "../data/views/write_views.ts";
import { readModel } from "../../lib/models/model_folder.ts";
import { readPrototypes } from "../../lib/models/projection/prototype_list.ts";
import { readEpochs, readState } from "../../lib/models/training/state/state_files.ts";
import type { EpochRecord } from "../../lib/models/training/state/epoch_record.ts";
import { isProjectable } from "../../lib/models/prototypes/prototype_model.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { inRun, type Run } from "./run.ts";

const SIZE = 32;
const CLASSES = ["a", "b", "c"];

/** Noisy pictures of three classes that differ little, one view of each. */
function writePictures(folder: string, split: "train" | "test", images: number): void {
  Deno.mkdirSync(folder);
  const rectangle = { left: 0, top: 0, width: SIZE, height: SIZE };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: `${CLASSES[id % 3]}/${split}${id}`,
    label: id % 3,
    width: SIZE,
    height: SIZE,
    rows: [{ mask: 0, rectangle }],
    views: [0],
  }));
  const head = {
    split,
    width: SIZE,
    height: SIZE,
    viewsPerImage: 1,
    classes: CLASSES,
    classWeights: [1, 1, 1],
  };
  const pixels = samples.map(({ id, label }) => {
    const random = new RandomStream({ seed: 5, purpose: split, index: id });
    return Uint8Array.from(
      { length: 3 * SIZE * SIZE },
      (_, i) => (i % 3 === label ? 64 : 60) + random.integer(120),
    );
  });
  writeViews(folder, { ...head, samples }, pixels);
}

const views = "folder:train";
const phase = { seed: 7, batchSize: 4, accumulateBatches: 1, augmentation: [], validateEvery: 1, segment: 1 };

/** A training of `name` to the task `again`: the pruned model, trained by SGD with a schedule. */
function tasks(name: "protomask" | "protopnet"): Record<string, object> {
  const model = { name };
  const sizes = { prototypesPerClass: 3, depth: 8 };
  const all = {
    warm: {
      kind: "warm-up",
      params: {
        ...phase,
        model: { ...model, ...sizes },
        backbone: { weights: "random", layers: [1, 1], width: 2 },
      },
      inputs: { views },
    },
    joint: {
      kind: "joint",
      params: {
        ...phase,
        model,
        epochs: 2,
        optimiser: { name: "adamw" },
        schedule: { name: "cosine", epochs: 4 },
      },
      inputs: { state: "warm.state", views },
    },
    project: { kind: "project", params: { batchSize: 4 }, inputs: { state: "joint.state", views } },
    prune: {
      kind: "prune",
      params: { nearest: 3, required: 2, fidelity: "intended" },
      inputs: { state: "project.state", views, prototypes: "project.prototypes" },
    },
    again: {
      kind: "fine-tune",
      params: {
        ...phase,
        model,
        epochs: 3,
        learningRate: 0.1,
        optimiser: { name: "sgd", nesterov: true },
        schedule: { name: "plateau", watch: "validation.accuracy", patience: 0, factor: 0.5 },
      },
      inputs: { state: "prune.state", views, validation: "folder:test" },
    },
    twice: {
      kind: "prune",
      // Of the nine nearest of twelve images one is of the class.
      params: { nearest: 9, required: 1, fidelity: "intended" },
      inputs: { state: "again.state", views, prototypes: "prune.prototypes" },
    },
    images: { kind: "prototype-images", params: { images: 1 }, inputs: { model: "again.model", views } },
  };
  // With the model's name in front of each task.
  return Object.fromEntries(
    Object.entries(all).map(([task, { inputs, ...rest }]) => [
      `${name}-${task}`,
      {
        ...rest,
        inputs: Object.fromEntries(
          Object.entries(inputs).map(([input, of]) => [input, of.includes(":") ? of : `${name}-${of}`]),
        ),
      },
    ]),
  );
}

/** The folder with all outputs of a task. */
async function outputs(run: Run, task: string): Promise<string> {
  const folder = join(run.folder, `all of ${task}`);
  const { code, err } = await run.call("get", "views.ts", task, folder);
  assert.equal(code, 0, err);
  return folder;
}

const jsonIn = (...path: string[]) => JSON.parse(Deno.readTextFileSync(join(...path)));

async function assertPruned(run: Run, name: "protomask" | "protopnet"): Promise<void> {
  const pruned = await outputs(run, `${name}-prune`);
  const { prototypes, kept, removed } = jsonIn(pruned, "pruned");
  assert.equal(prototypes, 9);
  assert.ok(kept.length > 0 && removed.length > 0, `${kept.length} of ${prototypes} are kept`);
  assert.deepEqual(
    [...kept, ...removed.map((one: { prototype: number }) => one.prototype)].sort(),
    [...Array(9).keys()],
  );
  for (const { prototype, class: own, nearest } of removed) {
    assert.equal(own, CLASSES[Math.floor(prototype / 3)]);
    assert.ok(nearest.filter((other: string) => other === own).length < 2);
  }
  const list = readPrototypes(join(pruned, "prototypes"));
  assert.deepEqual(list.map(({ prototype }) => prototype), [...kept.keys()]);
  const before = readPrototypes(join(await outputs(run, `${name}-project`), "prototypes"));
  list.forEach(({ sample }, i) =>
    assert.equal(sample, before.find(({ prototype }) => prototype === kept[i])!.sample)
  );

  const tuned = await outputs(run, `${name}-again`);
  const { description, state, model } = readModel(join(tuned, "model"));
  assert.deepEqual(description.keptPrototypes, kept);
  assert.equal(state.get("prototype_vectors")!.shape[0], kept.length);
  assert.ok(isProjectable(model));
  assert.deepEqual(model.prototypeClasses, kept.map((prototype: number) => Math.floor(prototype / 3)));

  const from = readState(join(pruned, "state")).state;
  const again = readState(join(tuned, "state")).state;
  assert.deepEqual([from.epochs, from.phase, from.optimiser.size], [2, undefined, 0]);
  assert.deepEqual([...again.optimiser.keys()], ["momentum_buffer.last_layer.weight"]);
  assert.notDeepEqual(again.model.get("last_layer.weight"), from.model.get("last_layer.weight"));
  assertSchedules(readEpochs(join(tuned, "log")));

  // Pruned once more: numbers remain those of the beginning, and the fine-tune phase is taken back.
  const twice = await outputs(run, `${name}-twice`);
  const { description: smaller, state: { history } } = readState(join(twice, "state"));
  const left: number[] = jsonIn(twice, "pruned").kept;
  assert.deepEqual(smaller.keptPrototypes, left.map((place) => kept[place]));
  assert.deepEqual(history.map(({ phase }) => phase), ["joint", "joint"]);
  const images = readPrototypes(join(await outputs(run, `${name}-images`), "prototypes"));
  assert.equal(images.length, kept.length);
}

/** Rates along half a cosine of four epochs, then halved whenever the accuracy has not improved; by segments of one epoch. */
function assertSchedules([first, second, ...tuned]: readonly EpochRecord[]): void {
  for (const [group, rate] of Object.entries(second.rates)) {
    assert.ok(Math.abs(rate / first.rates[group] - (1 + Math.SQRT1_2) / 2) < 1e-9);
  }
  assert.equal(tuned.length, 3);
  let [rate, best] = [0.1, -Infinity];
  for (const { rates, validation } of tuned) {
    assert.ok(Math.abs(rates.last_layer - rate) < 1e-12);
    if (validation!.accuracy > best * (1 + 1e-4)) best = validation!.accuracy;
    else rate /= 2;
  }
}

Deno.test("prototypes that stand for other classes are removed, and the rest is trained again by SGD with a schedule", () =>
  inRun(async (run) => {
    for (const [split, images] of [["train", 12], ["test", 6]] as const) {
      writePictures(join(run.folder, split), split, images);
    }
    const { code, err, out } = await run.run({ ...tasks("protomask"), ...tasks("protopnet") });
    assert.equal(code, 0, err + out.split("\n").filter((line) => !line.includes("progress")).join("\n"));
    await assertPruned(run, "protomask");
    await assertPruned(run, "protopnet");
  }));
