import assert from "node:assert";
import { join } from "node:path";
import { carAnnotations, carsFolders, readCars } from "../../lib/data/cars.ts";
import { DataSetError } from "../../lib/data/data_set_error.ts";
import { dogsFolders, readDogs } from "../../lib/data/dogs.ts";
import { cellStrings } from "../../lib/data/mat/mat_array.ts";
import { readMatFile } from "../../lib/data/mat_annotations.ts";
import { sharedFolder } from "../shared.ts";
import { PNG, withFolder, writeFile } from "./folder.ts";
import { matFile, type MatValue, numbersFile } from "./mat_writer.ts";

function xml(...[x1, y1, x2, y2]: (number | string)[]): string {
  return `<annotation><object><bndbox><xmin>${x1}</xmin><ymin>${y1}</ymin><xmax>${x2}</xmax><ymax>${y2}</ymax></bndbox></object></annotation>`;
}

function list(names: readonly string[], labels: readonly number[]): Uint8Array {
  return numbersFile("labels", labels, {
    file_list: names.map((name) => `${name}.jpg`),
    annotation_list: names,
  });
}

const DOGS: Readonly<Record<string, string | Uint8Array>> = {
  "train_list.mat": list(["n2-Pug/p2", "n1-Kelpie/k1"], [2, 1]),
  "test_list.mat": list(["n2-Pug/p1"], [2]),
  "Images/n1-Kelpie/k1.jpg": PNG,
  "Images/n2-Pug/p1.jpg": PNG,
  "Images/n2-Pug/p2.jpg": PNG,
  "Annotation/n1-Kelpie/k1": xml(1, 2, 9, 8),
  "Annotation/n2-Pug/p1": xml(1, 1, 5, 5),
  "Annotation/n2-Pug/p2": xml(2, 2, 6, 6),
};

Deno.test("dogs are sorted by name over both splits", async () => {
  await withFolder(DOGS, (root) => {
    const { classes, samples } = readDogs(dogsFolders(root));
    assert.deepStrictEqual(classes, ["n1-Kelpie", "n2-Pug"]);
    assert.deepStrictEqual(
      samples.map(({ id, name, label, split, box }) => [id, name, label, split, box]),
      [
        [0, "n1-Kelpie/k1.jpg", 0, "train", [1, 2, 9, 8]],
        [1, "n2-Pug/p1.jpg", 1, "test", [1, 1, 5, 5]],
        [2, "n2-Pug/p2.jpg", 1, "train", [2, 2, 6, 6]],
      ],
    );
  });
});

const DOG_FAULTS: readonly [
  path: string,
  content: string | Uint8Array | null,
  file: string,
  reason: RegExp,
][] = [
  [
    "train_list.mat",
    list(["n2-Pug/p2", "n1-Kelpie/k1"], [2, 7]),
    "train_list.mat",
    /entry 2 has the label 7/,
  ],
  [
    "train_list.mat",
    list(["n2-Pug/p2", "n1-Kelpie/k1"], [2, 1.5]),
    "train_list.mat",
    /labels\(2\) must be an integer, but is 1\.5/,
  ],
  [
    "train_list.mat",
    list(["n2-Pug/p2", "n1-Kelpie/k1"], [1, 1]),
    "train_list.mat",
    /entry 1, "n2-Pug\/p2\.jpg"/,
  ],
  ["train_list.mat", list(["n2-Pug/p2"], [2, 1]), "train_list.mat", /1, 1 and 2 entries/],
  ["train_list.mat", list(["n2-Pug/../../p2"], [2]), "train_list.mat", /must be a relative path/],
  ["train_list.mat", list(["n2-Pug/p2", "n2-Pug/p1"], [2, 2]), "test_list.mat", /listed a second time/],
  [
    "train_list.mat",
    matFile({ file_list: ["a"] }),
    "train_list.mat",
    /"annotation_list" must be a cell array/,
  ],
  ["test_list.mat", null, "test_list.mat", /missing/],
  ["Images/n2-Pug/p1.jpg", null, "test_list.mat", /entry 1 .*missing/],
  ["Images/n2-Pug/p1.jpg", "GIF89a", "test_list.mat", /JPEG or PNG/],
  ["Annotation/n2-Pug/p1", null, "test_list.mat", /entry 1 .*missing/],
  ["Annotation/n2-Pug/p1", xml(1, 1, "x", 5), "Annotation/n2-Pug/p1", /line 1: .*xmax must be an integer/],
  ["Annotation/n2-Pug/p1", xml(30, 1, 40, 5), "test_list.mat", /outside its image/],
  ["Annotation/n2-Pug/p1", "<a>\n<b></a>", "Annotation/n2-Pug/p1", /line 2: the file is not well-formed XML/],
];

