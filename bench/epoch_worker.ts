/** Our side of bench/epoch.ts: answers each command on stdin, one JSON object per line, with one line. */

import { createInterface } from "node:readline";
import process from "node:process";
import { writeViews } from "../tests/data/views/write_views.ts";
import { definitionOf } from "../lib/models/models.ts";
import type { PrototypeModel } from "../lib/models/prototypes/prototype_model.ts";
import { type Batches, trainEpoch } from "../lib/models/training/loop/epoch.ts";
import { recipeFor, threadsFor, ViewSet } from "../lib/models/training/phase/view_batches.ts";
import { untrained } from "../lib/models/training/state/training_state.ts";
import { PhaseTraining } from "../lib/models/training/step/phase_training.ts";
import type { LevelBatch, TrainingBatch } from "../lib/models/training/step/training_batch.ts";
import { writeSafetensors } from "../lib/nn/checkpoint/safetensors_writer.ts";
import { float32, type HostTensor, hostTensor, int64 } from "../lib/tensor/host_tensor.ts";
import { RandomStream } from "../lib/tensor/random.ts";
import { IMAGENET, normalizeInto, normalizeTables } from "../lib/vision/normalize.ts";
import type { EpochSettings } from "./epoch.ts";
import { modelOf, placeOf } from "./epoch_model.ts";
import { peakMemory, resetPeakMemory } from "./peak_memory.ts";

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
  const { views, size, phase, accumulate, images, classes, rates, threads, file, extra } = settings;
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
      ...extra.map((name) => [`extra ${name}`, ofFirstEpoch(settings, model, name)] as const),
      ["pixels", hostTensor("uint8", [images, views, size, size, 3], pixels)],
      ["labels", int64([images], labels)],
    ]),
  );
  const training = new PhaseTraining(untrained(state), { model, phase, accumulate, threads });
  const train = async (source: Batches<TrainingBatch | LevelBatch>): Promise<Losses> => {
    let firstLoss: number | undefined;
    const options = { rates, accumulate, leftOverGradients: "reference" } as const;
    const { means: { loss } } = await trainEpoch(training, source, {
      ...options,
      onBatch: (_, means) => firstLoss ??= means.loss,
    });
    return { firstLoss, loss };
  };
  const set = viewSet(settings, pixels, model);
  const { sees, study } = definitionOf(settings.model);
  const recipe = recipeFor(sees, study.augmentation, "wrap");
  let [inMemory, loaded] = [0, 0];
  return {
    memory: () => train(batchesInMemory(settings, model, pixels, labels, inMemory++)),
    loader: () => train(set.shuffled(loaded++, recipe)),
    async loading() {
      for await (const _ of set.shuffled(loaded++, recipe));
      return {};
    },
  };
}

/** The extra input of all batches of the first epoch, along a new first axis. */
function ofFirstEpoch({ images, batch }: EpochSettings, model: PrototypeModel, name: string): HostTensor {
  const values = Array.from(
    { length: Math.ceil(images / batch) },
    (_, index) => model.extraValues(placeOf(index))[name],
  );
  const data = values.flatMap(({ data }) => Array.from(data as Float32Array));
  return float32([values.length, ...values[0].shape], data);
}

/** Normalises the views of each batch, and arranges them as the model sees them. */
function* batchesInMemory(
  { model: name, views, size, batch, images }: EpochSettings,
  model: PrototypeModel,
  pixels: Uint8Array,
  labels: readonly number[],
  epoch: number,
): Generator<TrainingBatch> {
  const { sees } = definitionOf(name);
  const bytes = size * size * 3;
  const tables = normalizeTables(IMAGENET);
  const view = { width: size, height: size, channels: 3, order: "RGB" } as const;
  for (let from = 0; from < images; from += batch) {
    const count = Math.min(batch, images - from);
    const x = new Float32Array(count * views * bytes);
    for (let i = 0; i < count * views; i++) {
      const at = (from * views + i) * bytes;
      // All first views of pairs come before all second ones.
      const place = sees === "pair" ? (i % 2) * count + (i >> 1) : i;
      normalizeInto({ ...view, data: pixels.subarray(at, at + bytes) }, tables, x, place * bytes);
    }
    const own = labels.slice(from, from + count);
    const all = sees === "pair" ? [...own, ...own] : own;
    const shape = sees === "views" ? [count, views] : [all.length];
    yield {
      x: float32([...shape, 3, size, size], x),
      labels: int64([all.length], all),
      extra: model.extraValues(placeOf((epoch * images + from) / batch)),
    };
  }
}

/** Writes the pixels to a file and opens it as a set of views; a pair is two augmentations of one view. */
function viewSet(
  { images, views: stored, size, batch, classes, model: name, threads }: EpochSettings,
  pixels: Uint8Array,
  model: PrototypeModel,
): ViewSet {
  const { sees } = definitionOf(name);
  const views = sees === "pair" ? 1 : stored;
  const folder = Deno.makeTempDirSync();
  const bytes = views * size * size * 3;
  const rectangle = { left: 0, top: 0, width: size, height: size };
  const samples = Array.from({ length: images }, (_, id) => ({
    id,
    name: String(id),
    label: id % classes,
    width: size,
    height: size,
    rows: Array.from({ length: views }, (_, mask) => ({ mask, rectangle })),
    views: Array.from({ length: views }, (_, view) => view),
  }));
  const names = Array.from({ length: classes }, String);
  const index = { split: "train", width: size, height: size, viewsPerImage: views, classes: names } as const;
  writeViews(
    folder,
    { ...index, classWeights: names.map(() => 1), samples },
    samples.map((_, i) => pixels.subarray(i * bytes, (i + 1) * bytes)),
  );
  const set = new ViewSet(folder, {
    colors: IMAGENET,
    batchSize: batch,
    sees,
    model,
    seed: 1,
    threads: threadsFor({ threads }, true),
  });
  globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
  return set;
}

let epochs: Epochs | undefined;
for await (const line of createInterface({ input: process.stdin })) {
  const command = JSON.parse(line);
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  let losses: Losses = {};
  if (command.case) {
    epochs = prepare(command.case);
    // The peak is that of the epochs.
    resetPeakMemory();
  } else {
    losses = await epochs![command.epoch as keyof Epochs]();
  }
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  console.log(JSON.stringify({ ms, cpuMs: (user + system) / 1000, peakMb: peakMemory(), ...losses }));
}
Deno.exit();
