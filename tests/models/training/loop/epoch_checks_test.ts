/** A training that leads nowhere is an error that says why, and nothing that is not finite is kept. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { protoMask } from "../../../../lib/models/protomask.ts";
import { NothingLearntError } from "../../../../lib/models/training/loop/epoch_checks.ts";
import { project, ProjectionError } from "../../../../lib/models/projection/project.ts";
import { type EpochsOptions, runEpochs } from "../../../../lib/models/training/loop/run_epochs.ts";
import { writeState } from "../../../../lib/models/training/state/state_files.ts";
import { type TrainingState, untrained } from "../../../../lib/models/training/state/training_state.ts";
import { resNetBackbone } from "../../../../lib/models/backbone.ts";
import { encodeSaliency } from "../../../../lib/explain/saliency_files.ts";
import { NotFiniteError } from "../../../../lib/nn/finite.ts";
import type { HostTensor } from "../../../../lib/tensor/host_tensor.ts";
import { float32 } from "../../../../lib/tensor/host_tensor.ts";
import { inBatches, tinyConfig, tinyDescription, tinyImages, tinyModel, tinyRun } from "../tiny_training.ts";

const start = untrained(tinyModel.initialState(7));
const RATES = { backbone: 1e-3, prototype_vectors: 3e-3, last_layer: 1e-3 };

async function fails(options: EpochsOptions, message: RegExp, state: TrainingState = start): Promise<Error> {
  let found: Error | undefined;
  await assert.rejects(runEpochs(state, options), (error: Error) => {
    found = error;
    assert.match(error.message, message);
    return true;
  });
  return found!;
}

Deno.test("an epoch with fewer batches than a step needs is an error, in every phase and however the training is cut", async () => {
  for (const phase of ["warmup", "joint", "fine_tune"] as const) {
    const error = await fails(
      tinyRun(2, { phase, accumulate: 4, rates: () => RATES }),
      new RegExp(
        `^phase ${phase}, epoch 0: no optimiser step was taken.* an epoch has 3 batches, but a step needs 4`,
      ),
    );
    assert.ok(error instanceof NothingLearntError);
  }
  await fails(tinyRun(1, { train: () => [] }), /no optimiser step was taken.* an epoch has 0 batches/);
  const intended = { left_over_gradients: "intended", sanity_check: "reference" } as const;
  assert.equal((await runEpochs(start, tinyRun(1, { accumulate: 4, fidelity: intended }))).steps, 1);
});

Deno.test("a rate group that does not change is an error with its reason", async () => {
  const rates = (changed: Partial<typeof RATES>) => () => ({ ...RATES, ...changed });
  await fails(
    tinyRun(1, { rates: rates({ backbone: 0 }) }),
    /^phase joint, epoch 0: .*group "backbone".* 1 step has not changed it: its learning rate 0 is 0 in float32/,
  );
  await fails(
    tinyRun(1, { rates: rates({ prototype_vectors: 1e-60 }) }),
    /group "prototype_vectors".*learning rate 1e-60 is 0 in float32/,
  );
  await fails(
    tinyRun(1, { rates: rates({ prototype_vectors: 1e-30 }) }),
    /group "prototype_vectors".*steps with its learning rate 1e-30 are too small/,
  );
  const constant = protoMask(tinyConfig, { coefs: { crs_ent: 0, clst: 0, sep: 0, div: 0.2, l1: 0 } });
  await fails(
    tinyRun(1, { model: constant }),
    /group "backbone".*the loss has no gradient for it: check the weights of its terms \(coefs\)/,
  );
});

Deno.test("rates may fade once a phase has begun to learn, and what a phase freezes may stay", async () => {
  const rates = (epoch: number) => epoch === 0 ? RATES : { ...RATES, backbone: 0 };
  const { history } = await runEpochs(start, tinyRun(2, { rates }));
  assert.equal(history.length, 2);
  // The 1×1 convolution is in no rate group.
  await runEpochs(start, tinyRun(1, { phase: "warmup", rates: () => RATES }));
});

Deno.test("what the last step of an epoch makes infinite is named, with phase and epoch", async () => {
  const one = await runEpochs(start, tinyRun(1));
  for (const [group, tensor] of [["prototype_vectors", "prototype_vectors"], ["backbone", "backbone\\..*"]]) {
    const error = await fails(
      tinyRun(1, { accumulate: 3, validation: undefined, rates: () => ({ ...RATES, [group]: 1e39 }) }),
      new RegExp(
        `^phase joint, epoch 1: after step 2 of the phase "${tensor}" holds .* not finite.*${group} 1e\\+39`,
      ),
      one,
    );
    assert.ok(error instanceof NotFiniteError);
  }
});

Deno.test("what a step makes infinite amid an epoch is named too", async () => {
  await fails(
    tinyRun(1, { accumulate: 1, rates: () => ({ ...RATES, prototype_vectors: 1e39 }) }),
    /^phase joint, epoch 0: the loss of a batch is NaN,.* since step 1 of the phase: "prototype_vectors" holds/,
  );
});

Deno.test("weights that are finite, but too large to compute with, are not kept", async () => {
  for (const more of [{}, { validation: undefined }, { validateEvery: 1 }]) {
    await fails(
      tinyRun(1, { accumulate: 3, ...more, rates: () => ({ ...RATES, backbone: 1e30 }) }),
      /^phase joint, epoch 0: validation of the weights, batch 1: "(term \w+|logits)" holds .* not finite/,
    );
  }
});

Deno.test("held-out views that are not there are an error, not figures of nothing", async () => {
  await fails(tinyRun(1, { validation: () => [] }), /the validation needs at least one image/);
});

Deno.test("a batch with one value a channel is refused, as PyTorch does", async () => {
  const small = protoMask({
    ...tinyConfig,
    backbone: resNetBackbone({ block: "basic", layers: [1, 1, 1, 1], width: 2, strides: [1, 2, 2, 2] }),
  });
  const { x, labels } = tinyImages(1, 1);
  // One view, of which the last stage leaves one position.
  const batch = { x: float32([1, 1, 3, 32, 32], x.data.subarray(0, 3 * 32 * 32)), labels };
  const initial = untrained(small.initialState(7));
  await fails(
    tinyRun(1, { model: small, train: () => [batch], validation: undefined, accumulate: 1 }),
    /more than one value per channel, but the batch has 1/,
    initial,
  );
  // In evaluation, and where the phase leaves statistics alone, it is fine.
  const fidelity = {
    frozen_statistics: "intended",
    diversity_gradient: "reference",
    add_on_training: "reference",
  } as const;
  const frozen = protoMask({
    ...tinyConfig,
    backbone: resNetBackbone({ block: "basic", layers: [1, 1, 1, 1], width: 2, strides: [1, 2, 2, 2] }),
  }, { fidelity });
  const options = { model: frozen, phase: "fine_tune", train: () => [batch], validation: undefined } as const;
  const { steps } = await runEpochs(initial, tinyRun(1, { ...options, accumulate: 1, rates: () => RATES }));
  assert.equal(steps, 1);
});

Deno.test("no prototype becomes a vector that is not there, or not finite", async () => {
  const images = tinyImages(10, 1);
  const projected = (state: ReadonlyMap<string, HostTensor>, all = images) =>
    project(tinyModel, state, inBatches(all, 4), "reference");
  const twoClasses = tinyImages(2, 1);
  await assert.rejects(
    projected(start.model, twoClasses),
    (error) => error instanceof ProjectionError && /^2 prototypes .*no image of class 2/.test(error.message),
  );
  const broken = new Map(start.model);
  broken.set("add_on_layers.0.bias", float32([8], new Float32Array(8).fill(NaN)));
  await assert.rejects(projected(broken), /^NotFiniteError: projection, images 0 to 3: "vectors" holds/);
});

Deno.test("no file takes a tensor that is not finite", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const nan = (name: string, of: ReadonlyMap<string, HostTensor>) =>
      new Map([...of, [name, float32([1], [NaN])]]);
    const kept: [string, TrainingState][] = [
      ["model.x", { ...start, model: nan("x", start.model) }],
      ["optimiser.exp_avg.x", { ...start, optimiser: nan("exp_avg.x", new Map()) }],
      ["gradients.grad.x", { ...start, gradients: nan("grad.x", new Map()) }],
      ["best.x", { ...start, best: nan("x", start.model) }],
    ];
    for (const [name, state] of kept) {
      const path = join(folder, "state");
      assert.throws(
        () => writeState(path, state, tinyDescription),
        (error) => error instanceof NotFiniteError && error.message.includes(`"${name}"`),
      );
      assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    }
    const maps = float32([1, 1, 2], [0, Infinity]);
    const head = {
      logits: float32([1], [1]),
      scores: float32([1], [1]),
      places: [0],
      grid: [1, 1] as const,
      prototypes: [0],
      similarities: [1],
      views: [0],
    };
    assert.throws(() => encodeSaliency({ ...head, maps }), NotFiniteError);
    assert.throws(
      () => encodeSaliency({ ...head, similarities: [NaN], maps: float32([1, 1, 2], [0, 1]) }),
      /"similarities"/,
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
