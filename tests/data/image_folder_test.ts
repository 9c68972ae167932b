/** Folders of images by class as people have them: splits in folders, in a file or at random, and what lies about beside. */

import assert from "node:assert/strict";
import { join } from "node:path";
import fc from "fast-check";
import sharp from "sharp";
import { DataSetError } from "../../lib/data/data_set_error.ts";
import { type ImageFolderOptions, readImageFolder } from "../../lib/data/image_folder.ts";
import { splitClasses } from "../../lib/data/image_folder/class_split.ts";
import { Skips } from "../../lib/data/reading_options.ts";
import { PNG, withFolder, writeFile } from "./folder.ts";

const images = (...names: readonly string[]) => Object.fromEntries(names.map((name) => [name, PNG]));
const many = (group: string, count: number) =>
  Array.from({ length: count }, (_, i) => `${group}/${String(i).padStart(2, "0")}.png`);

/** `name: class, split` of every sample, and what was said. */
function read(root: string, options: ImageFolderOptions = {}) {
  const said: string[] = [];
  const { classes, samples, partNames } = readImageFolder(root, {
    ...options,
    note: (text) => said.push(text),
    warn: (text) => said.push(`warning: ${text}`),
  });
  assert.equal(partNames.size, 0);
  assert.ok(samples.every(({ box, parts, segmentation }) => !box && !segmentation && parts.length === 0));
  return {
    list: samples.map(({ name, label, split }) => `${name}: ${classes[label]}, ${split}`),
    said,
    classes,
    samples,
  };
}

/** The faults of a folder, with paths below it. */
function faultsOf(root: string, options: ImageFolderOptions = {}): string[] {
  try {
    readImageFolder(root, options);
  } catch (error) {
    assert.ok(error instanceof DataSetError, String(error));
    return error.faults.map(({ file, line, reason, sample }) =>
      `${file.slice(root.length + 1)}${line ? `:${line}` : ""}: ${reason}${sample ? ` [${sample}]` : ""}`
    );
  }
  throw new Error("there is no fault");
}

Deno.test("a split in folders is taken, names tell its parts apart, and one of two further parts is evaluated", async () => {
  const files = images(
    "train/Jay/1.png",
    "train/Ani/1.png",
    "val/Jay/1.png",
    "test/Jay/1.png",
    "test/Ani/sub/2.png",
  );
  await withFolder(files, (root) => {
    const { list, said, classes, samples } = read(root);
    assert.deepEqual(classes, ["Ani", "Jay"]);
    assert.deepEqual(list, [
      "test/Ani/sub/2.png: Ani, test",
      "test/Jay/1.png: Jay, test",
      "train/Ani/1.png: Ani, train",
      "train/Jay/1.png: Jay, train",
    ]);
    assert.deepEqual(samples.map(({ id }) => id), [0, 1, 2, 3]);
    assert.deepEqual(said, [
      "1 validation images are left out; to evaluate on them: --set data.evaluateOn=val",
    ]);
    const onVal = read(root, { evaluateOn: "val" });
    assert.deepEqual(onVal.list.filter((line) => line.endsWith("test")), ["val/Jay/1.png: Jay, test"]);
    Deno.removeSync(join(root, "test"), { recursive: true });
    assert.deepEqual(read(root).list.at(-1), "val/Jay/1.png: Jay, test");
    assert.match(
      faultsOf(root, { evaluateOn: "test" })[0],
      /evaluateOn names the part test, but .* train, val alone/,
    );
    assert.match(
      faultsOf(root, { split: { seed: 1 } })[0],
      /have a split in folders: leave out the param split/,
    );
  });
});

