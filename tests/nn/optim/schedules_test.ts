import { deepStrictEqual, ok, throws } from "node:assert";
import fc from "fast-check";
import { epochCount, phaseEpoch, type PhasePlan } from "../../../lib/nn/optim/phases.ts";
import * as schedules from "../../../lib/nn/optim/schedules.ts";

const PLAN: PhasePlan = {
  epochs: { warmup: 2, joint: 3, fine_tune: 1 },
  rates: { warmup: [0.1], joint: [0.2, 0.4], fine_tune: [0.3] },
  jointSchedule: schedules.stepRate({ stepSize: 1, gamma: 0.5 }),
};

Deno.test("phases follow each other, and only the joint phase counts towards the schedule", () => {
  deepStrictEqual(
    Array.from({ length: epochCount(PLAN) }, (_, epoch) => phaseEpoch(PLAN, epoch)),
    [
      { phase: "warmup", epoch: 0, rates: [0.1] },
      { phase: "warmup", epoch: 1, rates: [0.1] },
      { phase: "joint", epoch: 0, rates: [0.2, 0.4] },
      { phase: "joint", epoch: 1, rates: [0.1, 0.2] },
      { phase: "joint", epoch: 2, rates: [0.05, 0.1] },
      { phase: "fine_tune", epoch: 0, rates: [0.3] },
    ],
  );
  throws(() => phaseEpoch(PLAN, 6), /epoch 6 \(from 0\) is past the end.*6/);
});

Deno.test("warm restarts begin anew at lr after every period", () => {
  const rate = schedules.warmRestartsRate({ t0: 3, tMult: 2, etaMin: 0.01 });
  const starts = Array.from({ length: 22 }, (_, epoch) => epoch).filter((epoch) => rate(1, epoch) === 1);
  deepStrictEqual(starts, [0, 3, 9, 21]);
  throws(() => schedules.warmRestartsRate({ t0: 0 }), /t0 > 0/);
});

Deno.test("no schedule leaves the range from 0 to its initial rate", () => {
  const all: schedules.Schedule[] = [
    schedules.constantRate,
    schedules.stepRate({ stepSize: 7, gamma: 0.3 }),
    schedules.multiStepRate({ milestones: [2, 30], gamma: 0.1 }),
    schedules.exponentialRate({ gamma: 0.97 }),
    schedules.cosineRate({ tMax: 13 }),
    schedules.warmRestartsRate({ t0: 4, tMult: 2 }),
    schedules.linearRate({ startFactor: 0.1, totalEpochs: 9 }),
    schedules.warmupRate({ warmupEpochs: 6 }),
    schedules.warmupHalfCosineRate({ warmupEpochs: 6, tMax: 60 }),
    schedules.linearThenCosineRate({ warmupEpochs: 6, startFactor: 0.2, tMax: 50 }),
  ];
  fc.assert(
    fc.property(
      fc.integer({ min: 0, max: 60 }),
      fc.double({ min: 1e-9, max: 10, noNaN: true }),
      (epoch, lr) => {
        for (const schedule of all) {
          const rate = schedule(lr, epoch);
          ok(rate >= 0 && rate <= lr * (1 + 1e-12), `${rate} of ${lr} in epoch ${epoch}`);
        }
      },
    ),
  );
});

Deno.test("a plateau lowers the rate once patience is over, needs its metrics, and stops at tiny rates", () => {
  const rate = schedules.plateauRate({ factor: 0.1, patience: 1, mode: "max" });
  const metrics = [0.5, 0.5, 0.5, 0.6, NaN, NaN];
  deepStrictEqual([0, 1, 2, 3, 4, 5, 6].map((epoch) => rate(1, epoch, metrics)), [
    1,
    1,
    1,
    0.1,
    0.1,
    0.1,
    0.1 * 0.1,
  ]);
  throws(() => rate(1, 7, metrics), /needs 7 metrics, but 6/);
  deepStrictEqual(rate(1e-9, 6, metrics), 1e-9);
});
