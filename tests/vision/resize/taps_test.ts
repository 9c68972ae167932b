/** Two resizes in one give what they give one after the other. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { composeTaps, resample, type Taps } from "../../../lib/vision/resize/taps.ts";
import { type InterpolateMode, interpolationTaps } from "../../../lib/vision/resize/torch.ts";

const identity: Taps = {
  start: new Int32Array(1),
  count: new Int32Array(1).fill(1),
  weights: new Float64Array(1).fill(1),
  stride: 1,
};

function resized(row: Float32Array, taps: Taps): Float32Array {
  const out = new Float32Array(taps.start.length);
  resample(row, row.length, 1, taps, identity, out);
  return out;
}

Deno.test("composed taps resize as their parts do, also where the second reads only the first samples", () => {
  const length = fc.integer({ min: 1, max: 40 });
  const mode = fc.constantFrom<InterpolateMode>("nearest", "bilinear", "bicubic", "bilinear-antialias");
  const values = fc.double({ min: -100, max: 100, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(values, { minLength: 1, maxLength: 40 }),
      length,
      fc.double({ min: 0, max: 1, noNaN: true }),
      length,
      mode,
      mode,
      (row, between, share, to, firstMode, secondMode) => {
        const shown = Math.max(1, Math.round(share * between));
        const first = interpolationTaps(row.length, between, firstMode);
        const second = interpolationTaps(shown, to, secondMode);
        const source = Float32Array.from(row);
        const expected = resized(resized(source, first).subarray(0, shown), second);
        const given = resized(source, composeTaps(first, second));
        expected.forEach((value, i) =>
          assert.ok(Math.abs(given[i] - value) < 1e-4, `${given[i]} instead of ${value}`)
        );
      },
    ),
  );
});
