/** Views with a filled background: cut from a part of the image, they are those of the whole image. */

import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { maskView } from "../../lib/data/views/mask_views.ts";
import { maskSet } from "../../lib/segment/mask_set.ts";
import { isThin } from "../../lib/segment/measure.ts";
import { viewsThroughMasks } from "../../lib/segment/sample_views.ts";
import { RandomStream } from "../../lib/tensor/random.ts";
import { image } from "../../lib/vision/image.ts";
import { cutImage } from "../../lib/vision/masks/cut.ts";
import { decodeRunLengths, encodeRunLengths } from "../../lib/vision/masks/rle.ts";
import { arbitraryMask } from "../vision/masks/arbitrary_mask.ts";

Deno.test("a filled view is cut from the part of the image that it shows", () => {
  const options = fc.record({
    fill: fc.constantFrom("zero" as const, "mean" as const),
    minBoxShare: fc.constantFrom(0, 0.3, 0.9),
    crop: fc.boolean(),
    fidelity: fc.constantFrom("reference" as const, "intended" as const),
    width: fc.constant(9),
    height: fc.constant(7),
  });
  fc.assert(fc.property(arbitraryMask(24), options, (whole, options) => {
    const { width, height } = whole;
    const set = maskSet({ name: "a", width, height }, [{ runs: encodeRunLengths(whole) }]);
    fc.pre(set.masks.length > 0 && !isThin(set.masks[0].box));
    const levels = new Float32Array(3 * width * height);
    new RandomStream({ seed: 1, purpose: "picture" }).fillUniform(levels, 0, 255);
    const source = image(width, height, "RGB", Uint8Array.from(levels));
    const [{ runs, box }] = set.masks;
    const expected = maskView(source, { cut: cutImage(source, decodeRunLengths(runs)), box }, options);
    deepStrictEqual(viewsThroughMasks(source, set, 1, options)[0].view, expected);
  }));
});
