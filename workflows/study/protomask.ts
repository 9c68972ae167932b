/**
 * ProtoMask as in the study: the published parameters, the differences between its six experiments, and the
 * four seeds. The stages and their order are declared once and shared by all experiments.
 */
import { axis, defineWorkflow } from "protoflow";
import { archives } from "../archives.ts";
import { maskModels, resNet50 } from "../weights.ts";
import { explanationStages, reportStage } from "./stages.ts";

export interface Study {
  readonly dataSet: "cub200" | "dogs" | "cars196";
  readonly masks: "sam2" | "slit";
  /** The number of views per image: the average number of masks that cover more than 1 % of an image. */
  readonly numMasks: number;
  /** Initial learning rates of the joint phase. */
  readonly learningRates: { readonly backbone: number; readonly prototype_vectors: number };
  /** The learning rates of the joint phase are halved every `stepSize` epochs. */
  readonly stepSize: number;
}

const SEEDS = [4871, 7579, 9307, 1653] as const;
const METHODS = { sam2: { name: "sam2" }, slit: { name: "slit" } } as const;

type KeyOf<T> = T extends unknown ? keyof T & string : never;
type Archive = KeyOf<typeof archives[keyof typeof archives]>;
type MaskFile = KeyOf<typeof maskModels[keyof typeof maskModels]>;

/** A download task `<prefix>-<file>` for each file, and the inputs of the task that uses the files. */
function downloads<Prefix extends string, File extends string>(
  prefix: Prefix,
  files: Record<string, { readonly urls: readonly string[] }>,
) {
  const named = Object.entries(files);
  // The types contain the files of all experiments, but a workflow has only its own.
  return {
    tasks: Object.fromEntries(
      named.map(([file, params]) => [`${prefix}-${file}`, { kind: "download", params }]),
    ) as Record<`${Prefix}-${File}`, { kind: "download"; params: typeof resNet50 }>,
    inputs: Object.fromEntries(
      named.map(([file]) => [file, `${prefix}-${file}.data`]),
    ) as Record<File, `${Prefix}-${File}.data`>,
  };
}

/** The workflow of one experiment. */
export function protoMaskStudy(
  name: string,
  { dataSet, masks, numMasks, learningRates, stepSize }: Study,
) {
  const published = downloads<"archive", Archive>("archive", archives[dataSet]);
  const model = downloads<"mask", MaskFile>("mask", maskModels[masks]);
  const views = { data: "data.data", masks: "masks.masks" } as const;
  return defineWorkflow({
    name,
    about: `ProtoMask on ${dataSet} with masks by ${masks}, as published`,
    matrix: { seed: [...SEEDS] },
    tasks: {
      ...published.tasks,
      ...model.tasks,
      "backbone-weights": { kind: "download", params: resNet50 },
      data: { kind: "dataset", params: { name: dataSet }, inputs: published.inputs },
      masks: {
        kind: "segment",
        params: { method: METHODS[masks] },
        inputs: { data: "data.data", ...model.inputs },
      },
      "mask-statistics": { kind: "mask-statistics", inputs: views },
      "train-views": { kind: "crop-views", params: { split: "train", numMasks }, inputs: views },
      "test-views": { kind: "crop-views", params: { split: "test", numMasks }, inputs: views },
      "warm-up": {
        kind: "warm-up",
        params: { seed: axis("seed"), model: { name: "protomask" }, backbone: { weights: "file" } },
        inputs: { views: "train-views.views", weights: "backbone-weights.data" },
      },
      joint: {
        kind: "joint",
        params: { seed: axis("seed"), model: { name: "protomask", learningRates }, schedule: { stepSize } },
        inputs: { state: "warm-up.state", views: "train-views.views", validation: "test-views.views" },
      },
      project: { kind: "project", inputs: { state: "joint.state", views: "train-views.views" } },
      "fine-tune": {
        kind: "fine-tune",
        params: { seed: axis("seed"), model: { name: "protomask" } },
        inputs: { state: "project.state", views: "train-views.views", validation: "test-views.views" },
      },
      ...explanationStages("reference"),
      report: reportStage(`ProtoMask: ${name}`),
    },
    result: "report.page",
    profiles: {
      paper: { matrix: { seed: [...SEEDS] } },
      smoke: {
        matrix: { seed: [SEEDS[0]] },
        data: { classes: 3, limit: 4 },
        masks: { method: { name: "contour" } },
        "train-views": { numMasks: 3, width: 64, height: 64 },
        "test-views": { numMasks: 3, width: 64, height: 64 },
        "warm-up": {
          backbone: { weights: "random", block: "basic", layers: [1, 1, 1, 1], width: 8 },
          model: { depth: 32, prototypesPerClass: 2 },
        },
        // Twelve images are three batches, and each batch is a step.
        joint: { epochs: 2, batchSize: 4, accumulateBatches: 1, validateEvery: 2, segment: 1 },
        "fine-tune": { epochs: 1, batchSize: 4, accumulateBatches: 1, validateEvery: 3 },
        prp: { prototypes: 2 },
        evaluate: { k: 2 },
      },
    },
  });
}
