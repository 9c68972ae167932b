/** Our side of bench/epoch.ts: answers each command on stdin, one JSON object per line, with one line. */

import { createInterface } from "node:readline";
import process from "node:process";
import { writeViews } from "../lib/data/views/views_file.ts";
import type { PrototypeModel } from "../lib/models/prototypes/prototype_model.ts";
import { type Batches, trainEpoch } from "../lib/models/training/loop/epoch.ts";
import { ViewSet } from "../lib/models/training/phase/view_batches.ts";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { PhaseTraining, type TrainingBatch } from "../lib/models/training/step/phase_training.ts";
import { writeSafetensors } from "../lib/nn/checkpoint/safetensors_writer.ts";
import { float32, type HostTensor, hostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { oneView } from "../lib/vision/augment/views.ts";
import { IMAGENET, normalizeInto, normalizeTables } from "../lib/vision/normalize.ts";
import type { EpochSettings } from "./epoch.ts";
import { extraOf, modelOf } from "./epoch_model.ts";

/** The losses of an epoch: of its first batch, and the mean over its images. */
interface Losses {
  firstLoss?: number;
  loss?: number;
}

/** Runs an epoch from views in memory, through the loader with augmentation, or of the loader alone. */
interface Epochs {
  memory(): Promise<Losses>;
  loader(): Promise<Losses>;
  loading(): Promise<Losses>;
}

function prepare(settings: EpochSettings): Epochs {
  const { views, size, accumulate, images, classes, rates, threads, file, extra } = settings;
  const model = modelOf(settings);
  const state = model.initialState(1);
  const random = new RandomStream({ seed: 1, purpose: "pixels" });
  const pixels = new Uint8Array(images * views * size * size * 3);
  for (let i = 0; i < pixels.length; i++) pixels[i] = random.uint32() >>> 24;
  const labels = Array.from({ length: images }, (_, i) => i % classes);
  writeSafetensors(
    file,
    new Map<string, HostTensor>([
      ...state,
      ...extra.map((name) => [`extra ${name}`, ofFirstEpoch(settings, name)] as const),
      ["pixels", hostTensor("uint8", [images, views, size, size, 3], pixels)],
      ["labels", int64([images], labels)],
    ]),
  );
  const training = new PhaseTraining(untrained(state), { model, phase: "joint", accumulate, threads });
  const train = async (source: Batches): Promise<Losses> => {
    let firstLoss: number | undefined;
    const options = { rates, accumulate, leftOverGradients: "reference" } as const;
    const { means: { loss } } = await trainEpoch(training, source, {
      ...options,
      onBatch: (_, means) => firstLoss ??= means.loss,
    });
    return { firstLoss, loss };
  };
  const set = viewSet(settings, pixels, model);
  const recipe = oneView([["protomask", "medium"], ["photometric", "medium"]], "wrap");
  let [inMemory, loaded] = [0, 0];
  return {
    memory: () => train(batchesInMemory(settings, pixels, labels, inMemory++)),
    loader: () => train(set.shuffled(loaded++, recipe)),
    async loading() {
      for await (const _ of set.shuffled(loaded++, recipe));
      return {};
    },
  };
}

/** The extra input of all batches of the first epoch, along a new first axis. */
function ofFirstEpoch(settings: EpochSettings, name: string): HostTensor {
  const values = Array.from(
    { length: Math.ceil(settings.images / settings.batch) },
    (_, index) => extraOf(settings, { epoch: 0, index })[name],
  );
  const data = values.flatMap(({ data }) => Array.from(data as Float32Array));
  return float32([values.length, ...values[0].shape], data);
}

/** Normalises the views of each batch, and arranges them as the model sees them. */
function* batchesInMemory(
  settings: EpochSettings,
  pixels: Uint8Array,
  labels: readonly number[],
  epoch: number,
): Generator<TrainingBatch> {
  const { model, views, size, batch, images } = settings;
  const bytes = size * size * 3;
  const tables = normalizeTables(IMAGENET);
  const view = { width: size, height: size, channels: 3, order: "RGB" } as const;
  for (let from = 0; from < images; from += batch) {
    const count = Math.min(batch, images - from);
    const x = new Float32Array(count * views * bytes);
    for (let i = 0; i < count * views; i++) {
      const at = (from * views + i) * bytes;
      // PIP-Net sees all first views, then all second ones.
      const place = model === "pipnet" ? (i % 2) * count + (i >> 1) : i;
      normalizeInto({ ...view, data: pixels.subarray(at, at + bytes) }, tables, x, place * bytes);
    }
    const own = labels.slice(from, from + count);
    const all = model === "pipnet" ? [...own, ...own] : own;
    const shape = model === "protomask" ? [count, views] : [all.length];
    yield {
      x: float32([...shape, 3, size, size], x),
      labels: int64([all.length], all),
      extra: extraOf(settings, { epoch, index: from / batch }),
    };
  }
}

/** Writes the pixels to a file and opens it as a set of views. */
function viewSet(
  { images, views, size, batch, classes, model: name }: EpochSettings,
  pixels: Uint8Array,
  model: PrototypeModel,
): ViewSet {
  const folder = Deno.makeTempDirSync();
  const rectangle = { left: 0, top: 0, width: size, height: size };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: String(id),
    label: id % classes,
    width: size,
    height: size,
    firstRow: id * views,
    rows: Array.from({ length: views }, (_, mask) => ({ mask, rectangle })),
    views: Array.from({ length: views }, (_, view) => view),
  }));
  const names = Array.from({ length: classes }, String);
  const index = { split: "train", width: size, height: size, viewsPerImage: views, classes: names } as const;
  writeViews(folder, { ...index, classWeights: names.map(() => 1), samples }, [pixels]);
  const set = new ViewSet(folder, {
    colors: IMAGENET,
    batchSize: batch,
    sees: name === "protomask" ? "views" : "image",
    model,
    seed: 1,
  });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return set;
}

/** The peak resident memory of this process in MB, from Linux's /proc. */
function peakMemory(): number {
  const line = Deno.readTextFileSync("/proc/self/status").match(/VmHWM:\s+(\d+) kB/);
  return Number(line?.[1]) / 1024;
}

let epochs: Epochs | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  let losses: Losses = {};
  if (command.case) {
    epochs = prepare(command.case);
    // The peak is that of the epochs.
    Deno.writeTextFileSync("/proc/self/clear_refs", "5");
  } else {
    losses = await epochs![command.epoch as keyof Epochs]();
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, peakMb: peakMemory(), ...losses }));
}
Deno.exit();
