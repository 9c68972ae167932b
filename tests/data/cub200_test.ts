import assert from "node:assert";
import { join } from "node:path";
import { readCub200 } from "../../lib/data/cub200.ts";
import { classWeights, limitPerClass, samplesOf } from "../../lib/data/data_set.ts";
import { DataSetError } from "../../lib/data/data_set_error.ts";
import { firstClasses } from "../../lib/data/mini.ts";
import { Skips } from "../../lib/data/reading_options.ts";
import { maskView } from "../../lib/data/views/mask_views.ts";
import { decodeImage } from "../../lib/vision/decode.ts";
import { sharedFolder } from "../shared.ts";
import { PNG, withFolder, writeFile } from "./folder.ts";
import { miniFiles } from "./mini_files.ts";

/** Two classes of two images each, with two parts. */
const FILES: Readonly<Record<string, string>> = {
  "classes.txt": "1 001.Ani\n2 002.Jay\n",
  "images.txt": "1 001.Ani/a.png\n2 001.Ani/b.png\n3 002.Jay/c.png\n4 002.Jay/d.png\n",
  "image_class_labels.txt": "1 1\n2 1\n3 2\n4 2\n",
  "train_test_split.txt": "1 1\n2 0\n3 1\n4 1\n",
  "bounding_boxes.txt": "1 1.9 2.0 3.9 4.0\n2 0.0 0.0 20.0 10.0\n3 5.5 1.0 4.4 3.0\n4 -1.0 0.0 5.0 5.0\n",
  "parts/parts.txt": "1 back\n2 left eye\n",
  "parts/part_locs.txt": [
    "1 1 2.5 3.0 1",
    "1 2 0.0 0.0 0",
    "2 1 1.0 1.0 1",
    "2 2 19.0 9.0 1",
    "3 1 0.0 0.0 0",
    "3 2 0.0 0.0 0",
    "4 1 1.0 1.0 1",
    "4 2 1.0 2.0 1",
    "",
  ].join("\n"),
};
const IMAGES: Readonly<Record<string, Uint8Array>> = Object.fromEntries(
  ["001.Ani/a.png", "001.Ani/b.png", "002.Jay/c.png", "002.Jay/d.png"].map((name) => [`images/${name}`, PNG]),
);

Deno.test("ids and labels count from 0, boxes are truncated corners, only visible parts are kept", async () => {
  await withFolder({ ...FILES, ...IMAGES }, (root) => {
    const dataSet = readCub200(root);
    assert.deepStrictEqual(dataSet.classes, ["001.Ani", "002.Jay"]);
    assert.deepStrictEqual([...dataSet.partNames], [[1, "back"], [2, "left eye"]]);
    assert.deepStrictEqual(dataSet.samples[0], {
      id: 0,
      name: "001.Ani/a.png",
      path: Deno.realPathSync(join(root, "images/001.Ani/a.png")),
      label: 0,
      split: "train",
      box: [1, 2, 5, 6],
      parts: [[1, 2.5, 3]],
    });
    assert.deepStrictEqual(dataSet.samples[2].parts, []);
    assert.deepStrictEqual(samplesOf(dataSet, "test").map(({ id }) => id), [1]);
    assert.deepStrictEqual(classWeights(samplesOf(dataSet, "train"), 2), [1.5, 0.75]);
  });
});

