/** `check-data`: all that is wrong with a folder is said at once, each with a way out, by what the kind `dataset` does. */

import assert from "node:assert/strict";
import { join } from "node:path";
import sharp, { type Sharp } from "sharp";
import { fileURLToPath } from "node:url";
import { encodePng } from "../../../lib/vision/encode.ts";
import { image } from "../../../lib/vision/image.ts";
import { checkData } from "../../../lib/data/check/check_data.ts";
import { writeBirds } from "../../../lib/data/birds/write_birds.ts";
import { PNG, withFolder } from "../folder.ts";

const MAIN = fileURLToPath(new URL("../../../lib/data/check/main.ts", import.meta.url));

/** A PNG of 20 × 10 pixels that differs from others by `shift`. */
const png = (shift: number) =>
  encodePng(image(20, 10, "RGB", Uint8Array.from({ length: 600 }, (_, i) => (i * 7 + shift) % 256)));
const converted = async (how: (input: Sharp) => Sharp, shift: number) =>
  new Uint8Array(await how(sharp(await png(shift))).toBuffer());

async function runCheck(...args: string[]): Promise<{ code: number; out: string[]; err: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--quiet", "--no-check", MAIN, ...args],
    env: { NO_COLOR: "1" },
  }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, out: text(stdout).trim().split("\n"), err: text(stderr) };
}

Deno.test("kinds of files, copies within and across splits, and classes without images of a split are counted and named", async () => {
  const files = {
    "train/Jay/a.png": await png(1),
    "train/Jay/b.jpg": await converted((input) => input.toColourspace("b-w").jpeg(), 2),
    "train/Jay/c.jpg": await converted((input) => input.toColourspace("cmyk").jpeg(), 3),
    "train/Ani/d.png": await converted((input) => input.toColourspace("rgb16").png(), 4),
    "train/Ani/e.jpg": await converted(
      (input) => input.resize(30, 40).withMetadata({ orientation: 6 }).jpeg(),
      5,
    ),
    "train/Ani/f.png": await png(6),
    "train/Ani/f again.png": await png(6),
    "test/Jay/copy.png": await png(1),
    "test/Wren/g.png": await png(7),
    "test/Wren/Thumbs.db": "",
    "test/Wren/list.csv": "",
  };
  await withFolder(files, async (root) => {
    const check = await checkData(root);
    assert.deepEqual(check.errors, []);
    assert.equal(check.layout, "image-folder");
    assert.deepEqual(check.facts, {
      splits: {
        train: { images: 7, byClass: { Ani: 4, Jay: 3, Wren: 0 } },
        test: { images: 2, byClass: { Ani: 0, Jay: 1, Wren: 1 } },
      },
      width: [20, 30],
      height: [10, 40],
      kinds: { JPEG: 3, PNG: 6, grey: 1, CMYK: 1, "of 16 bits": 1, "turned by EXIF": 1 },
      annotations: [],
    });
    assert.deepEqual(check.notes, ["1 file is no image and ignored: test/Wren/list.csv"]);
    assert.deepEqual(check.warnings, [
      "classes without train images: Wren",
      "classes without test images: Ani",
      "1 images have an EXIF orientation (the first is train/Ani/e.jpg) and are read as stored, like in the reference; " +
      "to rotate them: --set data.orientation=turn",
      "1 test image is also in train, so figures on them are too good: test/Jay/copy.png = train/Jay/a.png; " +
      `to leave them out: --set data.skip='["test/Jay/copy.png"]'`,
      "2 images are there more than once in a split: train/Ani/f again.png = train/Ani/f.png",
      "1 image is CMYK, of which the reference takes black for opacity, so the colours are wrong: save them as RGB " +
      "(train/Jay/c.jpg)",
    ]);
  });
});

Deno.test("faults found by reading and by decoding are listed together, and the way out leaves out all of them", async () => {
  const cut = Object.fromEntries(
    Array.from({ length: 30 }, (_, i) => [`Jay/cut ${i}.png`, PNG.slice(0, -40)]),
  );
  await withFolder(
    { ...cut, "Jay/a.png": PNG, "Ani/b.png": PNG, "Ani/it's.jpg": "text", "c.png": PNG },
    async (root) => {
      const check = await checkData(root);
      assert.equal(check.errorCount, 32);
      assert.ok(check.errors.length < 32);
      assert.deepEqual(check.errors.slice(0, 2).map(({ file }) => file), [
        join(root, "c.png"),
        join(root, "Ani/it's.jpg"),
      ]);
      const names = [...Object.keys(cut), "Ani/it's.jpg", "c.png"];
      const given: string[] = JSON.parse(check.wayOut!.replace("--set data.skip='", "").slice(0, -1));
      assert.deepEqual(given.toSorted(), names.toSorted());
      assert.ok(!check.wayOut!.slice(18, -1).includes("'"), "a quote would end the argument of a shell");
      const { train, test } = check.facts!.splits;
      assert.equal(train.images + test.images, 2);
    },
  );
});

Deno.test("the published layouts are recognised, and a fault of the whole set has no way out", async () => {
  await withFolder({}, async (root) => {
    writeBirds(root, { seed: 1, classes: 2, trainPerClass: 2, testPerClass: 1, size: 32 });
    const { layout, errors, facts } = await checkData(root);
    assert.deepEqual([layout, errors, facts!.annotations], ["cub200", [], [
      "boxes",
      "parts",
      "object masks",
    ]]);
    Deno.removeSync(join(root, "classes.txt"));
    const broken = await checkData(root);
    assert.match(broken.errors[0].reason, /the file is missing/);
    assert.equal(broken.wayOut, undefined);
    assert.equal(broken.facts, undefined);
  });
});

Deno.test("the command says one line each, gives the next command, and its exit code tells", async () => {
  await withFolder(
    { "Jay/a.png": PNG, "Jay/b.png": await png(1), "Ani/\u001b[31m.png": PNG.slice(0, 60) },
    async (root) => {
      const bad = await runCheck(root);
      assert.equal(bad.code, 1);
      assert.equal(
        bad.out[0],
        "layout: folders of images by class (the name of the data set is image-folder)",
      );
      assert.ok(bad.out.some((line) => line.startsWith(`error: ${root}/Ani/`)), bad.out.join("\n"));
      assert.ok(!bad.out.join("").includes("\u001b"));
      Deno.removeSync(join(root, "Ani"), { recursive: true });
      const good = await runCheck(root);
      assert.equal(good.code, 0, good.err);
      assert.deepEqual(good.out, [
        "layout: folders of images by class (the name of the data set is image-folder)",
        "train: 1 images of 1 classes, 1 a class",
        "test: 1 images of 1 classes, 1 a class",
        "files: 2 PNG; 20 pixels wide, 10 high",
        "annotations: none: figures of objects and parts are left out",
        "warning: there is one class alone, so there is nothing to tell apart",
        `to run it: deno task run own-images --set data.source=${root}`,
      ]);
      const { out: [text] } = await runCheck(root, "--json");
      assert.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(await checkData(root))));
      for (const args of [[root, "--bad"], [join(root, "none")]]) {
        assert.equal((await runCheck(...args)).code, 2, args.join());
      }
    },
  );
});