for (const [i, [path, content, file, reason]] of DOG_FAULTS.entries()) {
  Deno.test(`dogs: fault ${i + 1} in ${path} is reported`, async () => {
    await withFolder(DOGS, (root) => {
      if (content === null) Deno.removeSync(join(root, path));
      else writeFile(root, path, content);
      assertFault(() => readDogs(dogsFolders(root)), file, reason);
    });
  });
}

Deno.test("all faults of the dogs are in one error, with the file that holds each", async () => {
  const changes = {
    "train_list.mat": list(["n2-Pug/p2", "n1-Kelpie/k1", "n2-Pug/p9", "n1-Kelpie/p1"], [2, 1, 2, 2]),
    "Annotation/n1-Kelpie/k1": "<annotation/>",
    "Annotation/n2-Pug/p2": xml(9, 2, 2, 6),
  };
  await withFolder({ ...DOGS, ...changes }, (root) => {
    assertFaults(() => readDogs(dogsFolders(root)), [
      ["train_list.mat", /entry 4, "n1-Kelpie\/p1\.jpg", has the label 2, which is "n2-Pug"/],
      ["n1-Kelpie/k1", /no bndbox/],
      ["train_list.mat", /entry 1 .*has no area/],
      ["train_list.mat", /entry 3 .*"n2-Pug\/p9\.jpg" is missing/],
      ["train_list.mat", /entry 3 .*"n2-Pug\/p9" is missing/],
    ]);
  });
});

function cars(
  rows: readonly (readonly [string, number, number])[],
  extra: Readonly<Record<string, MatValue>> = {},
): MatValue {
  return {
    struct: rows.map(([fname, label, x2]) => ({
      bbox_x1: 1,
      bbox_y1: 2,
      bbox_x2: x2,
      bbox_y2: 8,
      class: label,
      fname,
      ...extra,
    })),
  };
}

const CARS: Readonly<Record<string, string | Uint8Array>> = {
  "devkit/cars_meta.mat": matFile({ class_names: ["Audi A3", "Fiat 500"] }, true),
  "devkit/cars_train_annos.mat": matFile(
    { annotations: cars([["00002.jpg", 1, 9], ["00001.jpg", 2, 9]]) },
    true,
  ),
  "cars_test_annos_withlabels.mat": matFile({ annotations: cars([["00001.jpg", 1, 12]]) }),
  "cars_train/00001.jpg": PNG,
  "cars_train/00002.jpg": PNG,
  "cars_test/00001.jpg": PNG,
};

Deno.test("cars are ordered by file name, training images first, and named by class and id", async () => {
  await withFolder(CARS, (root) => {
    const { classes, samples } = readCars(carsFolders(root));
    assert.deepStrictEqual(classes, ["Audi A3", "Fiat 500"]);
    assert.deepStrictEqual(
      samples.map((
        { id, name, path, label, split, box },
      ) => [id, name, path.slice(-20), label, split, box![2]]),
      [
        [0, "001/001_00000.jpg", "cars_train/00001.jpg", 1, "train", 9],
        [1, "000/000_00001.jpg", "cars_train/00002.jpg", 0, "train", 9],
        [2, "000/000_00002.jpg", "/cars_test/00001.jpg", 0, "test", 12],
      ],
    );
  });
});

Deno.test("the older package of the cars holds both splits in one file", async () => {
  const row = (path: string, test: number, label: number) => ({
    relative_im_path: path,
    bbox_x1: 1,
    bbox_y1: 1,
    bbox_x2: 5,
    bbox_y2: 5,
    class: label,
    test,
  });
  const annotations = { struct: [row("car_ims/1.jpg", 1, 1), row("car_ims/2.jpg", 0, 1)] };
  const files = {
    "cars_annos.mat": matFile({ annotations, class_names: ["Audi A3"] }),
    "car_ims/1.jpg": PNG,
    "car_ims/2.jpg": PNG,
  };
  await withFolder(files, (root) => {
    assert.deepStrictEqual(readCars(root).samples.map(({ split, path }) => [split, path.slice(-5)]), [
      ["train", "2.jpg"],
      ["test", "1.jpg"],
    ]);
  });
});

