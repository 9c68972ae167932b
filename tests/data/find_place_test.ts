/** Places in the folders of mirrors. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { carsFolders } from "../../lib/data/cars.ts";
import { findPlace } from "../../lib/data/find_place.ts";
import { withFolder } from "./folder.ts";

Deno.test("what a mirror nests is found, and two of a name are refused", async () => {
  await withFolder({
    "archive/cars_train/cars_train/00001.jpg": "",
    "archive/cars_test/cars_test/00001.jpg": "",
    "archive/car_devkit/devkit/cars_meta.mat": "",
    "archive/cars_test_annos_withlabels.mat": "",
  }, (root) => {
    const archive = join(root, "archive");
    const folders = {
      train: join(archive, "cars_train/cars_train"),
      test: join(archive, "cars_test/cars_test"),
      devkit: join(archive, "car_devkit/devkit"),
      labels: join(archive, "cars_test_annos_withlabels.mat"),
    };
    assert.deepEqual(carsFolders(root), folders);
    assert.deepEqual(carsFolders(archive), folders);
    assert.equal(findPlace(root, "none"), join(root, "none"));
    Deno.mkdirSync(join(root, "other/cars_train"), { recursive: true });
    assert.throws(() => findPlace(root, "cars_train"), /"cars_train" was found twice/);
  });
});
