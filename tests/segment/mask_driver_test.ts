import assert from "node:assert";
import { balanceMasks } from "../../lib/segment/balance.ts";
import { readMask } from "../../lib/vision/masks/mask_file.ts";
import { arrangeMasks } from "../../lib/segment/mask_driver.ts";
import { readMaskIndex, writeMaskIndex, writeMasks } from "../../lib/segment/mask_files.ts";
import { MaskIndexError, type MaskRecord } from "../../lib/segment/mask_index.ts";
import { masksToKeep, meanByRank } from "../../lib/segment/rank_means.ts";
import { objectOverlap } from "../../lib/segment/object_overlap.ts";
import { patchMasks } from "../../lib/segment/patches.ts";
import { image, type Mask, mask } from "../../lib/vision/image.ts";
import { encodeRunLengths, runLengthArea } from "../../lib/vision/masks/rle.ts";

function rectangle(left: number, top: number, width: number, height: number): Mask {
  const one = mask(20, 10);
  for (let y = top; y < top + height; y++) one.data.fill(1, y * 20 + left, y * 20 + left + width);
  return one;
}

Deno.test("masks are ordered by size, equal ones as they came, and boxes of at most two pixels dropped", () => {
  const kept = arrangeMasks([
    rectangle(0, 0, 3, 3),
    rectangle(0, 0, 2, 9),
    mask(20, 10),
    rectangle(5, 5, 3, 3),
    rectangle(0, 0, 19, 2),
    rectangle(1, 1, 10, 8),
  ]);
  assert.deepStrictEqual(kept.map(({ source }) => source), [5, 0, 3]);
  assert.deepStrictEqual(kept[0].box, [1, 1, 10, 8]);
  assert.deepStrictEqual(kept[0].shift, [1, 5]);
  assert.strictEqual(kept[0].size, 80 / 200);
  assert.deepStrictEqual(arrangeMasks([]), []);
});

Deno.test("masks and their index are read as they were written, in the order of the views", async () => {
  const root = await Deno.makeTempDir();
  try {
    const picture = image(20, 10, "RGB", Uint8Array.from({ length: 600 }, (_, i) => 1 + i % 250));
    const kept = arrangeMasks([rectangle(0, 0, 3, 3), rectangle(2, 2, 9, 5)]);
    const records = await writeMasks(root, "sam2", "003.Bird/a.b.jpg", picture, kept);
    assert.deepStrictEqual(records.map(({ file }) => file), ["mask_0.png", "mask_1.png"]);
    for (const [i, { file }] of records.entries()) {
      const path = `${root}/segmentations/sam2/003.Bird/a.b/${file}`;
      assert.deepStrictEqual((await readMask(path)).data, kept[i].mask.data);
    }
    const balanced = balanceMasks([records, [...records, { key: 2, file: "mask_2.png" }, {
      key: 3,
      file: "mask_3.png",
    }]]);
    const index = new Map([["sam2", new Map(balanced.map((list, id) => [10 - id, list]))]]);
    await writeMaskIndex(root, index);
    const read = await readMaskIndex(root);
    assert.deepStrictEqual([...read.get("sam2")!.keys()], [10, 9]);
    assert.deepStrictEqual(read.get("sam2")!.get(10)!.map(({ key }) => key), [0, 1, 2, 3]);
    assert.deepStrictEqual(read.get("sam2")!.get(10)!, balanced[0]);
    await assert.rejects(readMaskIndex(`${root}/nowhere`), MaskIndexError);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});

Deno.test("balancing gives every image as many masks as the one with most", () => {
  const list = (count: number): MaskRecord[] =>
    Array.from({ length: count }, (_, key) => ({ key, file: `mask_${key}.png` }));
  const [three] = balanceMasks([list(3), list(8)]);
  assert.deepStrictEqual(three.map(({ key }) => key), [0, 1, 2, 3, 6, 4, 7, 5]);
  assert.deepStrictEqual(three.map(({ file }) => file).slice(3, 5), ["mask_0_0.png", "mask_0_1.png"]);
  for (let most = 1; most < 20; most++) {
    for (let count = 1; count <= most; count++) {
      const [balanced] = balanceMasks([list(count), list(most)]);
      assert.strictEqual(balanced.length, most);
      assert.strictEqual(new Set(balanced.map(({ key }) => key)).size, most);
    }
  }
  assert.throws(() => balanceMasks([list(2), []]), /image 1 of the set has no mask/);
  assert.deepStrictEqual(balanceMasks([]), []);
});

Deno.test("mean size per rank counts only images that have the rank", () => {
  assert.deepStrictEqual(meanByRank([[0.5, 0.25], [0.25], []]), [0.375, 0.25]);
  assert.deepStrictEqual(meanByRank([]), []);
  assert.strictEqual(masksToKeep([0.5, 0.02, 0.009, 0.5]), 2);
  assert.strictEqual(masksToKeep([0.5, 0.02]), 2);
});

Deno.test("overlap is the share of the mask that lies on the object", () => {
  const overlap = (a: Mask, b: Mask) => objectOverlap(encodeRunLengths(a), encodeRunLengths(b));
  assert.strictEqual(overlap(rectangle(0, 0, 4, 1), rectangle(2, 0, 9, 9)), 0.5);
  assert.strictEqual(overlap(mask(20, 10), rectangle(0, 0, 2, 2)), 0);
  assert.throws(() => overlap(mask(2, 2), mask(3, 3)), RangeError);
});

Deno.test("patches tile the box column by column and stay in the image", () => {
  const masks = patchMasks(20, 10, [16, 6, 24, 14]);
  assert.deepStrictEqual(masks.map(runLengthArea), [16, 0, 0, 0]);
  assert.deepStrictEqual(patchMasks(20, 10, [0, 0, 5, 4]).map(runLengthArea), [4, 4, 4, 4]);
});
