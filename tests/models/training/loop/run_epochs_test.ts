/** Trainings are the same bits however they are cut, and what the reference does at their seams is what happens. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { NotFiniteError } from "../../../../lib/nn/finite.ts";
import { runEpochs } from "../../../../lib/models/training/loop/run_epochs.ts";
import { readState, writeState } from "../../../../lib/models/training/state/state_files.ts";
import { type TrainingState, untrained } from "../../../../lib/models/training/state/training_state.ts";
import type { HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import { inBatches, tinyDescription, tinyImages, tinyModel, tinyRun } from "../tiny_training.ts";

const start = untrained(tinyModel.initialState(7));

/** The state written and read again, and the digests of its files. */
function throughFiles(state: TrainingState): { state: TrainingState; digests: Record<string, string> } {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "state");
    writeState(path, state, tinyDescription);
    const digests = Object.fromEntries(
      readdirSync(path).map((
        name,
      ) => [name, createHash("sha256").update(readFileSync(join(path, name))).digest("hex")]),
    );
    const read = readState(path);
    assert.deepEqual(read.description, tinyDescription);
    return { state: read.state, digests };
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("a training cut anywhere and kept in files gives the bits of one that is not cut", async () => {
  const whole = throughFiles(await runEpochs(start, tinyRun(5))).digests;
  for (const cuts of [[1, 1, 1, 1, 1], [2, 3], [3, 2], [4, 1]]) {
    let state: TrainingState = start;
    for (const epochs of cuts) state = throughFiles(await runEpochs(state, tinyRun(epochs))).state;
    assert.deepEqual(throughFiles(state).digests, whole, `cut into ${cuts}`);
  }
});

Deno.test("one thread or two make no difference to the bits", async () => {
  const [one, two] = [
    await runEpochs(start, tinyRun(2, { threads: 1 })),
    await runEpochs(start, tinyRun(2, { threads: 2 })),
  ];
  assert.deepEqual(throughFiles(one).digests, throughFiles(two).digests);
});

function maximum({ data }: HostTensor): number {
  return Math.max(...Array.from(data as Float32Array, Math.abs));
}

Deno.test("gradients of an epoch's last micro-batch wait, are applied, or are lost before a validation", async () => {
  const waiting = async (more: Parameters<typeof tinyRun>[1]) => {
    const { gradients, steps } = await runEpochs(start, tinyRun(1, more));
    return { left: maximum(gradients.get("grad.prototype_vectors")!), steps };
  };
  // Ten images in batches of four: three micro-batches, a step every second one.
  const reference = await waiting({});
  assert.ok(reference.left > 0);
  assert.equal(reference.steps, 1);
  assert.deepEqual(await waiting({ validateEvery: 1 }), { left: 0, steps: 1 });
  const intended = { left_over_gradients: "intended", sanity_check: "reference" } as const;
  assert.deepEqual(await waiting({ fidelity: intended }), { left: 0, steps: 2 });
});

Deno.test("only what a phase trains moves, and running statistics with it", async () => {
  const moved = async (phase: "warmup" | "joint" | "fine_tune") => {
    const rates = { backbone: 1e-3, prototype_vectors: 1e-3, last_layer: 1e-3 };
    const { model } = await runEpochs(start, tinyRun(1, { phase, rates: () => rates }));
    return [...model.keys()].filter((name) =>
      model.get(name)!.data.some((value, i) => value !== start.model.get(name)!.data[i])
    );
  };
  const statistics = tinyModel.specs.filter(({ name }) => /running|tracked/.test(name)).map(({ name }) =>
    name
  );
  assert.deepEqual((await moved("warmup")).toSorted(), [...statistics, "prototype_vectors"].toSorted());
  assert.deepEqual((await moved("fine_tune")).toSorted(), [...statistics, "last_layer.weight"].toSorted());
  const joint = await moved("joint");
  assert.ok(joint.includes("backbone.conv1.weight") && joint.includes("prototype_vectors"));
  assert.ok(!joint.some((name) => name.startsWith("add_on_layers") || name.startsWith("last_layer")));
});

Deno.test("the checkpoint is the first of the best validations", async () => {
  const fidelity = { left_over_gradients: "reference", sanity_check: "intended" } as const;
  const state = await runEpochs(start, tinyRun(6, { validateEvery: 1, fidelity }));
  const accuracies = state.history.map(({ validation }) => validation!.accuracy);
  assert.equal(state.bar, Math.max(...accuracies));
  const saved = state.history.filter((record) => record.saved).map(({ validation }) => validation!.accuracy);
  assert.deepEqual(saved, saved.toSorted((a, b) => a - b));
  assert.equal(saved.at(-1), state.bar);
  assert.ok(state.best);

  const unseen = await runEpochs(start, tinyRun(2, { validation: undefined, validateEvery: 1 }));
  assert.equal(unseen.best, undefined);
  assert.ok(unseen.history.every(({ validation, saved }) => validation === undefined && !saved));
});

Deno.test("a loss that is not a number ends the training", async () => {
  const images = tinyImages(4, 3);
  images.x.data[5] = NaN;
  await assert.rejects(
    runEpochs(start, tinyRun(1, { train: () => inBatches(images, 4) })),
    (error) =>
      error instanceof NotFiniteError &&
      /^phase joint, epoch 0: the loss of a batch is NaN, .* as the batch's "x" holds 1 of /.test(
        error.message,
      ),
  );
});

Deno.test("a group without a learning rate is named", async () => {
  const rates = () => ({ prototype_vectors: 1e-3 });
  await assert.rejects(runEpochs(start, tinyRun(1, { rates })), /the group "backbone" has no learning rate/);
});
