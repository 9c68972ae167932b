/** The values on a grid: each is one that its distribution allows, from one bound to the other. */

import assert from "node:assert/strict";
import { allows, allValues, distribution } from "../../lib/tuning/space.ts";

Deno.test("grids of decimal fractions lie within their bounds, end at them, and meet 0 where they pass it", () => {
  for (const [parts, most] of [[10, 30], [20, 40], [3, 12], [7, 20]]) {
    const step = 1 / parts;
    for (let low = -most; low <= most; low++) {
      for (let count = 0; count <= most; count++) {
        const given = distribution.parse({
          type: "float",
          low: low / parts,
          high: (low + count) / parts,
          step,
        });
        const values = allValues(given) as number[];
        for (const value of values) assert.ok(allows(given, value), `${value} in ${JSON.stringify(given)}`);
        assert.equal(values.length, count + 1);
        assert.ok(Math.abs(values.at(-1)! - (low + count) / parts) < 1e-12);
        if (low <= 0 && low + count >= 0) assert.equal(Math.abs(values[-low]), 0);
      }
    }
  }
});
