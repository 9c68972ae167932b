/** The kinds of this project by name. To add a kind, add its file to this folder and a line to `kinds`. */
import type { KindRegistry } from "../lib/flow/kind.ts";

/** The kinds by name, each imported when first needed. */
export const kinds = {
  "best-trial": () => import("./best_trial.ts"),
  calibrate: () => import("./calibrate.ts"),
  command: () => import("./command.ts"),
  "crop-views": () => import("./crop_views.ts"),
  dataset: () => import("./dataset.ts"),
  download: () => import("./download.ts"),
  embed: () => import("./embed.ts"),
  evaluate: () => import("./evaluate.ts"),
  "fine-tune": () => import("./fine_tune.ts"),
  joint: () => import("./joint.ts"),
  "mask-statistics": () => import("./mask_statistics.ts"),
  "median-rule": () => import("./median_rule.ts"),
  project: () => import("./project.ts"),
  "prototype-images": () => import("./prototype_images.ts"),
  prp: () => import("./prp.ts"),
  prune: () => import("./prune.ts"),
  report: () => import("./report.ts"),
  "search-report": () => import("./search_report.ts"),
  segment: () => import("./segment.ts"),
  suggest: () => import("./suggest.ts"),
  trial: () => import("./trial.ts"),
  tune: () => import("./tune.ts"),
  "warm-up": () => import("./warm_up.ts"),
};

/** What tasks of a kind need of the machine, and what they cost. */
const demands = {
  calibrate: () => import("./demands/calibrate.ts"),
  "crop-views": () => import("./demands/crop_views.ts"),
  dataset: () => import("./demands/dataset.ts"),
  download: () => import("./demands/download.ts"),
  embed: () => import("./demands/embed.ts"),
  evaluate: () => import("./demands/evaluate.ts"),
  "fine-tune": () => import("./demands/fine_tune.ts"),
  joint: () => import("./demands/joint.ts"),
  "mask-statistics": () => import("./demands/mask_statistics.ts"),
  project: () => import("./demands/project.ts"),
  "prototype-images": () => import("./demands/prototype_images.ts"),
  prp: () => import("./demands/prp.ts"),
  prune: () => import("./demands/prune.ts"),
  report: () => import("./demands/report.ts"),
  segment: () => import("./demands/segment.ts"),
  tune: () => import("./demands/tune.ts"),
  "warm-up": () => import("./demands/warm_up.ts"),
};

/** The recipe beside a model, with which photographs are classified. */
const model = { output: "model", load: () => import("./companions/model.ts") };

/** The kinds with their folder, demands, figures and calibration, for the engine. */
export const registry: KindRegistry = {
  folder: new URL("./", import.meta.url),
  kinds,
  demands,
  figures: {
    "best-trial": { output: "best" },
    command: { output: "figures" },
    evaluate: { output: "evaluation", field: "results" },
  },
  curves: {
    "fine-tune": { output: "log", step: "epoch" },
    command: { output: "curves", step: "epoch" },
    joint: { output: "log", step: "epoch" },
    "warm-up": { output: "log", step: "epoch" },
  },
  standings: [{
    outputs: { suggest: "suggestion", trial: "trial" },
    load: () => import("./companions/search.ts"),
  }],
  pictures: {
    dataset: { output: "data", files: /^images\/.*\.(jpe?g|png)$/, most: 8 },
    "crop-views": { output: "views", files: /^sheet\.png$/, most: 1 },
  },
  companions: { joint: model, "fine-tune": model, prune: model, "warm-up": model },
  models: {
    module: new URL("../lib/models/own_model.ts", import.meta.url),
    list: new URL("../lib/models/model_list.ts", import.meta.url),
    param: "model.name",
    described: { file: "model.json", field: "model" },
  },
  calibration: { kind: "calibrate", output: "speed" },
};
