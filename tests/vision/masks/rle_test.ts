import assert from "node:assert";
import fc from "fast-check";
import { maskBox } from "../../../lib/vision/masks/boxes.ts";
import { maskIou } from "../../../lib/vision/masks/iou.ts";
import {
  decodeRunLengths,
  encodeRunLengths,
  runLengthArea,
  runLengthBox,
  RunLengthError,
  runLengthIntersection,
  runLengths,
} from "../../../lib/vision/masks/rle.ts";
import { compressRunLengths, decompressRunLengths } from "../../../lib/vision/masks/rle_string.ts";
import { mask } from "../../../lib/vision/image.ts";
import { arbitraryMask, drawn } from "./arbitrary_mask.ts";
import { maskArea } from "../../segment/mask_area.ts";

Deno.test("run lengths count columns, zeros first", () => {
  const runs = encodeRunLengths(drawn(
    "#.",
    "##",
  ));
  assert.deepStrictEqual([...runs.counts], [0, 2, 1, 1]);
});

Deno.test("run lengths and their strings give back the mask they were made from", () => {
  fc.assert(fc.property(arbitraryMask(14), (one) => {
    const runs = encodeRunLengths(one);
    assert.deepStrictEqual(decodeRunLengths(runs), one);
    const again = decompressRunLengths(one.width, one.height, compressRunLengths(runs));
    assert.deepStrictEqual(again, runs);
  }));
});

Deno.test("run lengths of large differences survive the string", () => {
  const counts = [0, 1, 2_000_000, 3, 900_000, 1_500_000, 1, 2];
  const runs = runLengths(1, counts.reduce((a, b) => a + b), counts);
  assert.deepStrictEqual(decompressRunLengths(runs.width, runs.height, compressRunLengths(runs)), runs);
});

Deno.test("area, box and intersection of run lengths are those of the pixels", () => {
  fc.assert(fc.property(arbitraryMask(12), fc.infiniteStream(fc.boolean()), (one, bits) => {
    const runs = encodeRunLengths(one);
    assert.strictEqual(runLengthArea(runs), maskArea(one));
    assert.deepStrictEqual(runLengthBox(runs) ?? [0, 0, 0, 0], maskBox(one));
    const other = mask(
      one.width,
      one.height,
      Uint8Array.from(one.data, () => bits.next().value ? 1 : 0),
    );
    const shared = one.data.reduce((sum, value, i) => sum + (value & other.data[i]), 0);
    assert.strictEqual(runLengthIntersection(runs, encodeRunLengths(other)), shared);
    const union = maskArea(one) + maskArea(other) - shared;
    assert.strictEqual(maskIou(runs, encodeRunLengths(other)), shared === 0 ? 0 : shared / union);
  }));
});

Deno.test("a mask without pixels has run lengths", () => {
  const empty = mask(0, 0);
  assert.deepStrictEqual(decodeRunLengths(encodeRunLengths(empty)), empty);
});

Deno.test("strings that describe no mask of the size are refused, whatever they hold", () => {
  for (
    const [text, reason] of [
      ["08", /cover/],
      ["ooo", /ends? within/],
      ["0`0", /cover 16/],
      ["0`", /ends? within/],
      ["\u00ff", /not between/],
      ["PPPPPPPPPPPPPPPP0", /too large/],
      ["1N4", /length/],
      ["", /cover 0 pixels/],
    ] as const
  ) {
    assert.throws(() => decompressRunLengths(2, 2, text), (error) => {
      assert.ok(error instanceof RunLengthError);
      assert.match(error.message, reason);
      return true;
    });
  }
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
    try {
      assert.strictEqual(decodeRunLengths(decompressRunLengths(5, 4, text)).data.length, 20);
    } catch (error) {
      assert.ok(error instanceof RunLengthError, String(error));
    }
  }));
});

Deno.test("run lengths of impossible sizes are refused", () => {
  for (
    const [width, height, counts] of [[-1, 2, []], [1.5, 2, [3]], [2 ** 20, 2 ** 20, [2 ** 40]], [2, 2, [
      -1,
      5,
    ]]]
  ) {
    assert.throws(() => runLengths(width as number, height as number, counts as number[]), RunLengthError);
  }
});

Deno.test("masks of two sizes have no intersection", () => {
  const [a, b] = [mask(2, 3), mask(3, 2)].map(encodeRunLengths);
  assert.throws(() => runLengthIntersection(a, b), /2 × 3 and 3 × 2/);
});
