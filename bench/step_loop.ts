/**
 * Times 8 micro-batches and their 2 steps in one run, whose `Loop` keeps the state of the training, against a run for each,
 * and tells whether both leave the same bits. The two alternate.
 *
 *     deno run -A bench/step_loop.ts [size=small|resnet50] [models=protomask,…] [device=cpu] [rounds=5] [threads=1] [pixels=float32|uint8]
 *
 * The sizes are those of bench/epoch_case.ts. Speed is the time of a run each over that of one run, for the fastest
 * rounds; memory is the peak of the process after each side has run alone, the side of a run each first.
 */

import process from "node:process";
import { createHash } from "node:crypto";
import { PhaseTraining } from "../lib/models/training/step/phase_training.ts";
import type { LevelBatch, TrainingBatch } from "../lib/models/training/step/training_batch.ts";
import { seenShape } from "../lib/models/training/phase/view_batches.ts";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { definitionOf } from "../lib/models/models.ts";
import { parseDevice } from "../lib/runtime/device.ts";
import { elementCount, float32, hostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { bytesOf } from "../lib/tensor/values.ts";
import { IMAGENET } from "../lib/vision/normalize.ts";
import { type EpochCase, epochCase, EPOCHS } from "./epoch_case.ts";
import { modelOf, placeOf, ratesOf } from "./epoch_model.ts";
import { peakMemory } from "./peak_memory.ts";

const STEPS = 2;
const ACCUMULATE = 4;

const given = new Map(Deno.args.map((argument) => argument.split("=") as [string, string]));
const option = (name: string, otherwise: string) => given.get(name) ?? otherwise;
const device = parseDevice(option("device", "cpu"));
const threads = Number(option("threads", "1"));

type Side = "alone" | "together";

/** In milliseconds, of the fastest rounds. */
interface Time {
  readonly wall: number;
  readonly cpu: number;
}

function batchesOf(settings: EpochCase): (TrainingBatch | LevelBatch)[] {
  const { model: name, batch, views, size, classes } = settings;
  const shape = seenShape(definitionOf(name).sees, batch, { views, width: size, height: size });
  const model = modelOf(settings);
  return Array.from({ length: STEPS * ACCUMULATE }, (_, index) => {
    const stream = new RandomStream({ seed: 1, purpose: "pixels", index });
    const levels = Uint8Array.from({ length: elementCount(shape) }, () => stream.uint32() & 255);
    const labels = int64([shape[0]], Array.from({ length: shape[0] }, (_, i) => (i % batch) % classes));
    const rest = { labels, extra: model.extraValues(placeOf(index)) };
    return option("pixels", "float32") === "uint8"
      ? { x: hostTensor("uint8", shape, levels), colors: IMAGENET, ...rest }
      : { x: float32(shape, Float32Array.from(levels, (level) => level / 64 - 2)), ...rest };
  });
}

async function compare(name: string): Promise<void> {
  const settings = epochCase(option("size", "small"), name);
  const batches = batchesOf(settings);
  const rates = ratesOf(settings);
  const open = (stepsPerRun: number) => {
    const model = modelOf(settings);
    const state = untrained(model.initialState(1));
    return new PhaseTraining(state, {
      model,
      phase: settings.phase,
      accumulate: ACCUMULATE,
      device,
      threads,
      stepsPerRun,
    });
  };
  const trainings: Record<Side, PhaseTraining> = { alone: open(0), together: open(STEPS) };
  const run: Record<Side, () => Promise<unknown>> = {
    async alone() {
      for (const [i, batch] of batches.entries()) {
        await trainings.alone.microBatch(batch);
        if ((i + 1) % ACCUMULATE === 0) await trainings.alone.step(rates);
      }
    },
    together: () => trainings.together.takeSteps(batches, rates),
  };
  const fastest: Record<Side, Time> = {
    alone: { wall: Infinity, cpu: Infinity },
    together: { wall: Infinity, cpu: Infinity },
  };
  const peaks: number[] = [];
  for (let round = 0; round <= Number(option("rounds", "5")); round++) {
    for (const side of ["alone", "together"] as const) {
      const [start, before] = [performance.now(), process.cpuUsage()];
      await run[side]();
      const { user, system } = process.cpuUsage(before);
      // The first round compiles and allocates.
      if (round === 0) {
        peaks.push(peakMemory());
        continue;
      }
      const { wall, cpu } = fastest[side];
      fastest[side] = {
        wall: Math.min(wall, performance.now() - start),
        cpu: Math.min(cpu, (user + system) / 1000),
      };
    }
  }
  const digests = await Promise.all(Object.values(trainings).map(digestOf));
  const { alone, together } = fastest;
  const text = ({ wall, cpu }: Time) => `${wall.toFixed(0)} ms (${cpu.toFixed(0)} of CPU)`;
  const ratios = [alone.wall / together.wall, alone.cpu / together.cpu].map((ratio) => ratio.toFixed(2));
  console.log(
    `${name.padEnd(13)} ${device}: a run each ${text(alone)}, one run ${text(together)}: ` +
      `${ratios[0]} × (${ratios[1]} × by CPU time); peak memory ` +
      `${peaks.map((mb) => mb.toFixed(0)).join(", then ")} MB; ` +
      (digests[0] === digests[1] ? "the same bits" : "OTHER BITS"),
  );
}

async function digestOf(training: PhaseTraining): Promise<string> {
  const { model, optimiser } = await training.state();
  await training.release();
  const hash = createHash("sha256");
  for (const [name, value] of [...model, ...optimiser]) hash.update(name).update(bytesOf(value));
  return hash.digest("hex");
}

for (const name of option("models", EPOCHS.join()).split(",")) await compare(name);