const CAR_FAULTS: readonly [path: string, content: Uint8Array | null, file: string, reason: RegExp][] = [
  ["devkit/cars_meta.mat", null, "cars_meta.mat", /missing/],
  [
    "devkit/cars_meta.mat",
    matFile({ class_names: [["a", "b"]] }),
    "cars_meta.mat",
    /class_names\{1\} must be one string/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["a.jpg", 3, 9]]) }),
    "cars_train_annos.mat",
    /row 1 .* class 3/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: 5 }),
    "cars_train_annos.mat",
    /must be a struct array/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["../a.jpg", 1, 9]]) }),
    "cars_train_annos.mat",
    /must be a relative path/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["a.jpg", 1, 9]]) }),
    "cars_train_annos.mat",
    /missing/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["00001.jpg", 1, 0.5]]) }),
    "cars_train_annos.mat",
    /one integer/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["00001.jpg", 1, 1]]) }),
    "cars_train_annos.mat",
    /no area/,
  ],
  [
    "devkit/cars_train_annos.mat",
    matFile({ annotations: cars([["00001.jpg", 1, 9], ["00001.jpg", 1, 9]]) }),
    "cars_train_annos.mat",
    /row 2 .* already/,
  ],
  ["cars_test_annos_withlabels.mat", null, "cars_test_annos_withlabels.mat", /missing/],
];

for (const [i, [path, content, file, reason]] of CAR_FAULTS.entries()) {
  Deno.test(`cars: fault ${i + 1} in ${path} is reported`, async () => {
    await withFolder(CARS, (root) => {
      if (content === null) Deno.removeSync(join(root, path));
      else writeFile(root, path, content);
      assertFault(() => readCars(carsFolders(root)), file, reason);
    });
  });
}

Deno.test("all faults of the cars are in one error", async () => {
  const changes = {
    "devkit/cars_train_annos.mat": matFile({
      annotations: cars([["00002.jpg", 1, 1], ["00001.jpg", 2, 9], ["9.jpg", 1, 9]]),
    }),
    "cars_test_annos_withlabels.mat": matFile({
      annotations: cars([["00001.jpg", 3, 9], ["2.jpg", 1, 0.5], ["00001.jpg", 1, 9]]),
    }),
  };
  await withFolder({ ...CARS, ...changes }, (root) => {
    assertFaults(() => readCars(carsFolders(root)), [
      ["cars_test_annos_withlabels.mat", /annotations\(2\)\.bbox_x2 must be one integer/],
      ["cars_train_annos.mat", /"00002\.jpg": .*no area/],
      ["cars_train_annos.mat", /"9\.jpg": .*missing/],
    ]);
  });
});

const shared = sharedFolder();

Deno.test({
  name: `the real annotations of the cars are read${shared ? "" : " (skipped: there is no ../shared)"}`,
  ignore: shared === undefined,
  fn() {
    const folder = join(shared!, "data/stanford-cars-annotations");
    const names = readMatFile(
      join(folder, "cars_annos.mat"),
      ({ variables }) => cellStrings(variables.get("class_names"), "class_names"),
    );
    assert.strictEqual(names.length, 196);
    for (const [file, count] of [["cars_train_annos.mat", 8144], ["cars_test_annos.mat", 8041]] as const) {
      const rows = readMatFile(join(folder, file), (mat) => carAnnotations(mat, names.length));
      assert.strictEqual(rows.length, count);
      assert.strictEqual(new Set(rows.map(({ label }) => label)).size, 196);
      for (const { box: [x1, y1, x2, y2] } of rows) assert.ok(x1 >= 1 && y1 >= 1 && x2 > x1 && y2 > y1);
    }
    const all = readMatFile(join(folder, "cars_annos.mat"), (mat) => carAnnotations(mat, names.length));
    assert.strictEqual(all.length, 8144 + 8041);
    assert.strictEqual(all.filter(({ split }) => split === "train").length, 8144);
  },
});

function assertFault(read: () => unknown, file: string, reason: RegExp): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof DataSetError, String(error));
    assert.ok(error.file.endsWith(file), error.message);
    assert.match(error.message, reason);
    return true;
  });
}

function assertFaults(
  read: () => unknown,
  expected: readonly (readonly [file: string, reason: RegExp])[],
): void {
  assert.throws(read, (error) => {
    assert.ok(error instanceof DataSetError, String(error));
    assert.strictEqual(error.count, expected.length, error.message);
    error.faults.forEach(({ file, reason }, i) => {
      assert.ok(file.endsWith(expected[i][0]), error.message);
      assert.match(reason, expected[i][1]);
    });
    return true;
  });
}