Deno.test("object masks are found beside the images or where they are said to be, and none may be missing", async () => {
  const masks = Object.fromEntries(Object.keys(IMAGES).map((path) => [path.replace("images", "masks"), PNG]));
  await withFolder({ ...FILES, ...IMAGES, ...masks }, (root) => {
    const there = readCub200(root, { segmentations: join(root, "masks") });
    assert.match(there.samples[3].segmentation!, /masks\/002\.Jay\/d\.png$/);
    Deno.renameSync(join(root, "masks"), join(root, "segmentations"));
    assert.match(readCub200(root).samples[0].segmentation!, /segmentations\/001\.Ani\/a\.png$/);
    Deno.removeSync(join(root, "segmentations/001.Ani/b.png"));
    assertFault(() => readCub200(root), "images.txt", 2, /b\.png" is missing/);
  });
});

Deno.test("lines may end as on Windows", async () => {
  const windows = Object.fromEntries(
    Object.entries(FILES).map(([path, text]) => [path, text.replaceAll("\n", "\r\n")]),
  );
  await withFolder(
    { ...windows, ...IMAGES },
    (root) => assert.strictEqual(readCub200(root).samples.length, 4),
  );
});

/** What is replaced in which file, and where the fault must be found. */
const FAULTS: readonly [
  file: string,
  old: string,
  fresh: string,
  line: number | undefined,
  reason: RegExp,
][] = [
  ["images.txt", "1 001.Ani/a.png", "1 ../images/001.Ani/a.png", 1, /must be a relative path/],
  ["images.txt", "1 001.Ani/a.png", "1 /etc/passwd", 1, /must be a relative path/],
  ["images.txt", "1 001.Ani/a.png", "1 001.Ani\\a.png", 1, /must be a relative path/],
  ["images.txt", "1 001.Ani/a.png", "1 001.Ani//a.png", 1, /must be a relative path/],
  ["images.txt", "2 001.Ani/b.png", "2 001.Ani/z.png", 2, /missing/],
  ["images.txt", "2 001.Ani/b.png", "2 001.Ani", 2, /EISDIR|directory/i],
  ["images.txt", "2 001.Ani/b.png", "1 001.Ani/b.png", 2, /image id 1 occurs a second time/],
  ["images.txt", "2 001.Ani/b.png", "2 001.Ani/a.png", 2, /named twice/],
  ["images.txt", "2 001.Ani/b.png", "2", 2, /2 fields/],
  ["images.txt", "2 001.Ani/b.png\n", "\n", 2, /empty/],
  ["images.txt", "2 001.Ani/b.png", "0 001.Ani/b.png", 2, /at least 1/],
  ["classes.txt", "2 002.Jay", "3 002.Jay", 2, /count up/],
  ["image_class_labels.txt", "3 2", "3 9", 3, /class 9 is unknown/],
  ["image_class_labels.txt", "3 2", "3 1", 3, /lies at "002\.Jay/],
  ["image_class_labels.txt", "3 2", "3 0x2", 3, /integer/],
  ["image_class_labels.txt", "4 2\n", "", undefined, /image 4 has no line/],
  ["train_test_split.txt", "2 0", "2 2", 2, /0 or 1/],
  ["train_test_split.txt", "2 0", "7 0", 2, /not in images\.txt/],
  ["bounding_boxes.txt", "3 5.5", "3 five", 3, /number/],
  ["bounding_boxes.txt", "3 5.5", "3 NaN", 3, /number/],
  ["bounding_boxes.txt", "3 5.5", "3 1e400", 3, /number/],
  ["bounding_boxes.txt", "3 5.5", "3 20.0", 3, /outside its image of 20 × 10/],
  ["bounding_boxes.txt", "3 5.5 1.0 4.4 3.0", "3 5.5 1.0 0.0 3.0", 3, /no area/],
  ["bounding_boxes.txt", "3 5.5 1.0 4.4 3.0", "3 5.5 1.0 4.4", 3, /5 fields/],
  ["parts/part_locs.txt", "2 1 1.0 1.0 1\n", "", undefined, /image 2 has no line for part 1/],
  ["parts/part_locs.txt", "2 1 1.0", "2 2 1.0", 4, /second line for part 2/],
  ["parts/part_locs.txt", "2 1 1.0", "2 3 1.0", 3, /part 3 is not in/],
  ["parts/part_locs.txt", "2 1 1.0 1.0 1", "2 1 1.0 1.0 yes", 3, /0 or 1/],
  ["parts/part_locs.txt", "4 2 1.0", "5 2 1.0", 8, /image 5 is not in/],
];

for (const [i, [file, old, fresh, line, reason]] of FAULTS.entries()) {
  Deno.test(`fault ${i + 1} is found in ${file}: ${reason.source}`, async () => {
    assert.ok(FILES[file].includes(old));
    await withFolder({ ...FILES, ...IMAGES, [file]: FILES[file].replace(old, fresh) }, (root) => {
      assertFault(() => readCub200(root), file, line, reason);
    });
  });
}

/** The faults of reading a data set with `changes`, as file (relative), line and reason. */
async function faultsOf(changes: Readonly<Record<string, string>>): Promise<DataSetError> {
  let found: unknown;
  await withFolder({ ...FILES, ...IMAGES, ...changes }, (root) => {
    try {
      readCub200(root);
    } catch (error) {
      found = error;
    }
  });
  assert.ok(found instanceof DataSetError, String(found));
  return found;
}

Deno.test("all faults are in one error, in the order of the files, and none is blamed on the lines that refer to it", async () => {
  const error = await faultsOf({
    "images.txt": "1 001.Ani/a.png\n2\n3 002.Jay/none.png\n4 002.Jay/d.png\n",
    "classes.txt": "1 001.Ani\n2\n",
    "image_class_labels.txt": "1 1\n2 1\n3 9\n4 two\n",
    "train_test_split.txt": "1 1\n2 0\n3 1\n",
    "bounding_boxes.txt": "1 50 2 3 4\n2 0 0 20 10\n3 5 1 4\n4 0 0 0 5\n",
    "parts/part_locs.txt": "1 1 x 3 1\n2 1 1 1 1\n2 2 1 9 1\n3 1 0 0\n3 2 0 0 0\n4 1 1 1 1\n",
  });
  assert.deepStrictEqual(
    error.faults.map(({ file, line, reason }) => [file.split("/").at(-1), line, reason.slice(0, 40)]),
    [
      ["images.txt", 2, "expected 2 fields (image id, path…), but"],
      ["classes.txt", 2, "expected 2 fields (class id, name…), but"],
      ["image_class_labels.txt", 3, "class 9 is unknown; classes.txt names 2 "],
      ["image_class_labels.txt", 4, "the class id must be an integer of at le"],
      ["train_test_split.txt", undefined, "image 4 has no line"],
      ["bounding_boxes.txt", 3, "expected 5 fields (image id, x, y, width"],
      ["part_locs.txt", 1, 'the x must be a number, but is "x"'],
      ["part_locs.txt", 4, "expected 5 fields (image id, part id, x,"],
      ["part_locs.txt", undefined, "image 1 has no line for part 2"],
      ["part_locs.txt", undefined, "image 4 has no line for part 2"],
      ["bounding_boxes.txt", 1, "the box [50,2,53,6] lies outside its ima"],
      ["images.txt", 3, 'the file "images/002.Jay/none.png" is mi'],
      ["bounding_boxes.txt", 4, "the box [0,0,0,5] has no area"],
    ],
  );
  assert.strictEqual(error.count, error.faults.length);
  assert.strictEqual(error.message.split("\n").length, error.count);
});

Deno.test("of very many faults the first are kept and the rest counted", async () => {
  const lines = Array.from({ length: 5000 }, () => "nonsense");
  const error = await faultsOf({ "parts/part_locs.txt": lines.join("\n") });
  // The four images lack their lines besides.
  assert.deepStrictEqual([error.count, error.faults.length, error.line], [5004, 20, 1]);
  assert.match(error.message, /line 20: .*\nand 4984 more faults$/);
});

Deno.test("where images or classes can't be read, nothing else is blamed", async () => {
  await withFolder({ ...FILES, ...IMAGES }, (root) => {
    Deno.removeSync(join(root, "images.txt"));
    Deno.removeSync(join(root, "classes.txt"));
    assert.throws(() => readCub200(root), (error) => {
      assert.ok(error instanceof DataSetError);
      assert.deepStrictEqual(error.faults.map(({ file }) => file.split("/").at(-1)), [
        "images.txt",
        "classes.txt",
      ]);
      return true;
    });
  });
});

Deno.test("missing, binary and foreign files are named", async () => {
  await withFolder({ ...FILES, ...IMAGES }, (root) => {
    writeFile(root, "images/002.Jay/c.png", "<html>not found</html>");
    assertFault(() => readCub200(root), "images.txt", 3, /JPEG or PNG/);
    writeFile(root, "train_test_split.txt", Uint8Array.of(0x31, 0xff, 0xfe));
    assertFault(() => readCub200(root), "train_test_split.txt", undefined, /UTF-8/);
    Deno.removeSync(join(root, "bounding_boxes.txt"));
    writeFile(root, "train_test_split.txt", FILES["train_test_split.txt"]);
    assertFault(() => readCub200(root), "bounding_boxes.txt", undefined, /missing/);
  });
});

Deno.test("a link out of the data set is refused, one inside it is followed", async () => {
  await withFolder({ ...FILES, ...IMAGES }, async (root) => {
    const image = join(root, "images/001.Ani/a.png");
    await withFolder({ "outside.png": PNG }, (other) => {
      Deno.removeSync(image);
      Deno.symlinkSync(join(other, "outside.png"), image);
      assertFault(() => readCub200(root), "images.txt", 1, /leads outside/);
    });
    Deno.removeSync(image);
    Deno.symlinkSync("b.png", image);
    assert.strictEqual(readCub200(root).samples.length, 4);
  });
});

Deno.test("a limit by class takes the first of each split", async () => {
  await withFolder({ ...FILES, ...IMAGES }, (root) => {
    const limited = limitPerClass(readCub200(root), 1);
    assert.deepStrictEqual(limited.samples.map(({ id }) => id), [0, 1, 2]);
    assert.strictEqual(limited.classes.length, 2);
  });
});

Deno.test("the mini data set loses the last part as in the reference, or keeps it as intended", async () => {
  await withFolder({ ...FILES, ...IMAGES }, (root) => {
    const mini = firstClasses(readCub200(root), 1);
    assert.deepStrictEqual(miniFiles(mini, "reference")["parts/part_locs.txt"], [
      "0 0 0.0 0.0 0",
      "0 1 2.5 3.0 1",
      "1 0 0.0 0.0 0",
      "1 1 1.0 1.0 1",
    ]);
    assert.deepStrictEqual(miniFiles(mini, "intended")["parts/part_locs.txt"].slice(2), [
      "1 1 1.0 1.0 1",
      "1 2 19.0 9.0 1",
    ]);
  });
});

const shared = sharedFolder();
Deno.test({
  name: `the real photographs become views of their objects${
    shared ? "" : " (skipped: there is no ../shared)"
  }`,
  ignore: shared === undefined,
  async fn() {
    const { samples, classes, partNames } = readCub200(join(shared!, "data/cub200-sample/CUB_200_2011"));
    assert.deepStrictEqual([samples.length, classes.length, partNames.size], [63, 12, 15]);
    assert.strictEqual(samples.reduce((sum, { parts }) => sum + parts.length, 0), 769);
    for (const { path, box } of samples) {
      const view = maskView(await decodeImage(path), { box }, {
        width: 224,
        height: 224,
        fill: "original",
        minBoxShare: 0,
        crop: true,
        fidelity: "reference",
      });
      assert.deepStrictEqual([view.width, view.height, view.data.length], [224, 224, 224 * 224 * 3]);
      assert.ok(view.data.some((value) => value !== view.data[0]));
    }
  },
});

function assertFault(read: () => unknown, file: string, line: number | undefined, reason: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof DataSetError, String(error));
    assert.ok(error.file.endsWith(file), error.message);
    assert.strictEqual(error.line, line, error.message);
    assert.match(error.message, reason);
    return true;
  });
}

