/** The content of a small study in a folder. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { readPrototypes } from "../../lib/models/projection/prototype_list.ts";
import { formatMaskSet, maskSet, maskSetFile } from "../../lib/segment/mask_set.ts";
import { mask } from "../../lib/vision/image.ts";
import { encodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { evaluationPath, type ReportContent, writeContent } from "./content.ts";

const ROWS = ["cub200-sam2", "cub200-pipnet"] as const;
const ACCURACIES = { "cub200-sam2": [75, 77], "cub200-pipnet": [60] } as const;

/**
 * Two rows that were run, the second a model whose prototypes belong to no class and have positions, and one that was not.
 * The names of all three are those of published rows.
 */
export function studyContent(folder: string): ReportContent {
  const { options, paths } = writeContent(folder);
  const each = (input: string, ...given: string[]) =>
    given.map((path, at) => ({ label: "seed=1", path: path || paths[input][0].path, row: ROWS[at], at }));
  return {
    options: {
      ...options,
      titles: {
        "cub200-sam2": "ProtoMask <SAM 2>",
        "cub200-protopool": "ProtoPool",
        "cub200-pipnet": "PIP-Net",
      },
    },
    paths: {
      data: paths.data,
      trainViews: paths.trainViews,
      testViews: paths.testViews,
      evaluations: evaluations(folder, paths.evaluations[0].path),
      saliency: each("saliency", "", ""),
      prototypeSaliency: each("prototypeSaliency", "", ""),
      prototypes: each("prototypes", "", writePositions(folder, paths.prototypes[0].path)),
      maskStatistics: each("maskStatistics", ""),
      masks: each("masks", writeMasks(folder, paths.data[0].path)),
    },
  };
}

function evaluations(folder: string, path: string) {
  const evaluation = readEvaluation(path);
  const withoutClasses = evaluation.prototypes.map(({ label: _, ...prototype }) => prototype);
  const runs = ROWS.flatMap((row) =>
    ACCURACIES[row].map((Accuracy, i) => ({
      ...evaluationPath(folder, `seed=${i + 1}`, {
        ...evaluation,
        results: { ...evaluation.results, Accuracy },
        regions: row === "cub200-pipnet" ? "boxes" : "masks",
        samples: evaluation.samples.map((sample, at) => ({ ...sample, values: { "VLC": at / 4 } })),
        ...(row === "cub200-pipnet" && { prototypes: withoutClasses }),
      }),
      row,
    }))
  );
  return runs.map((run, at) => ({ ...run, at }));
}

/** Two places of each prototype, the more similar one first. */
function writePositions(folder: string, projected: string): string {
  const positions = readPrototypes(projected).flatMap(({ prototype, sample }) =>
    [0.9, 0.5].map((similarity) => ({ prototype, sample, view: 0, position: [1, 0], similarity }))
  );
  const path = join(folder, "positions.json");
  writeFileSync(path, JSON.stringify(positions));
  return path;
}

/** Two masks of each image: its upper half, and the upper half of that. */
function writeMasks(folder: string, data: string): string {
  const masks = join(folder, "masks");
  Deno.mkdirSync(masks);
  const [width, height] = [48, 48];
  const upper = (share: number) => {
    const pixels = new Uint8Array(width * height).map((_, i) => Number(i < share * width * height));
    return { runs: encodeRunLengths(mask(width, height, pixels)) };
  };
  for (const sample of readDataSetIndex(data).samples) {
    const set = maskSet({ name: sample.name, width, height }, [upper(0.5), upper(0.25)]);
    writeFileSync(join(masks, maskSetFile(sample)), formatMaskSet(set));
  }
  return masks;
}
