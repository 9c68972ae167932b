/** Images cut by a mask show it, except for pixels that are black in the image. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { image, mask } from "../../../lib/vision/image.ts";
import { cutImage, maskOfCut } from "../../../lib/vision/masks/cut.ts";

Deno.test("a cut keeps the pixels of its mask and shows where it is not black", () => {
  const bytes = fc.uint8Array({ minLength: 36, maxLength: 36, max: 3 });
  const bits = fc.uint8Array({ minLength: 12, maxLength: 12, max: 1 });
  fc.assert(fc.property(bytes, bits, (pixels, data) => {
    const picture = image(4, 3, "RGB", pixels);
    const cut = cutImage(picture, mask(4, 3, data));
    assert.equal(cut.order, "RGB");
    assert.deepEqual(cut.data, pixels.map((value, i) => data[Math.floor(i / 3)] * value));
    const seen = data.map((bit, i) =>
      bit && pixels.subarray(3 * i, 3 * i + 3).some((value) => value > 0) ? 1 : 0
    );
    assert.deepEqual(maskOfCut(cut), mask(4, 3, seen));
  }));
});

Deno.test("a pixel of a cut belongs to the mask where any channel is above 0", () => {
  const cut = { width: 2, height: 2, channels: 3, data: [0, 0, 0, 0, 0, 7, 255, 1, 1, 0, 0, -0.5] };
  assert.deepEqual(maskOfCut(cut), mask(2, 2, Uint8Array.of(0, 1, 1, 0)));
});

Deno.test("a mask of another size than the image is refused", () => {
  assert.throws(() => cutImage(image(20, 10, "RGB"), mask(3, 3)), /3 × 3 does not fit an image of 20 × 10/);
});