Deno.test("a split file is taken, with blanks in names and any form of Unicode, and its faults have lines", async () => {
  const files = images("Jay/a b.png", "Jay/c.png", "Caf\u00e9/d.png");
  const split = "train Jay/a b.png\r\ntest  Jay/c.png\r\ntrain Cafe\u0301/d.png\r\n";
  await withFolder({ ...files, "split.txt": `\ufeff${split}` }, (root) => {
    assert.deepEqual(read(root).list, [
      "Caf\u00e9/d.png: Caf\u00e9, train",
      "Jay/a b.png: Jay, train",
      "Jay/c.png: Jay, test",
    ]);
    writeFile(
      root,
      "split.txt",
      "train Jay/a b.png\nTest Jay/c.png\ntest Jay/z.png\ntrain Jay/a b.png\ntrain\n",
    );
    assert.deepEqual(faultsOf(root), [
      'split.txt:2: the line must begin with train, val or test, but begins with "Test"',
      'split.txt:3: there is no image "Jay/z.png"; expected <class>/<file>',
      'split.txt:4: the image "Jay/a b.png" has a second line',
      "split.txt:5: expected 2 fields (train, val or test, image…), but the line has 1",
      'split.txt: the image "Caf\u00e9/d.png" has no line; add one, such as "train Caf\u00e9/d.png" [Caf\u00e9/d.png]',
      'split.txt: the image "Jay/c.png" has no line; add one, such as "train Jay/c.png" [Jay/c.png]',
    ]);
    writeFile(root, "split.txt", "train Jay/a b.png\n");
    assert.deepEqual(read(root, { skip: new Skips(["Cafe\u0301/d.png", "Jay/c.png"]) }).classes, ["Jay"]);
  });
});

Deno.test("without a split, each class is split by itself: the same for a seed, and each part has what it can have", async () => {
  await withFolder(images(...many("Jay", 10), ...many("Ani", 3), "One/only.png"), (root) => {
    const { list } = read(root);
    const tests = list.filter((line) => line.endsWith("test"));
    assert.deepEqual(tests.map((line) => line.slice(0, 3)), ["Ani", "Jay", "Jay", "Jay"]);
    assert.deepEqual(read(root).list, list);
    assert.notDeepEqual(read(root, { split: { seed: 7 } }).list, list);
    for (const name of many("Wren", 5)) writeFile(root, name, PNG);
    assert.deepEqual(read(root).list.filter((line) => !line.startsWith("Wren")), list);
    const folds = [0, 1, 2].map((fold) => read(root, { split: { folds: 3, fold }, evaluateOn: "val" }).list);
    const tested = folds.map((lines) =>
      lines.filter((line) => line.startsWith("Jay") && line.endsWith("test"))
    );
    assert.equal(new Set(tested.flat()).size, 7, "the folds are the training images");
    assert.equal(tested.flat().length, 7);
    assert.ok(!tested.flat().some((line) => tests.includes(line)));
  });
});

Deno.test("every class with two images has one in both parts, whatever the share", () => {
  const counts = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 });
  const share = fc.double({ min: 0.01, max: 0.99, noNaN: true });
  const folds = fc.record({ folds: fc.integer({ min: 2, max: 5 }), fold: fc.integer({ min: 0, max: 1 }) });
  fc.assert(fc.property(counts, share, fc.option(folds, { nil: {} }), (sizes, trainShare, cut) => {
    const groups = sizes.flatMap((size, i) => new Array<string>(size).fill(`class ${i}`));
    const parts = splitClasses(groups, { seed: 3, trainShare, ...cut });
    sizes.forEach((size, i) => {
      const own = parts.filter((_, at) => groups[at] === `class ${i}`);
      const tests = own.filter((part) => part === "test").length;
      assert.ok(own.includes("train"), own.join());
      assert.equal(
        tests,
        size < 2 ? 0 : size - Math.min(size - 1, Math.max(1, Math.floor(trainShare * size))),
      );
    });
  }));
});

Deno.test("what systems leave is passed over, files that are no images are named, and folders without images", async () => {
  const litter = [
    "Thumbs.db",
    "Jay/Thumbs.db",
    "Jay/.DS_Store",
    "Jay/._a.png",
    ".git/x.png",
    "__MACOSX/Jay/._a.png",
  ];
  const files = {
    ...images("Jay/a.PNG", "Jay/deep/er/b.png"),
    "Jay/notes.txt": "",
    "README.md": "",
    "Gone/.keep": "",
  };
  await withFolder({ ...Object.fromEntries(litter.map((name) => [name, "x"])), ...files }, (root) => {
    const { list, said } = read(root, { split: { trainShare: 0.5 } });
    assert.deepEqual(list.map((line) => line.split(":")[0]), ["Jay/a.PNG", "Jay/deep/er/b.png"]);
    assert.deepEqual(said, [
      "2 files are no images and ignored: Jay/notes.txt, README.md",
      "warning: folders without an image are no classes: Gone",
    ]);
  });
});

