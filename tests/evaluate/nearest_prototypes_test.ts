/** The nearest of other prototypes, by hand. */

import assert from "node:assert/strict";
import { nearestPrototypes } from "../../lib/evaluate/nearest_prototypes.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";

Deno.test("each prototype has its nearest other one, the first of equals, by the root mean square difference", () => {
  const vectors = float32([4, 2], [0, 0, 0, 0, 3, 4, 0, 0]);
  assert.deepEqual(nearestPrototypes(vectors), [
    { prototype: 1, difference: 0 },
    { prototype: 0, difference: 0 },
    { prototype: 0, difference: Math.sqrt(12.5) },
    { prototype: 0, difference: 0 },
  ]);
  assert.deepEqual(nearestPrototypes(float32([1, 2], [1, 1])), [undefined]);
});
