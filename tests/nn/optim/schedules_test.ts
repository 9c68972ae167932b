import { deepStrictEqual, ok, throws } from "node:assert";
import fc from "fast-check";
import * as schedules from "../../../lib/nn/optim/schedules.ts";

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
    schedules.cosineRate({ tMax: 13 }),
    schedules.warmRestartsRate({ t0: 4, tMult: 2 }),
    schedules.warmedUp(schedules.constantRate, { epochs: 9, startFactor: 0.1 }),
    schedules.warmedUp(schedules.cosineRate({ tMax: 50 }), { epochs: 6, startFactor: 0 }),
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

Deno.test("a plateau lowers the rate once patience is over, needs its measurements, and stops at tiny rates", () => {
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
  throws(() => rate(1, 7, metrics), /needs what 7 epochs gave, but 6/);
  deepStrictEqual(rate(1e-9, 6, metrics), 1e-9);
});

Deno.test("a plateau counts measurements, not epochs", () => {
  const rate = schedules.plateauRate({ factor: 0.5, patience: 0 });
  const measured = [undefined, 3, undefined, undefined, 3, undefined];
  deepStrictEqual([0, 1, 2, 3, 4, 5, 6].map((epoch) => rate(1, epoch, measured)), [1, 1, 1, 1, 1, 0.5, 0.5]);
});

Deno.test("after a rise a schedule begins, with what was measured from there on", () => {
  const step = schedules.warmedUp(schedules.stepRate({ stepSize: 2, gamma: 0.5 }), {
    epochs: 2,
    startFactor: 0.5,
  });
  deepStrictEqual([0, 1, 2, 3, 4, 6].map((epoch) => step(8, epoch)), [4, 6, 8, 8, 4, 2]);
  const plateau = schedules.warmedUp(schedules.plateauRate({ factor: 0.5, patience: 0 }), {
    epochs: 2,
    startFactor: 0,
  });
  deepStrictEqual([2, 3, 4].map((epoch) => plateau(8, epoch, [1, 1, 2, 2])), [8, 8, 4]);
});