Deno.test("names may have blanks, and those of a Mac are found", async () => {
  const mac = "Blue  Tit/Gru\u0308n … 1.png";
  const written = mac.normalize("NFC");
  const changes = {
    "images.txt": `1 ${written}\n2 Blue  Tit/b.png\n3 002.Jay/c.png\n4 002.Jay/d.png\n`,
    "classes.txt": "1 Blue  Tit\n2 002.Jay\n",
  };
  const images = { [`images/${mac}`]: PNG, "images/Blue  Tit/b.png": PNG };
  await withFolder({ ...FILES, ...IMAGES, ...changes, ...images }, (root) => {
    const { classes, samples } = readCub200(root);
    assert.deepStrictEqual(classes, ["Blue  Tit", "002.Jay"]);
    assert.strictEqual(samples[0].name, written);
    assert.strictEqual(samples[0].path, join(root, "images", mac));
  });
});

Deno.test("a data set has no parts where its files are absent or empty, but not where one of them is", async () => {
  await withFolder({ ...FILES, ...IMAGES, "parts/parts.txt": "", "parts/part_locs.txt": "\n" }, (root) => {
    const { partNames, samples } = readCub200(root);
    assert.deepStrictEqual([partNames.size, samples.flatMap(({ parts }) => parts)], [0, []]);
    Deno.removeSync(join(root, "parts"), { recursive: true });
    assert.strictEqual(readCub200(root).samples.length, 4);
    writeFile(root, "parts/part_locs.txt", "1 1 0 0 0\n");
    assertFault(() => readCub200(root), "parts/parts.txt", undefined, /missing/);
  });
});

Deno.test("a sample that is left out is not looked at, and the others keep their ids", async () => {
  const name = "002.Jay/c.png";
  await withFolder({ ...FILES, ...IMAGES, [`images/${name}`]: "no image" }, (root) => {
    assert.throws(() => readCub200(root), (error) => {
      assert.ok(error instanceof DataSetError);
      assert.deepStrictEqual(error.faults.map(({ sample }) => sample), [name]);
      return true;
    });
    const skip = new Skips([name, "002.Jay/none.png"]);
    assert.deepStrictEqual(readCub200(root, { skip }).samples.map(({ id }) => id), [0, 1, 3]);
    assert.deepStrictEqual([skip.met, skip.unknown], [[name], ["002.Jay/none.png"]]);
  });
});
