/** Small regions of logits: the same as by labelled components, for maps of any size. */

import { deepStrictEqual } from "node:assert";
import fc from "fast-check";
import { RegionMemory, removeRegions } from "../../../lib/segment/automatic_masks/remove_regions.ts";
import { mask } from "../../../lib/vision/image.ts";
import { connectedComponents } from "../../../lib/vision/masks/components.ts";

const WIDTH = 9;
const HEIGHT = 7;
const memory = new RegionMemory(WIDTH, HEIGHT);

Deno.test("holes and islands are the small components of the two sides of the threshold", () => {
  const logits = fc.array(fc.integer({ min: -3, max: 3 }), {
    minLength: WIDTH * HEIGHT,
    maxLength: WIDTH * HEIGHT,
  });
  const area = fc.integer({ min: 0, max: 6 });
  fc.assert(
    fc.property(logits, area, area, fc.constantFrom(-1, 0, 0.5), (values, hole, island, threshold) => {
      const given = Float32Array.from(values);
      const expected = given.slice();
      for (const [inside, largest, value] of [[0, hole, threshold + 10], [1, island, threshold - 10]]) {
        const side = Uint8Array.from(given, (logit) => Number(logit > threshold) === inside ? 1 : 0);
        const { labels, areas } = connectedComponents(mask(WIDTH, HEIGHT, side), 8);
        labels.forEach((label, i) => {
          if (label > 0 && areas[label - 1] <= largest) expected[i] = value;
        });
      }
      const cleaned = removeRegions(given, WIDTH, HEIGHT, { threshold, hole, island }, memory);
      deepStrictEqual(cleaned, expected);
      deepStrictEqual(given, Float32Array.from(values), "the given logits stay");
    }),
    { numRuns: 500 },
  );
});
