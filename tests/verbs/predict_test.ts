/** `predict` on the command line: what it says of test images is what their evaluation says, and bad input is named. */

import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readEvaluation } from "../../lib/evaluate/evaluation_file.ts";
import { Chromium, hasChromium } from "../report/chromium.ts";
import { assertLooksRight } from "../report/looks.ts";
import { sharedFolder } from "../shared.ts";
import { inRun, type Run } from "../tasks/run.ts";
import { assertAgrees, BACKBONE, evaluationTask, testPhotographs, viewTasks } from "./agreement.ts";

const phase = { epochs: 1, batchSize: 3, accumulateBatches: 1 };

/** A model that sees masks, and one that sees the object's box. */
const TASKS = {
  data: {
    kind: "dataset",
    params: { name: "birds", birds: { classes: 3, trainPerClass: 2, testPerClass: 1, size: 64 } },
  },
  masks: { kind: "segment", params: { method: { name: "contour" } }, inputs: { data: "data.data" } },
  ...viewTasks("masks", { through: "masks", numMasks: 3 }, { masks: "masks.masks" }),
  ...viewTasks("boxes", { through: "object" }, {}),
  start: {
    kind: "warm-up",
    params: {
      seed: 1,
      model: { name: "protomask", depth: 8, prototypesPerClass: 2 },
      backbone: BACKBONE,
      epochs: 0,
    },
    inputs: { views: "masks-train.views" },
  },
  project: { kind: "project", inputs: { state: "start.state", views: "masks-train.views" } },
  tune: {
    kind: "fine-tune",
    params: { seed: 1, model: { name: "protomask" }, ...phase },
    inputs: { state: "project.state", views: "masks-train.views" },
  },
  pip: {
    kind: "warm-up",
    params: { seed: 1, model: { name: "pipnet" }, backbone: BACKBONE, epochs: 0 },
    inputs: { views: "boxes-train.views" },
  },
  "pip-images": { kind: "prototype-images", inputs: { model: "pip.model", views: "boxes-train.views" } },
  "evaluate-masks": evaluationTask("masks-test", "tune"),
  "evaluate-boxes": evaluationTask("boxes-test", "pip"),
};

Deno.test("predict agrees with evaluate, by task and by folder, and shows its decisions", async (t) => {
  await inRun(async (run) => {
    const { code, err } = await run.run(TASKS);
    assert.equal(code, 0, err);
    const { folder: photos, tests } = await testPhotographs(run);

    await t.step("of a model that sees masks, a folder of photographs at once", async () => {
      const evaluation = readEvaluation(await run.get("evaluate-masks", "evaluation"));
      const named = await run.call("predict", "views.ts:tune", photos, "--json");
      assert.equal(named.code, 0, named.err);
      assertAgrees(named.events, tests.map(({ id }) => id), evaluation);
      const folder = join(run.folder, "model");
      assert.equal((await run.call("get", "views.ts", "tune.model", folder)).code, 0);
      const copied = await run.call("predict", folder, photos, "--json");
      assert.equal(copied.code, 0, copied.err);
      assert.deepEqual(copied.events, named.events);
      assert.match(named.events[0].decision.prototypes[0].image, /train/);
    });

    await t.step("of a model that sees the object's box", async () => {
      const evaluation = readEvaluation(await run.get("evaluate-boxes", "evaluation"));
      const [{ id, box }] = tests;
      const photo = join(photos, `${id}.png`);
      const boxed = await run.call("predict", "views.ts:pip", photo, "--box", box!.join(), "--json");
      assert.equal(boxed.code, 0, boxed.err);
      assert.equal(boxed.err, "");
      assertAgrees(boxed.events, [id], evaluation);
      assert.match(boxed.events[0].decision.prototypes[0].image, /train/);
      const folder = join(run.folder, "pip");
      assert.equal((await run.call("get", "views.ts", "pip.model", folder)).code, 0);
      const page = join(run.folder, "pip-page");
      const whole = await run.call("predict", folder, photo, "--page", page);
      const pictures = Deno.readTextFileSync(join(page, "index.html")).match(/<img /g)!.length;
      assert.equal(pictures, 1 + 4 * boxed.events[0].decision.prototypes.length);
      assert.equal(whole.code, 0, whole.err);
      assert.match(whole.err, /trained with the boxes of objects.*--box/);
      assert.match(
        whole.out,
        /% {2}00\d\..*\n.*\n.*\n {4}prototype \d+, which looks like \S+, has a similarity of .* and adds .* to 00\d/,
      );
    });

    await t.step("what can't be done is said in a line", () => assertRefusals(run, photos));
    await t.step("the page", () => assertPages(run, photos, tests.length));
  });
});

async function assertRefusals(run: Run, photos: string): Promise<void> {
  const empty = join(run.folder, "empty");
  mkdirSync(empty);
  const text = join(run.folder, "text.jpg");
  writeFileSync(text, "no image");
  const refused: [args: string[], code: number, message: RegExp][] = [
    [["views.ts:tune", "nothing.jpg"], 2, /^error: the photograph nothing\.jpg can't be read: /],
    [["views.ts:tune", empty], 2, /^error: the folder .*empty has no photographs/],
    [["views.ts:tune", text], 1, /^error: text\.jpg can't be classified: .*expected a JPEG or PNG/],
    [[empty, photos], 2, /^error: .*empty holds no model: model\.json is missing/],
    [
      ["views.ts", photos],
      2,
      /^error: views\.ts names 2 models; name one: 'views\.ts:tune', 'views\.ts:pip'/,
    ],
    [
      ["views.ts:tune", photos, "--box", "1,2,3,4"],
      2,
      /^error: --box is the box of one photograph, but 3 are given/,
    ],
  ];
  for (const [args, code, message] of refused) {
    const found = await run.call("predict", ...args);
    assert.match(found.err, message);
    assert.equal(found.code, code, found.err);
    assert.equal(found.err.trim().split("\n").length, 1, found.err);
  }
}

async function assertPages(run: Run, photos: string, count: number): Promise<void> {
  const shared = sharedFolder();
  const fresh = shared === undefined ? [] : [freshPhotograph(shared)];
  const folder = join(run.folder, "page");
  const { code, err, out } = await run.call("predict", "views.ts:tune", photos, ...fresh, "--page", folder);
  assert.equal(code, 0, err);
  assert.match(out, /open .*page\/index\.html\n$/);
  const all = count + fresh.length;
  const last = Deno.readTextFileSync(join(folder, `photographs/${all}.html`));
  assert.match(last, /<tr class="sum"><th scope="row" colspan="2">logit<\/th>/);
  if (!hasChromium) return;
  const images = (last.match(/<img /g) ?? []).length;
  assert.ok(images > 1 + 4, "the photograph, and four pictures of each line");
  const chromium = await Chromium.start();
  try {
    const url = (path: string) => pathToFileURL(join(folder, path)).href;
    await assertLooksRight(chromium, url("index.html"), { title: `${all} photographs`, images: all });
    const title = /<title>(.*?)<\/title>/.exec(last)![1];
    await assertLooksRight(chromium, url(`photographs/${all}.html`), { title, images });
  } finally {
    await chromium.close();
  }
}

function freshPhotograph(shared: string): string {
  const images = join(shared, "data/cub200-sample/CUB_200_2011/images/001.Groove_billed_Ani");
  return join(images, [...Deno.readDirSync(images)].map(({ name }) => name).sort()[0]);
}
