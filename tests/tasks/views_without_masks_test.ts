/** Images in which no mask is found, through the command line: named, and left out of the views where a param says so. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { readViewsIndex } from "../../lib/data/views/views_file.ts";
import { maskFolder } from "../../lib/segment/mask_index.ts";
import { image } from "../../lib/vision/image.ts";
import { encodePng } from "../../lib/vision/encode.ts";
import { inRun } from "./run.ts";

const SIZE = 48;

Deno.test("an image without masks is named, and left out where a param says so", async () => {
  await inRun(async (run) => {
    const birds = {
      kind: "dataset",
      params: { name: "birds", birds: { trainPerClass: 2, testPerClass: 1, classes: 2, size: SIZE } },
    };
    assert.equal((await run.run({ birds })).code, 0);
    const { samples } = readDataSetIndex(await run.get("birds", "data"));
    // Masks by the user: a square for every image but one.
    const square = image(SIZE, SIZE, "GRAY");
    for (let y = 8; y < 30; y++) square.data.fill(255, y * SIZE + 8, y * SIZE + 30);
    const [bare] = samples.filter(({ split }) => split === "train");
    const folder = join(run.folder, "mine");
    for (const { name } of samples) {
      const own = join(folder, maskFolder("hand", name));
      Deno.mkdirSync(own, { recursive: true });
      Deno.writeFileSync(join(own, "mask_0.png"), await encodePng(square));
    }
    const entries = samples.map(({ id }) => [id, { masks: id === bare.id ? {} : { 0: "mask_0.png" } }]);
    Deno.writeTextFileSync(
      join(folder, "segmentation_info.json"),
      JSON.stringify({ hand: Object.fromEntries(entries) }),
    );
    const tasks = (params: object) => ({
      birds,
      masks: {
        kind: "segment",
        params: { method: { name: "files", method: "hand" } },
        inputs: { data: "birds.data", masks: "folder:mine" },
      },
      statistics: { kind: "mask-statistics", inputs: { data: "birds.data", masks: "masks.masks" } },
      views: {
        kind: "crop-views",
        params: { split: "train", numMasks: 1, width: 16, height: 16, ...params },
        inputs: { data: "birds.data", masks: "masks.masks" },
      },
    });
    const failed = await run.run(tasks({}));
    assert.equal(failed.code, 1, failed.err + failed.out);
    const log = async (task: string) => (await run.call("log", "views.ts", task)).out;
    assert.ok((await log("masks")).includes(`warning: no mask was found in ${bare.name}`));
    assert.ok((await log("views")).includes(`${bare.name} has no mask`));
    assert.match(await log("views"), /withoutMasks: "leave-out"/);
    const statistics = JSON.parse(
      Deno.readTextFileSync(join(await run.get("statistics", "statistics"), "statistics.json")),
    );
    assert.deepEqual(statistics.withoutMasks, [bare.name]);

    const left = await run.run(tasks({ withoutMasks: "leave-out" }));
    assert.equal(left.code, 0, left.err + left.out);
    assert.ok(
      (await log("views")).includes(`warning: 1 images without masks are left out: ${bare.name}`),
      await log("views"),
    );
    const index = readViewsIndex(await run.get("views", "views"));
    assert.deepEqual(
      index.samples.map(({ name }) => name),
      samples.filter(({ id, split }) => split === "train" && id !== bare.id).map(({ name }) => name),
    );
  });
});
