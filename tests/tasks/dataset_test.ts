/** The kind `dataset` on folders as people have them: cut images, images that are turned, images that are left out. */

import assert from "node:assert/strict";
import { join } from "node:path";
import sharp from "sharp";
import { readDataSetIndex } from "../../lib/data/data_set_index.ts";
import { outcomes } from "../flow/cli.ts";
import { PNG, writeFile } from "../data/folder.ts";
import { inRun, type Run } from "./run.ts";

function writeSource(run: Run): string {
  const source = join(run.folder, "source");
  const names = ["Ani/a.png", "Ani/b.png", "Jay/c.png"];
  writeFile(source, "classes.txt", "1 Ani\n2 Jay\n");
  writeFile(source, "images.txt", names.map((name, i) => `${i + 1} ${name}\n`).join(""));
  writeFile(source, "image_class_labels.txt", "1 1\n2 1\n3 2\n");
  writeFile(source, "train_test_split.txt", "1 1\n2 1\n3 1\n");
  writeFile(source, "bounding_boxes.txt", "1 1 1 5 5\n2 1 1 5 5\n3 1 1 5 5\n");
  for (const name of names) writeFile(source, `images/${name}`, PNG);
  return source;
}

function tasks(params: object = {}) {
  return {
    data: { kind: "dataset", params: { name: "cub200", ...params }, inputs: { source: "folder:source" } },
  };
}

Deno.test("a cut image is found by data at its place in the user's folder, and may be left out", async () => {
  await inRun(async (run) => {
    const source = writeSource(run);
    writeFile(source, "images/Ani/b.png", PNG.slice(0, PNG.length - 40));
    const failed = await run.run(tasks());
    assert.equal(failed.code, 1);
    const said = JSON.stringify(failed.out);
    assert.ok(said.includes(join(source, "images/Ani/b.png")), said);
    assert.match(said, /truncated/);
    assert.match(said, /--set data\.skip=/);
    assert.doesNotMatch(said, /\/work\/|in\/source/);
    const { code, err } = await run.run(tasks({ skip: ["Ani/b.png"] }));
    assert.equal(code, 0, err);
    const index = readDataSetIndex(await run.get("data", "data"));
    assert.deepEqual([index.samples.map(({ id }) => id), index.skipped], [[0, 2], ["Ani/b.png"]]);
    const unknown = await run.run(tasks({ skip: "Ani/z.png" }));
    assert.match(JSON.stringify(unknown.out), /Ani\/b\.png|Ani\/z\.png/);
    assert.equal(unknown.code, 1);
    assert.deepEqual(outcomes(unknown).data, "failed");
  });
});

Deno.test("images with an EXIF orientation are counted, and turned where that is asked for", async () => {
  await inRun(async (run) => {
    const source = writeSource(run);
    const turned = await sharp(PNG).withMetadata({ orientation: 6 }).png().toBuffer();
    writeFile(source, "images/Jay/c.png", turned);
    assert.equal((await run.run(tasks())).code, 0);
    const { out } = await run.call("log", "views.ts", "data");
    assert.match(out, /warning: 1 images have an EXIF orientation.*Jay\/c\.png.*orientation=turn/);
    assert.equal((await run.run(tasks({ orientation: "turn" }))).code, 0);
    const folder = await run.get("data", "data");
    const { image } = readDataSetIndex(folder).samples[2];
    const { width, height } = await sharp(join(folder, image)).metadata();
    assert.deepEqual([width, height], [10, 20]);
  });
});

Deno.test("a folder of classes becomes a data set: split, copies in train and test named, no boxes to crop to", async () => {
  await inRun(async (run) => {
    const source = join(run.folder, "source");
    const other = await sharp(PNG).negate().png().toBuffer();
    for (const name of ["train/Jay/a b.png", "test/Jay/same.png", "train/Ani/c.png"]) {
      writeFile(source, name, PNG);
    }
    writeFile(source, "test/Ani/d.png", other);
    writeFile(source, "test/Ani/Thumbs.db", "");
    const images = { data: { ...tasks({ name: "image-folder" }).data } };
    const crop = (through: string) => ({
      kind: "crop-views",
      params: { split: "train", through, width: 8, height: 8 },
      inputs: { data: "data.data" },
    });
    const result = await run.run({ ...images, whole: crop("image"), object: crop("object") });
    assert.deepEqual(outcomes(result), { data: "ran", whole: "ran", object: "failed" });
    assert.match(JSON.stringify(result.out), /has no boxes of objects.*through: [^i]*image/);
    const { out } = await run.call("log", "views.ts", "data");
    assert.match(out, /warning: 1 test image is also in train.*test\/Jay\/same\.png.*--set data\.skip=/);
    const { samples, name } = readDataSetIndex(await run.get("data", "data"));
    assert.equal(name, "image-folder");
    assert.deepEqual(samples.map(({ name, image, box }) => [name, image, box]), [
      ["test/Ani/d.png", "images/test/Ani/d.png", undefined],
      ["test/Jay/same.png", "images/test/Jay/same.png", undefined],
      ["train/Ani/c.png", "images/train/Ani/c.png", undefined],
      ["train/Jay/a b.png", "images/train/Jay/a b.png", undefined],
    ]);
    for (const params of [{ split: { seed: 1 } }, { evaluateOn: "val" }]) {
      assert.match((await run.run(tasks(params))).err, /allowed only with the name "image-folder"/);
    }
  });
});

Deno.test("plan and run refuse a data set whose folder nobody gave, or that is not there, in one line", async () => {
  await inRun(async (run) => {
    for (const [name, verb] of [["cub200", "plan"], ["dogs", "plan"], ["image-folder", "run"]]) {
      run.write({ data: { kind: "dataset", params: { name } } });
      const { code, err } = await run.call(verb, "views.ts");
      assert.equal(code, 2);
      assert.match(err, /^error: the workflow views needs a folder, .*: --set data\.source=PATH\n$/);
    }
    const gone = await run.call("plan", "views.ts", "--set", "data.source=gone");
    assert.equal(gone.code, 2);
    assert.match(gone.err, /there is no file or folder .*\/gone: correct the path, or create it/);
    assert.equal((await run.call("graph", "views.ts")).code, 0);
  });
});
