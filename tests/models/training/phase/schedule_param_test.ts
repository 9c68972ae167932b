/** The params `schedule` and `optimiser`: what they name, and what they refuse. */

import assert from "node:assert/strict";
import { optimiser, optimiserOf } from "../../../../lib/models/training/phase/optimiser_param.ts";
import {
  measuredIn,
  requireWatched,
  schedule,
  scheduleOf,
} from "../../../../lib/models/training/phase/schedule_param.ts";

function rates(given: unknown, epochs: number, measured?: number[]): number[] {
  const rate = scheduleOf(schedule.parse(given));
  return Array.from({ length: epochs }, (_, epoch) => Number(rate(8, epoch, measured).toPrecision(12)));
}

Deno.test("a schedule without a name is the step of the study", () => {
  assert.deepEqual(schedule.parse({}), { stepSize: 35, gamma: 0.5 });
  assert.deepEqual(rates({ stepSize: 2 }, 5), [8, 8, 4, 4, 2]);
  assert.deepEqual(rates({ name: "step", stepSize: 2, gamma: 0.25 }, 3), [8, 8, 2]);
});

Deno.test("each name is a schedule", () => {
  assert.deepEqual(rates({ name: "multi-step", milestones: [1, 3], gamma: 0.5 }, 5), [8, 4, 4, 2, 2]);
  assert.deepEqual(rates({ name: "cosine", epochs: 4, minimum: 2 }, 5), [
    8,
    ...[1, 2, 3].map((i) => Number((2 + 3 * (1 + Math.cos(Math.PI * i / 4))).toPrecision(12))),
    2,
  ]);
  assert.deepEqual(rates({ name: "warm-restarts", epochs: 2 }, 5), [8, 4, 8, 4, 8]);
  assert.deepEqual(rates({ name: "warm-restarts", epochs: 1, lengthen: 2 }, 4), [8, 8, 4, 8]);
  assert.deepEqual(rates({ name: "plateau", patience: 0, factor: 0.5 }, 3, [1, 1]), [8, 8, 4]);
  assert.deepEqual(rates({ stepSize: 1, warmUp: { epochs: 2, startFactor: 0 } }, 4), [0, 4, 8, 4]);
});

Deno.test("a plateau watches a figure of the log, which must be measured", () => {
  const epoch = (loss: number, validation?: number) => ({
    train: { loss },
    ...(validation !== undefined && { validation: { accuracy: validation } }),
  });
  const accuracy = schedule.parse({
    name: "plateau",
    watch: "validation.accuracy",
    patience: 0,
    factor: 0.5,
  });
  assert.deepEqual(measuredIn([epoch(3, 0.5), epoch(2)], accuracy), [0.5, undefined]);
  assert.equal(scheduleOf(accuracy)(8, 2, [0.5, 0.6]), 8, "more accuracy is better");
  assert.equal(scheduleOf(accuracy)(8, 2, [0.5, 0.4]), 4);
  assert.throws(() => requireWatched(accuracy, undefined), /validation\.accuracy.*input validation/);
  requireWatched(accuracy, "views");
  requireWatched(schedule.parse({ name: "plateau", watch: "train.loss" }), undefined);
  assert.throws(() => schedule.parse({ name: "plateau", watch: "loss" }));
});

Deno.test("each name is an optimiser; Adam is the default", () => {
  assert.deepEqual(optimiserOf().state, ["exp_avg", "exp_avg_sq"]);
  assert.deepEqual(
    optimiserOf(optimiser.parse({ name: "adam", amsgrad: true })).state.at(-1),
    "max_exp_avg_sq",
  );
  assert.deepEqual(optimiserOf(optimiser.parse({ name: "adamw" })).scalars, ["step_size", "eps", "shrink"]);
  assert.deepEqual(optimiserOf(optimiser.parse({ name: "sgd" })).state, ["momentum_buffer"]);
  assert.deepEqual(optimiserOf(optimiser.parse({ name: "sgd", momentum: 0 })).state, []);
  assert.throws(() => optimiser.parse({ name: "sgd", nesterov: true, momentum: 0 }), /nesterov/);
  assert.throws(() => optimiser.parse({ name: "sgd", betas: [0.9, 0.999] }));
});
