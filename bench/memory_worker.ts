/** Our side of bench/memory.ts: arguments `plain` or `again`, images, rounds, threads. */

import { createHash } from "node:crypto";
import process from "node:process";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { PhaseTraining } from "../lib/models/training/step/phase_training.ts";
import { Room } from "../lib/runtime/room.ts";
import { float32, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { bytesOf } from "../lib/tensor/values.ts";
import { epochCase } from "./epoch_case.ts";
import { modelOf, ratesOf } from "./epoch_model.ts";
import { peakMemory } from "./peak_memory.ts";

const [side, ...numbers] = Deno.args;
const [images, rounds, threads] = numbers.map(Number);
const settings = epochCase("resnet50", "protomask");
const model = modelOf(settings);
const room = new Room(side === "again" ? 0 : undefined);
const training = new PhaseTraining(untrained(model.initialState(1)), {
  model,
  phase: "joint",
  accumulate: 4,
  room,
  threads,
});
const shape = [images, 11, 3, 224, 224];
const pixels = new Float32Array(shape.reduce((a, b) => a * b));
new RandomStream({ seed: 1, purpose: "pixels" }).fillNormal(pixels, 0, 1);
const batch = {
  x: float32(shape, pixels),
  labels: int64([images], Array.from({ length: images }, (_, i) => i)),
};
const rates = ratesOf(settings);
let [ms, cpuMs] = [Infinity, Infinity];
for (let round = 0; round < rounds; round++) {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await training.microBatch(batch);
  await training.step(rates);
  const { user, system } = process.cpuUsage(cpu);
  ms = Math.min(ms, performance.now() - start);
  cpuMs = Math.min(cpuMs, (user + system) / 1000);
}
const peakMb = peakMemory();
const hash = createHash("sha256");
for (const [name, value] of await training.model()) hash.update(name).update(bytesOf(value));
await training.release();
console.log(JSON.stringify({ ms, cpuMs, peakMb, digest: hash.digest("hex") }));
