/** The workflow of one row of the study, with the published parameters and the four seeds. */
import type { TaskDefinition, WorkflowDefinition } from "protoflow";
import { archives } from "../archives.ts";
import { maskModels, resNet50 } from "../weights.ts";
import { type Chain, chain, chainReport } from "./chain.ts";
import { columnOf, PUBLISHED, SEEDS } from "./published_parameters.ts";
import { rowParams } from "./row_params.ts";
import { DATA_SETS, type Input, rowNamed, type StudyRow } from "./rows.ts";
import { smokeOf } from "./smoke.ts";
import { ofMasks } from "./stages.ts";

type Tasks = Record<string, TaskDefinition>;

/** What the models see, for a sentence. */
const SEEN: Readonly<Record<Input, string>> = {
  sam2: "views through masks by SAM 2.1",
  slit: "views through masks by SLIT",
  object: "images cropped to the object",
  image: "whole images",
};

/** The workflow of the row of that name. */
export function studyRow(name: string): WorkflowDefinition {
  const row = rowNamed(name);
  const options = studyChain(row);
  const report = chainReport(options, `${row.title}: ${name}`);
  const tasks: Tasks = {
    ...dataTasks(row),
    ...(row.model === "protomask" ? maskedViews(row) : imageViews(row)),
    "backbone-weights": { kind: "download", params: resNet50 },
    ...chain(options),
    report: {
      ...report,
      params: { ...report.params, rows: { evaluations: [name] } },
      inputs: {
        ...report.inputs,
        ...(row.model === "protomask" && ofMasks),
      },
    },
  };
  return {
    name,
    about: `${row.title} on ${DATA_SETS[row.data]}, from ${SEEN[row.input]}, as published`,
    matrix: { seed: [...SEEDS] },
    tasks,
    result: "report.page",
    profiles: {
      paper: { matrix: { seed: [...SEEDS] } },
      smoke: { matrix: { seed: [SEEDS[0]] }, ...smokeOf(row.model, tasks) },
    },
  };
}

/** A download task `<prefix>-<file>` for each file, and the inputs of the task that uses the files. */
function downloads(prefix: string, files: Readonly<Record<string, Readonly<Record<string, unknown>>>>) {
  const named = Object.entries(files);
  const tasks: Tasks = Object.fromEntries(
    named.map(([file, params]) => [`${prefix}-${file}`, { kind: "download", params }]),
  );
  return { tasks, inputs: Object.fromEntries(named.map(([file]) => [file, `${prefix}-${file}.data`])) };
}

function dataTasks({ data }: StudyRow): Tasks {
  const { tasks, inputs } = downloads("archive", archives[DATA_SETS[data]]);
  return { ...tasks, data: { kind: "dataset", params: { name: DATA_SETS[data] }, inputs } };
}

function maskedViews({ column }: StudyRow): Tasks {
  const published = columnOf(PUBLISHED.protomask, column);
  const name = published.segmentation_method;
  const { tasks, inputs } = downloads("mask", maskModels[name]);
  const views = {
    numMasks: published.num_masks,
    crop: published.crop_input,
    fill: published.fill_background_method,
    minBoxShare: published.min_bbox_size,
  };
  const masked = { data: "data.data", masks: "masks.masks" };
  return {
    ...tasks,
    masks: { kind: "segment", params: { method: { name } }, inputs: { data: "data.data", ...inputs } },
    "mask-statistics": { kind: "mask-statistics", inputs: masked },
    "train-views": { kind: "crop-views", params: { split: "train", ...views }, inputs: masked },
    "test-views": { kind: "crop-views", params: { split: "test", ...views }, inputs: masked },
  };
}

function imageViews({ input: through }: StudyRow): Tasks {
  const views = (split: "train" | "test"): TaskDefinition => ({
    kind: "crop-views",
    params: { split, through },
    inputs: { data: "data.data" },
  });
  return { "train-views": views("train"), "test-views": views("test") };
}

function studyChain(row: StudyRow): Chain {
  const { warmUp, joint, fineTune } = rowParams(row);
  const { batchSize } = joint;
  return {
    title: row.title,
    weights: "backbone-weights",
    warmUp: { ...warmUp, backbone: { weights: "file" } },
    joint,
    ...((row.model === "protomask" || row.model === "protopnet") && { project: { batchSize } }),
    fineTune,
    selectsOnTest: true,
    fidelity: "reference",
    evaluatedBatch: batchSize,
  };
}
