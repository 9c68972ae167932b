/** A changed annotation reruns the items of its own image, of those tasks that read it. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { hasStrace } from "../flow/faults/system_calls.ts";
import { inRun, type Run } from "./run.ts";

const IMAGE = "00001-train_0001";

function masks(method: object) {
  return { kind: "segment", params: { method }, inputs: { data: "data.data" } };
}

const TASKS = {
  data: { kind: "dataset", params: { name: "cub200" }, inputs: { images: "folder:birds" } },
  patches: masks({ name: "patches" }),
  boxes: masks({ name: "annotated", of: "boxes" }),
  objects: masks({ name: "annotated", of: "objects" }),
  parts: masks({ name: "annotated", of: "parts" }),
  statistics: {
    kind: "mask-statistics",
    params: {},
    inputs: { data: "data.data", masks: "objects.masks" },
  },
  views: {
    kind: "crop-views",
    params: { split: "train", through: "object", width: 16, height: 16 },
    inputs: { data: "data.data" },
  },
};

/** The items that run once the line of an annotation file that begins with `line` is another. */
async function newItemsAfter(run: Run, file: string, line: string, change: (words: string[]) => string[]) {
  const path = join(run.folder, "birds", file);
  const lines = Deno.readTextFileSync(path).split("\n");
  const at = lines.findIndex((one) => one.startsWith(line));
  Deno.writeTextFileSync(path, lines.with(at, change(lines[at].split(" ")).join(" ")).join("\n"));
  return await run.newItems(async () => {
    const { code, out, err } = await run.run(TASKS);
    assert.equal(code, 0, err + out);
  });
}

Deno.test("a changed annotation of one image reruns that image alone, where it matters", async () => {
  await inRun(async (run) => {
    const birds = { seed: 1, classes: 2, trainPerClass: 2, testPerClass: 1, size: 48 };
    writeBirds(join(run.folder, "birds"), birds);
    const all = await run.newItems(() => run.run(TASKS));
    assert.deepEqual(
      Object.entries(all).map(([kind, items]) => [kind, items.length]).sort(),
      [["crop-views", 4], ["mask-statistics", 6], ["segment", 24]],
    );

    const narrower = ([id, x, y, width, height]: string[]) => [id, x, y, `${Number(width) - 2}.0`, height];
    assert.deepEqual(await newItemsAfter(run, "bounding_boxes.txt", "2 ", narrower), {
      "crop-views": [IMAGE],
      "mask-statistics": [IMAGE],
      "segment": [`${IMAGE}.json`, `${IMAGE}.json`],
    });

    const moved = ([id, part, x, y, seen]: string[]) => [id, part, `${Number(x) + 1}.0`, y, seen];
    assert.deepEqual(await newItemsAfter(run, "parts/part_locs.txt", "2 1 ", moved), {
      "mask-statistics": [IMAGE],
    });

    const renamed = ([id]: string[]) => [id, "other"];
    assert.deepEqual(await newItemsAfter(run, "parts/parts.txt", "1 ", renamed), {});
  });
});

const withStrace = await hasStrace();

Deno.test({
  name: "the items of masks and views read nothing that their keys do not cover" +
    (withStrace ? "" : " (left out: strace is absent, or may not trace here)"),
  ignore: !withStrace,
  fn: () =>
    inRun(async (run) => {
      writeBirds(join(run.folder, "birds"), {
        seed: 1,
        classes: 2,
        trainPerClass: 1,
        testPerClass: 1,
        size: 48,
      });
      const views = { split: "train", width: 16, height: 16 };
      const tasks = {
        data: TASKS.data,
        masks: masks({ name: "contour" }),
        views: {
          kind: "crop-views",
          params: { ...views, through: "masks", numMasks: 2 },
          inputs: { data: "data.data", masks: "masks.masks" },
        },
        whole: {
          kind: "crop-views",
          params: { ...views, through: "image" },
          inputs: { data: "data.data" },
        },
      };
      const { code, out, err } = await run.run(tasks);
      assert.equal(code, 0, err + out);
      const traced = await run.call("verify", "views.ts", "--trace", "masks", "views", "whole", "--json");
      assert.equal(traced.code, 0, traced.err + traced.out);
      const found = traced.events.filter(({ event }) => event === "rebuild");
      assert.deepEqual(found.map(({ id, uncovered }) => [id, uncovered]), [
        ["masks", []],
        ["views", []],
        ["whole", []],
      ]);
    }),
});
