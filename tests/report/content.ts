/** A small report's content in a folder: drawn birds under names that try to break out of the page. */

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_BIRDS } from "../../lib/data/birds/bird_spec.ts";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { type Sample, samplesOf, type Split } from "../../lib/data/data_set.ts";
import { writeDataSet } from "../../lib/data/data_set_index.ts";
import { writeViews } from "../data/views/write_views.ts";
import { encodeSaliency, writeSaliencyIndex } from "../../lib/explain/saliency_files.ts";
import type { EpochRecord } from "../../lib/models/training/state/epoch_record.ts";
import { type Evaluation, writeEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import type { LabelledPath } from "../../lib/report/page/report_files.ts";
import type { ReportOptions } from "../../lib/report/page/section.ts";
import { report } from "../../lib/report/report.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";

/** Ends every context that it is put into. */
export const HOSTILE =
  `x"'--></script></style></title><script>window.broken=1</script><img src=x onerror="broken=1">`;

export async function inFolder(work: (folder: string) => Promise<void> | void): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    await work(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** The arguments of a page. */
export interface ReportContent {
  readonly options: ReportOptions;
  readonly paths: Readonly<Record<string, readonly LabelledPath[]>>;
}

/** The files of a report by path. */
export async function reportFiles(
  { options, paths }: ReportContent,
): Promise<Map<string, string | Uint8Array>> {
  const files = new Map<string, string | Uint8Array>();
  for await (const { path, content } of report(options, paths)) files.set(path, content);
  return files;
}

/** The text of a page. */
export async function pageOf(content: ReportContent, path = "index.html"): Promise<string> {
  return (await reportFiles(content)).get(path) as string;
}

/** Writes an evaluation, and its path under the label of its run. */
export function evaluationPath(folder: string, label: string, evaluation: Evaluation): LabelledPath {
  const path = join(folder, `${crypto.randomUUID()}.json`);
  writeEvaluation(path, evaluation);
  return { label, path };
}

const SIDE = 16;
const VIEWS = 2;
const PROTOTYPES = [0, 1, 2, 3];

export function writeContent(folder: string): ReportContent {
  const drawn = join(folder, "drawn");
  writeBirds(drawn, { ...DEFAULT_BIRDS, classes: 2, trainPerClass: 2, testPerClass: 2, size: 48 });
  const birds = readCub200(drawn);
  const classes = [
    HOSTILE,
    "A very long name of a class that has to be broken into lines".replaceAll(" ", "_"),
  ];
  const data = join(folder, "data");
  mkdirSync(data);
  writeDataSet(data, "birds", { ...birds, classes });
  const views = (split: Split) => writeSplit(join(folder, split), classes, samplesOf(birds, split), split);
  const [trainViews, testViews] = [views("train"), views("test")];
  const train = samplesOf(birds, "train");
  const sources = PROTOTYPES.map((prototype) => ({
    prototype,
    sample: train[prototype].id,
    view: prototype % VIEWS,
    distance: 0.5 * prototype,
  }));
  const explained = (name: string, split: Split, prototypes: (sample: number) => number[]) =>
    writeSaliency(join(folder, name), samplesOf(birds, split), split, prototypes);
  const evaluation = evaluationOf(classes, samplesOf(birds, "test"));
  const epochs = [0, 1, 2].map((epoch): EpochRecord => ({
    epoch,
    phase: epoch < 2 ? "joint" : "fine_tune",
    rates: {},
    saved: false,
    train: { cluster_cost: 4 - epoch, loss: 3 - epoch, accuracy: 0.3 * epoch },
    ...(epoch === 1 && { validation: { loss: 2.5, accuracy: 0.25 } }),
  }));
  const file = (name: string, text: string) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const statistics = {
    images: 8,
    withoutMasks: [],
    masksPerImage: { least: 2, mean: 2.5, most: 3 },
    masksToKeep: 2,
    sizeByRank: [0.6, 0.1, 0.004],
    overlapByRank: [0.2, 0.9, 1],
    quality: { objectBoxIou: 0.5 },
  };
  file("statistics.json", JSON.stringify(statistics));
  const log = file("epochs.jsonl", epochs.map((epoch) => JSON.stringify(epoch)).join("\n"));
  const one = (path: string) => [{ label: HOSTILE, path }];
  return {
    options: { title: HOSTILE, model: HOSTILE, titles: {}, average: ["seed"], prototypes: 3, images: 3 },
    paths: {
      data: one(data),
      evaluations: ["seed=1", HOSTILE].map((label) => evaluationPath(folder, label, evaluation)),
      logs: ["seed=1", HOSTILE].map((label) => ({ label, path: log })),
      maskStatistics: [...one(folder), ...one(folder)],
      trainViews: one(trainViews),
      testViews: one(testViews),
      prototypes: one(file("prototypes.json", JSON.stringify(sources))),
      saliency: one(explained("saliency", "test", () => PROTOTYPES)),
      prototypeSaliency: one(explained(
        "prototype-saliency",
        "train",
        (id) => sources.filter(({ sample }) => sample === id).map(({ prototype }) => prototype),
      )),
    },
  };
}

function writeSplit(folder: string, classes: string[], samples: readonly Sample[], split: Split): string {
  mkdirSync(folder);
  const index = samples.map(({ id, label }) => ({
    id,
    name: HOSTILE,
    label,
    width: 48,
    height: 48,
    rows: Array.from({ length: VIEWS }, (_, mask) => ({
      mask,
      rectangle: { left: 4 * mask, top: 8, width: 24, height: 12 },
    })),
    views: Array.from({ length: VIEWS }, (_, view) => view),
  }));
  const bytes = VIEWS * SIDE * SIDE * 3;
  writeViews(
    folder,
    { split, width: SIDE, height: SIDE, viewsPerImage: VIEWS, classes, classWeights: [1, 1], samples: index },
    samples.map((_, i) => new Uint8Array(bytes).map((_, at) => (7 * at + 31 * i) % 256)),
  );
  return folder;
}

function writeSaliency(
  folder: string,
  samples: readonly Sample[],
  split: Split,
  prototypesOf: (sample: number) => number[],
): string {
  mkdirSync(folder);
  for (const { id } of samples) {
    const prototypes = prototypesOf(id);
    const shape = [prototypes.length, SIDE, SIDE];
    const maps = float32(
      shape,
      new Float32Array(prototypes.length * SIDE * SIDE).map((_, i) => i % 40 === 0 ? i : 0),
    );
    const bytes = encodeSaliency({
      logits: float32([2], [1, 0]),
      scores: float32([4], [3, 2.5, 2, 1.5]),
      places: [1, 1, 1, 1],
      grid: [2, 1],
      prototypes,
      similarities: prototypes.map(() => 2.5),
      views: prototypes.map(() => 1),
      maps,
      viewMaps: maps,
    });
    writeFileSync(join(folder, `${id}.gz`), bytes);
  }
  writeSaliencyIndex(folder, {
    method: "prp",
    frame: "image",
    seed: 0,
    percentile: 95,
    split,
    width: SIDE,
    height: SIDE,
    samples: samples.map(({ id, label }) => ({ id, name: HOSTILE, label, file: `${id}.gz` })),
  });
  return folder;
}

export function evaluationOf(classes: string[], samples: readonly Sample[]): Evaluation {
  return {
    split: "test",
    k: 4,
    batchSize: 16,
    fidelity: {},
    classes,
    results: { "Accuracy": 75, "F1 score": 70.123, "NPR": Infinity, "VLC": 12.5 },
    omitted: { "Consistency": HOSTILE },
    explained: samples.length,
    method: "prp",
    samples: samples.map(({ id, label }, i) => ({
      id,
      name: HOSTILE,
      label,
      isCorrect: i !== 1,
      isInTop3: true,
      classes: [{ label: i === 1 ? 1 - label : label, logit: 2 }],
      decision: {
        against: i === 1 ? label : 1 - label,
        logits: [2, 1.5],
        prototypes: PROTOTYPES.slice(0, 3).map((prototype) => ({
          prototype,
          score: 3 - prototype / 2,
          view: 1,
          weights: [0.3, 0.1 * prototype],
        })),
        rest: [-0.25, 0.6],
      },
      top: PROTOTYPES.map((prototype) => ({ prototype, similarity: 3 - prototype / 2, view: 1 })),
      values: {},
    })),
    prototypes: PROTOTYPES.map((prototype) => ({
      prototype,
      label: prototype >> 1,
      weight: 1,
      isActive: prototype !== 3,
      occurrences: prototype === 3 ? 0 : 2,
      nearest: { prototype: prototype ^ 1, difference: prototype < 2 ? 0.001 : 0.5 },
    })),
    partRemoval: {
      comparisons: [{
        prototypes: "first",
        parts: "image",
        cases: 4,
        aboveMean: { share: 0.75, chance: 0.5, biggest: 0.25 },
        largest: { share: 0.5, chance: NaN, biggest: 0 },
      }],
      cases: [],
    },
  };
}
