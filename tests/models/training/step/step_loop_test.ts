/** Several steps in one run give the bits of one run for every micro-batch and step. */

import assert from "node:assert/strict";
import * as ort from "onnxruntime-node";
import { resNetBackbone } from "../../../../lib/models/backbone.ts";
import { MODELS } from "../../../../lib/models/model_list.ts";
import type { PrototypeModel } from "../../../../lib/models/prototypes/prototype_model.ts";
import { type Batches, trainEpoch } from "../../../../lib/models/training/loop/epoch.ts";
import { Validation } from "../../../../lib/models/training/loop/validation.ts";
import type { Means } from "../../../../lib/models/training/state/epoch_record.ts";
import { untrained } from "../../../../lib/models/training/state/training_state.ts";
import { PhaseTraining } from "../../../../lib/models/training/step/phase_training.ts";
import { stepsPerRun } from "../../../../lib/models/training/step/step_loop.ts";
import type { LevelBatch, TrainingBatch } from "../../../../lib/models/training/step/training_batch.ts";
import { NotFiniteError } from "../../../../lib/nn/finite.ts";
import type { Phase } from "../../../../lib/nn/optim/phases.ts";
import { sgd } from "../../../../lib/nn/optim/sgd.ts";
import { Room } from "../../../../lib/runtime/room.ts";
import {
  elementCount,
  float32,
  type HostTensor,
  hostTensor,
  int64,
} from "../../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../../lib/tensor/random.ts";
import { bytesOf } from "../../../../lib/tensor/values.ts";
import { IMAGENET, normalizeTables } from "../../../../lib/vision/normalize.ts";

const SIZES = { prototypesPerClass: 2, prototypes: 4, slots: 2, depth: 8 };
const CLASSES = 3;
const backbone = resNetBackbone({ block: "bottleneck", layers: [1, 1], width: 4, strides: [1, 2] });

function smallModel(name: string): { model: PrototypeModel; shape: readonly number[] } {
  const { build, sees, architecture } = MODELS.find((known) => known.name === name)!;
  const own = Object.fromEntries(Object.entries(SIZES).filter(([key]) => key in architecture));
  const model = (build as (sizes: object, options: object) => PrototypeModel)(
    { backbone, classes: CLASSES, ...own },
    {},
  );
  return { model, shape: sees === "views" ? [4, 2, 3, 32, 32] : [4, 3, 32, 32] };
}

/** Batches of levels, all but the last of one size. */
function levelBatches(
  model: PrototypeModel,
  [size, ...shape]: readonly number[],
  count: number,
): LevelBatch[] {
  return Array.from({ length: count }, (_, index) => {
    const images = index === count - 1 ? size / 2 : size;
    const stream = new RandomStream({ seed: 1, purpose: "levels", index });
    const levels = Uint8Array.from({ length: images * elementCount(shape) }, () => stream.integer(256));
    return {
      x: hostTensor("uint8", [images, ...shape], levels),
      colors: IMAGENET,
      labels: int64([images], Array.from({ length: images }, (_, i) => (i + index) % CLASSES)),
      extra: model.extraValues({ seed: 1, purpose: "training", epoch: 2, index }),
    };
  });
}

/** The same batches, normalised by the tables of the loader. */
function normalised({ x, colors, ...rest }: LevelBatch): TrainingBatch {
  const tables = normalizeTables(colors);
  const plane = x.shape.at(-1)! * x.shape.at(-2)!;
  return {
    ...rest,
    x: float32(x.shape, Float32Array.from(x.data, (level, i) => tables[Math.floor(i / plane) % 3][level])),
  };
}

interface Trained {
  readonly state: Record<string, string>;
  readonly means: Means;
  readonly told: readonly string[];
}

const bits = (tensors: Iterable<readonly [string, HostTensor]>) =>
  Object.fromEntries([...tensors].map(([name, value]) => [name, bytesOf(value).toHex()]));

/** Two epochs of a phase, so that gradients of the first wait for the second. */
async function trained(
  name: string,
  given: Batches<TrainingBatch | LevelBatch>,
  more: {
    stepsPerRun: number;
    accumulate?: number;
    phase?: Phase;
    room?: Room;
    optimiser?: ReturnType<typeof sgd>;
  },
): Promise<Trained> {
  const { model } = smallModel(name);
  const { phase = "joint", accumulate = 4, ...options } = more;
  const training = new PhaseTraining(untrained(model.initialState(1)), {
    model,
    phase,
    accumulate,
    threads: 1,
    ...options,
  });
  const rates = Object.fromEntries(model.groups(phase).map(({ name }, i) => [name, 1e-3 * (i + 1)]));
  const told: string[] = [];
  let means: Means = {};
  try {
    for (let epoch = 0; epoch < 2; epoch++) {
      const onBatch = (images: number, { loss }: Means) => told.push(`${images} ${loss}`);
      ({ means } = await trainEpoch(training, given, {
        rates,
        accumulate,
        leftOverGradients: "reference",
        onBatch,
      }));
    }
    const { model: tensors, optimiser, gradients, steps } = await training.state();
    return {
      state: { steps: String(steps), ...bits([...tensors, ...optimiser, ...gradients]) },
      means,
      told,
    };
  } finally {
    await training.release();
  }
}

