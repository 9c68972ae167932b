/** Mask sets: written and read they are the same, their facts are those of the masks, and bad files are named. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { balancedViews } from "../../lib/segment/balanced_views.ts";
import { formatMaskSet, maskSet, maskSetFile, parseMaskSet } from "../../lib/segment/mask_set.ts";
import { viewOfObject, viewsThroughMasks } from "../../lib/segment/sample_views.ts";
import { image, mask } from "../../lib/vision/image.ts";
import { maskBox } from "../../lib/vision/masks/boxes.ts";
import { decodeRunLengths, encodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { maskArea } from "./mask_area.ts";

const NAME = { name: "003.Bunting/one.two.jpg", width: 7, height: 5 };

const masks = fc.array(
  fc.array(fc.integer({ min: 0, max: 1 }), { minLength: 35, maxLength: 35 }).map((bits) =>
    mask(7, 5, Uint8Array.from(bits))
  ),
  { maxLength: 6 },
);

Deno.test("a set that is written and read is the same, and tells area and box of every mask", () => {
  fc.assert(fc.property(masks, (all) => {
    const set = maskSet(NAME, all.map((mask, i) => ({ runs: encodeRunLengths(mask), scores: { place: i } })));
    assert.deepEqual(parseMaskSet(formatMaskSet(set), "a.json"), set);
    assert.equal(set.masks.length, all.filter(({ data }) => data.includes(1)).length);
    for (const [i, { runs, area, box, scores }] of set.masks.entries()) {
      const source = all[scores.place];
      assert.deepEqual(decodeRunLengths(runs).data, source.data);
      assert.equal(area, maskArea(source));
      assert.deepEqual(box, maskBox(source));
      const before = set.masks[i - 1];
      assert.ok(
        !before || before.area > area || (before.area === area && before.scores.place < scores.place),
      );
    }
  }));
});

Deno.test("a file is named after its sample", () => {
  assert.equal(maskSetFile({ id: 17, name: NAME.name }), "00017-one.two.json");
});

const GOOD = formatMaskSet(maskSet(NAME, [
  { runs: encodeRunLengths(mask(7, 5, new Uint8Array(35).fill(1, 0, 14))), scores: { predicted_iou: 0.9 } },
  { runs: encodeRunLengths(mask(7, 5, new Uint8Array(35).fill(1, 3, 5))) },
]));

for (
  const [fault, change, reason] of [
    ["no JSON", (text: string) => text.slice(5), /a\.json can't be read as a mask set/],
    ["another format", (text: string) => text.replace("masks 1", "masks 2"), /a\.json: format/],
    [
      "an area that is not the mask's",
      (text: string) => text.replace('"area":14', '"area":13'),
      /mask 0: its area is 14/,
    ],
    [
      "a box that is not the mask's",
      (text: string) => text.replace("[3,0,4,0]", "[3,0,4,1]"),
      /mask 1: its box is/,
    ],
    [
      "another size",
      (text: string) => text.replace('"width":7', '"width":8'),
      /mask 0: the runs cover 35 pixels/,
    ],
    ["an unknown field", (text: string) => text.replace('"area":14', '"area":14,"x":1'), /Unrecognized key/],
    ["a smaller mask first", (text: string) => {
      const [head, first, second, end] = text.split("\n");
      return [head, second + ",", first.slice(0, -1), end].join("\n");
    }, /mask 1: it is larger than the one before/],
  ] as const
) {
  Deno.test(`a file with ${fault} is refused`, () => {
    assert.notEqual(change(GOOD), GOOD);
    const name = reason.source.startsWith("mask") ? "MaskSetError" : "JsonFileError";
    assert.throws(() => parseMaskSet(change(GOOD), "a.json"), { name, message: reason });
  });
}

Deno.test("masks of another size than the image are refused", () => {
  assert.throws(() => maskSet(NAME, [{ runs: encodeRunLengths(mask(5, 7)) }]), /does not fit 003\.Bunting/);
});

Deno.test("views show the largest masks, repeated in the order of the reference", () => {
  assert.deepEqual(balancedViews([3, 8, 1, 20], 8), [
    [0, 1, 2, 0, 0, 1, 1, 2],
    [0, 1, 2, 3, 4, 5, 6, 7],
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0, 1, 2, 3, 4, 5, 6, 7],
  ]);
  assert.deepEqual(balancedViews([], 3), []);
  assert.throws(() => balancedViews([2, 3], 4), /no image of the set has more than 3 masks/);
  assert.throws(() => balancedViews([2, 0], 2), /has no mask/);
});

Deno.test("a view tells its mask, its box and the pixels that it took", () => {
  const source = image(7, 5, "RGB", Uint8Array.from({ length: 105 }, (_, i) => i + 1));
  const set = parseMaskSet(GOOD, "a.json");
  const options = {
    width: 2,
    height: 2,
    fill: "zero",
    minBoxShare: 0,
    crop: true,
    fidelity: "intended",
  } as const;
  const views = viewsThroughMasks(source, set, 5, options);
  assert.deepEqual(views.map(({ row }) => row), [
    { mask: 0, box: [0, 0, 6, 1], rectangle: { left: 0, top: 0, width: 7, height: 2 } },
    { mask: 1, box: [3, 0, 4, 0], rectangle: { left: 3, top: 0, width: 2, height: 1 } },
  ]);
  assert.deepEqual([...views[1].view.data], [10, 11, 12, 13, 14, 15, 10, 11, 12, 13, 14, 15]);
  assert.equal(viewsThroughMasks(source, set, 1, options).length, 1);
  assert.throws(() => viewsThroughMasks(image(5, 7, "RGB"), set, 1, options), /its image is of 5 × 7/);
  assert.deepEqual(viewOfObject(source, undefined, options).row, {
    mask: 0,
    rectangle: { left: 0, top: 0, width: 7, height: 5 },
  });
  assert.deepEqual(viewOfObject(source, [1, 1, 4, 3], options).row.rectangle, {
    left: 1,
    top: 1,
    width: 3,
    height: 2,
  });
});
