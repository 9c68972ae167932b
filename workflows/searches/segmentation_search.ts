/** The search for the parameters of a segmentation method: how consistent its masks are on a few classes of CUB-200-2011. */
import type { WorkflowDefinition } from "protoflow";
import { SEARCH_SEED, SEGMENTATION_SPACES, TRIALS } from "./published_spaces.ts";
import { type SearchedParameters, searchTasks, suggested, trials } from "./search_tasks.ts";
import { studyRow } from "../study/study_row.ts";

type Method = keyof typeof SEGMENTATION_SPACES;

/** The classes of `cub200_mini`, on which the published search is said to have run. */
const CLASSES = 10;

/** The published names by those of the param `method`. */
const NAMES = {
  sam2: {
    "method.parameters.pointsPerSide": "points_per_side",
    "method.parameters.cropLayers": "crop_n_layers",
    "method.parameters.cropPointsDownscale": "crop_n_points_downscale_factor",
  },
  slit: { "method.threshold": "threshold" },
} as const;

const TITLES = { sam2: "SAM 2.1", slit: "SLIT" } as const;

/** The search for the method of that name. */
export function segmentationSearch(method: Method): WorkflowDefinition {
  const { tasks: all } = studyRow(`cub200-${method}`);
  const published: SearchedParameters = SEGMENTATION_SPACES[method];
  const named = Object.entries(NAMES[method]).map(([name, from]) => [name, published[from]]);
  const space: SearchedParameters = {
    "method.name": { type: "categorical", choices: [method] },
    ...Object.fromEntries(named),
  };
  const downloads = Object.entries(all).filter(([name]) => /^(archive|mask)-(?!statistics)/.test(name));
  return {
    name: `tune-segment-${method}`,
    about: `${
      TITLES[method]
    }: ${TRIALS.segmentation} trials of the published space, by the consistency of masks`,
    matrix: { trial: trials(TRIALS.segmentation) },
    tasks: {
      ...Object.fromEntries(downloads),
      data: { ...all.data, params: { ...all.data.params, classes: CLASSES } },
      masks: { ...all.masks, params: { method: suggested("method", { name: method }) } },
      "mask-statistics": all["mask-statistics"],
      ...searchTasks({
        title: `Search: masks of ${TITLES[method]}`,
        space,
        seed: SEARCH_SEED.others,
        objective: "consistency.reference",
        results: { figures: "mask-statistics.statistics", file: "statistics.json" },
      }),
    },
    result: "report.page",
    profiles: {
      smoke: {
        data: { classes: 3, limit: 2 },
        masks: { method: { name: "contour" } },
        matrix: { trial: trials(3) },
        suggest: { sampler: { startupTrials: 2 } },
      },
    },
  };
}
