/** The suites of conformance cases and the modules that run their kinds. */

import type { Runner } from "./case.ts";

/** Each module's `runners` maps a kind to what computes it; a module is loaded when a case needs it. */
export const SUITES: Readonly<Record<string, () => Promise<{ runners: Record<string, Runner> }>>> = {
  augment: () => import("./suites/augment.ts"),
  ops: () => import("./suites/ops.ts"),
  layers: () => import("./suites/layers.ts"),
  backbone: () => import("./suites/backbone.ts"),
  images: () => import("./suites/images.ts"),
  datasets: () => import("./suites/datasets.ts"),
  masks: () => import("./suites/masks.ts"),
  tables: () => import("./suites/tables.ts"),
  metrics: () => import("./suites/metrics.ts"),
  views: () => import("./suites/views.ts"),
  weights: () => import("./suites/weights.ts"),
  init: () => import("./suites/init.ts"),
  sam2: () => import("./suites/sam2.ts"),
  slit: () => import("./suites/slit.ts"),
  optim: () => import("./suites/optim.ts"),
  training: () => import("./suites/training.ts"),
  projection: () => import("./suites/projection.ts"),
  pipeline: () => import("./suites/pipeline.ts"),
  prp: () => import("./suites/prp.ts"),
  tuning: () => import("./suites/tuning.ts"),
  models: () => import("./suites/models.ts"),
};

/** The runner of `kind` ("suite.name"), or undefined where there is none. */
export async function runnerOf(kind: string): Promise<Runner | undefined> {
  const [suite] = kind.split(".");
  if (!Object.hasOwn(SUITES, suite)) return undefined;
  const { runners } = await SUITES[suite]();
  return Object.hasOwn(runners, kind) ? runners[kind] : undefined;
}