/** The result of `work`, and how often it ran a program. */
async function countingRuns<T>(work: () => Promise<T>): Promise<{ result: T; runs: number }> {
  const { create } = ort.InferenceSession;
  let runs = 0;
  const counting = async (...given: Parameters<typeof create>) => {
    const session = await create.apply(ort.InferenceSession, given);
    // Only the program that measures the machine's kernels has one input.
    if (session.inputNames.length === 1) return session;
    const run = session.run.bind(session) as (...given: unknown[]) => ReturnType<typeof session.run>;
    return Object.assign(session, { run: (...given: unknown[]) => (runs++, run(...given)) });
  };
  Object.assign(ort.InferenceSession, { create: counting });
  try {
    return { result: await work(), runs };
  } finally {
    Object.assign(ort.InferenceSession, { create });
  }
}

for (const { name } of MODELS) {
  Deno.test(`8 micro-batches and 2 steps of ${name} in one run are the bits of a run each`, async () => {
    const { model, shape } = smallModel(name);
    const batches = levelBatches(model, shape, 9).slice(0, 8).map(normalised);
    const alone = await countingRuns(() => trained(name, batches, { stepsPerRun: 0 }));
    const together = await countingRuns(() => trained(name, batches, { stepsPerRun: 2 }));
    assert.deepEqual(together.result, alone.result);
    assert.equal(alone.result.state.steps, "4");
    // Two epochs: a run for every micro-batch and step, or one for all of an epoch.
    assert.deepEqual([alone.runs, together.runs], [20, 2]);
  });
}

Deno.test("batches that a run does not fill, and gradients that wait for the next epoch, are taken one at a time", async () => {
  const { model, shape } = smallModel("protomask");
  // 14 micro-batches, the last one smaller: a run of 8, one step, and two micro-batches that leave gradients.
  const batches = levelBatches(model, shape, 14);
  const runs = [{ stepsPerRun: 0 }, { stepsPerRun: 2 }, { stepsPerRun: 1 }];
  const results = await Promise.all(runs.map((run) => trained("protomask", batches, run)));
  assert.deepEqual(results[1], results[0]);
  assert.deepEqual(results[2], results[0]);
  assert.equal(results[0].told.length, 28);
});

Deno.test("levels that the program normalises give the bits of batches that the loader has normalised", async () => {
  for (const name of ["protomask", "pipnet"]) {
    const { model, shape } = smallModel(name);
    const levels = levelBatches(model, shape, 5);
    const expected = await trained(name, levels.map(normalised), { stepsPerRun: 0, accumulate: 2 });
    assert.deepEqual(await trained(name, levels, { stepsPerRun: 0, accumulate: 2 }), expected);
    assert.deepEqual(await trained(name, levels, { stepsPerRun: 2, accumulate: 2 }), expected);
    const validation = new Validation(model, "joint", { threads: 1 });
    const weights = model.initialState(1);
    assert.deepEqual(
      await validation.run(weights, levels),
      await validation.run(weights, levels.map(normalised)),
    );
    await validation.release();
  }
});

Deno.test("other phases, another optimiser, a step for every micro-batch, and recomputation", async () => {
  const { model, shape } = smallModel("protomask");
  const batches = levelBatches(model, shape, 5).map(normalised);
  for (const phase of ["warmup", "joint", "fine_tune"] as const) {
    const given = { phase, accumulate: 1, optimiser: sgd({ momentum: 0.9 }) };
    const alone = await trained("protomask", batches, { ...given, stepsPerRun: 0 });
    assert.deepEqual(await trained("protomask", batches, { ...given, stepsPerRun: 2 }), alone, phase);
    const short = { ...given, stepsPerRun: 2, room: new Room(1) };
    assert.deepEqual(await trained("protomask", batches, short), alone, phase);
  }
});

Deno.test("a loss that is not a number is told as if every micro-batch were a run of its own", async () => {
  const { model, shape } = smallModel("protomask");
  const batches = levelBatches(model, shape, 9).slice(0, 8).map(normalised);
  batches[5].x.data[7] = NaN;
  const messageOf = async (stepsPerRun: number) => {
    try {
      await trained("protomask", batches, { stepsPerRun });
    } catch (error) {
      assert.ok(error instanceof NotFiniteError);
      return error.message;
    }
  };
  const alone = await messageOf(0);
  assert.match(alone!, /as the batch's "x" holds 1 of/);
  assert.equal(await messageOf(2), alone);
});

Deno.test("steps share a run on CUDA, where the state would go through the host's memory", () => {
  assert.equal(stepsPerRun({ device: "cuda" }, 4), 2);
  assert.equal(stepsPerRun({ device: "cuda" }, 1), 8);
  assert.equal(stepsPerRun({ device: "cuda" }, 16), 1);
  assert.equal(stepsPerRun({ device: "cuda", runtime: "tfjs" }, 4), 0);
  for (const device of ["cpu", "webgpu"] as const) assert.equal(stepsPerRun({ device }, 4), 0);
});