Deno.test("folders of an archive around the classes are entered, and a class is not", async () => {
  await withFolder(images("photos/2024/Jay/a.png", "photos/2024/Ani/b.png"), (root) => {
    assert.deepEqual(read(root).list, ["Ani/b.png: Ani, train", "Jay/a.png: Jay, train"]);
  });
  await withFolder(images("set/train/Jay/a.png", "set/test/Jay/b.png", "set/train/Ani/b.png"), (root) => {
    assert.equal(read(root).list[0], "test/Jay/b.png: Jay, test");
  });
  await withFolder(images("Jay/a.png", "Jay/b.png"), (root) => assert.deepEqual(read(root).classes, ["Jay"]));
});

Deno.test("each fault is named with its file, and images with one may be left out", async () => {
  const webp = new Uint8Array(await sharp(PNG).webp().toBuffer());
  const start = webp.slice(0, 8).toHex().replace(/..(?!$)/g, "$& ");
  const files = {
    ...images("Jay/a.png", "Jay/b.png", "Ani/c.png", "stray.png"),
    "Jay/e.png": "",
    "Jay/w.webp": webp,
  };
  await withFolder({ ...files, "Jay/t.jpg": new Uint8Array([255, 216, 255, 224, 0]) }, (root) => {
    assert.deepEqual(faultsOf(root), [
      "stray.png: the image lies in no folder of a class; expected <class>/stray.png [stray.png]",
      "Jay/e.png: the file is empty; expected a JPEG or PNG [Jay/e.png]",
      "Jay/t.jpg: the JPEG ends before its frame header [Jay/t.jpg]",
      `Jay/w.webp: expected a JPEG or PNG, but the file begins with ${start} [Jay/w.webp]`,
    ]);
    const skip = new Skips(["Jay/e.png", "Jay/t.jpg", "Jay/w.webp", "stray.png"]);
    assert.deepEqual(read(root, { skip }).list.map((line) => line.split(":")[0]), [
      "Ani/c.png",
      "Jay/a.png",
      "Jay/b.png",
    ]);
    assert.deepEqual(skip.unknown, []);
  });
});

Deno.test("links to folders and out of the set, names that some systems take for one, and other layouts are refused", async () => {
  await withFolder(images("set/Jay/a.png", "set/Jay/A.PNG", "set/Ani/b.png", "outside/c.png"), (root) => {
    const set = join(root, "set");
    Deno.symlinkSync("../../outside/c.png", join(set, "Ani/c.png"));
    Deno.symlinkSync("../outside", join(set, "Linked"));
    const faults = faultsOf(set);
    assert.match(faults[0], /^Linked: it is a link to a folder: put the folder in its place$/);
    assert.match(
      faults[1],
      /^Jay\/a\.png: some systems take its name for that of Jay\/A\.PNG: rename one of them/,
    );
    assert.match(faults[2], /^Ani\/c\.png: .*leads outside the data set/);
  });
  for (
    const [files, reason] of [
      [images("train/Jay/a.png", "test/Jay/b.png", "extra/Jay/c.png"), /others beside them \(extra\)/],
      [
        images("train/Jay/a.png", "training/Jay/b.png", "test/Jay/c.png"),
        /of the same part: put their classes into one/,
      ],
      [
        { ...images("train/Jay/a.png", "test/Jay/b.png"), "split.txt": "" },
        /there are folders of parts beside it/,
      ],
      [{ "notes.txt": "" }, /no image was found; expected JPEG or PNG files in one subfolder for each class/],
      [
        { "images.txt": "", "image_class_labels.txt": "" },
        /the layout of CUB-200-2011.*--set data\.name=cub200/,
      ],
    ] as const
  ) await withFolder(files, (root) => assert.match(faultsOf(root)[0], reason));
  await withFolder({ "photos.zip": "PK" }, (root) => {
    assert.throws(
      () => readImageFolder(join(root, "photos.zip")),
      /it is a file.*if it is an archive, unpack it/,
    );
    assert.throws(() => readImageFolder(join(root, "none")), /there is no such folder/);
  });
});
