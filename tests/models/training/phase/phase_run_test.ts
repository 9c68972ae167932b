/** What a phase refuses of its views before it trains. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readViewsIndex, ViewsFileError } from "../../../../lib/data/views/views_file.ts";
import { writeViews } from "../../../data/views/write_views.ts";
import {
  describeFewViews,
  ViewsMismatchError,
} from "../../../../lib/models/training/phase/initial_training.ts";
import { phaseParams } from "../../../../lib/models/training/phase/phase_params.ts";
import { runPhase } from "../../../../lib/models/training/phase/phase_run.ts";
import { untrained } from "../../../../lib/models/training/state/training_state.ts";
import { PROTOMASK_COEFS } from "../../../../lib/models/protomask.ts";
import { modelOf } from "../../../../lib/models/model_folder.ts";
import { z } from "zod";
import { tinyDescription } from "../tiny_training.ts";

const SIZE = 32;
const rectangle = { left: 0, top: 0, width: SIZE, height: SIZE };

/** Black views, one an image. */
function writeLabels(folder: string, labels: readonly number[]): void {
  const samples = labels.map((label, id) => ({
    id,
    name: `${id}.png`,
    label,
    width: SIZE,
    height: SIZE,
    rows: [{ mask: 0, rectangle }],
    views: [0],
  }));
  const { classes } = tinyDescription;
  writeViews(
    folder,
    {
      split: "train",
      width: SIZE,
      height: SIZE,
      viewsPerImage: 1,
      classes,
      classWeights: [1, 1, 1],
      samples,
    },
    labels.map(() => new Uint8Array(SIZE * SIZE * 3)),
  );
}

async function phaseOf(labels: readonly number[], batchSize: number): Promise<void> {
  const folder = Deno.makeTempDirSync();
  try {
    const views = join(folder, "views");
    Deno.mkdirSync(views);
    writeLabels(views, labels);
    const description = { ...tinyDescription, viewsPerImage: 1 };
    await runPhase({
      phase: "joint",
      start: { state: untrained(modelOf(description).initialState(1)), description },
      epochs: 1,
      params: {
        ...z.strictObject(phaseParams).parse({ seed: 1, batchSize, accumulateBatches: 1 }),
        model: { name: "protomask", coefs: { ...PROTOMASK_COEFS } },
      },
      fidelity: {},
      rates: { initial: 1e-3 },
      views,
      output: { state: join(folder, "state"), model: join(folder, "model"), log: join(folder, "log") },
      session: {},
      onProgress() {},
      onEpoch() {},
    });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

Deno.test("classes without an image are named before anything is trained", async () => {
  await assert.rejects(
    phaseOf([0, 0, 2, 2], 2),
    (error) => error instanceof ViewsMismatchError && /no image of 1 of 3 classes: b\./.test(error.message),
  );
});

Deno.test("an epoch that would end with a batch of one value a channel is refused at once", async () => {
  await assert.rejects(
    phaseOf([0, 1, 2, 0, 1], 4),
    (error) =>
      error instanceof ViewsMismatchError &&
      /^5 images in batches of 4 leave a last batch of one image.*more than one value per channel.*another batchSize$/
        .test(error.message),
  );
  await phaseOf([0, 1, 2, 0, 1], 5);
});

Deno.test("a split without images is no set of views", () => {
  const folder = Deno.makeTempDirSync();
  try {
    writeLabels(folder, []);
    assert.throws(
      () => readViewsIndex(folder),
      (error) => error instanceof ViewsFileError && /the split train has no image/.test(error.message),
    );
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("classes with fewer views than prototypes are named", () => {
  const sample = (label: number, rows: number) => ({
    label,
    rows: new Array(rows).fill({ mask: 0, rectangle }),
  });
  const views = { classes: ["a", "b"], samples: [sample(0, 2), sample(0, 1), sample(1, 2)] };
  assert.equal(describeFewViews(views as never, 2), undefined);
  assert.match(describeFewViews(views as never, 3)!, /^1 of 2 classes .* the fewest views 2.* equal: b$/);
});
