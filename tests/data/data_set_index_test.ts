/** Data sets as folders: what is read is what was written, and what is missing is said. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { birdClasses } from "../../lib/data/birds/bird_spec.ts";
import { writeBirds } from "../../lib/data/birds/write_birds.ts";
import { readCub200 } from "../../lib/data/cub200.ts";
import { limitPerClass } from "../../lib/data/data_set.ts";
import { readDataSetIndex, readIndexedDataSet, writeDataSet } from "../../lib/data/data_set_index.ts";
import { readDataSet } from "../../lib/data/read_data_set.ts";
import { withFolder } from "./folder.ts";

const BIRDS = { seed: 1, classes: 2, trainPerClass: 2, testPerClass: 1, size: 32 };

Deno.test("a data set survives being written, with its images and masks byte for byte", async () => {
  await withFolder({}, (root) => {
    writeBirds(join(root, "cub"), BIRDS);
    const original = readCub200(join(root, "cub"));
    const out = join(root, "out");
    writeDataSet(out, "birds", original, () => {});
    const copy = readIndexedDataSet(out);
    assert.deepEqual(copy.classes, original.classes);
    assert.deepEqual(copy.partNames, original.partNames);
    assert.equal(copy.classes.length, birdClasses(2).length);
    for (const [i, sample] of copy.samples.entries()) {
      const { path, segmentation, partMask, ...rest } = original.samples[i];
      const { path: _, segmentation: __, partMask: ___, ...restOfCopy } = sample;
      assert.deepEqual(restOfCopy, rest);
      for (
        const [mine, theirs] of [[sample.path, path], [sample.segmentation, segmentation], [
          sample.partMask,
          partMask,
        ]]
      ) {
        assert.ok(mine!.startsWith(out));
        assert.deepEqual(Deno.readFileSync(mine!), Deno.readFileSync(theirs!));
      }
    }
    assert.deepEqual(readDataSetIndex(out).classWeights, [1, 1]);
    const limited = join(root, "limited");
    writeDataSet(limited, "birds", limitPerClass(original, 1));
    assert.deepEqual(readDataSetIndex(limited).samples.map(({ id }) => id), [0, 2, 3, 5]);
  });
});

Deno.test("an index that is missing or of another form is refused by name", async () => {
  await withFolder({ "dataset.json": '{"format":"protoflow data set 1"}' }, (root) => {
    assert.throws(() => readDataSetIndex(root), /dataset\.json: name/);
    assert.throws(() => readDataSetIndex(join(root, "none")), /dataset\.json can't be read as a data set/);
  });
});

Deno.test("an archive that is not given is named, with what was", () => {
  assert.throws(
    () => readDataSet("dogs", { images: "/nowhere" }),
    /the input "annotations" is missing.*given: images/,
  );
  assert.throws(() => readDataSet("cars196", {}), /the input "train" is missing.*given: none/);
});
