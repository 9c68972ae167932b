import { deepStrictEqual, ok, strictEqual } from "node:assert";
import fc from "fast-check";
import { MaskStretcher } from "../../../lib/segment/automatic_masks/stretched_mask.ts";
import { removeRegions } from "../../../lib/segment/automatic_masks/remove_regions.ts";
import { float32 } from "../../../lib/tensor/host_tensor.ts";
import { mask } from "../../../lib/vision/image.ts";
import { encodeRunLengths } from "../../../lib/vision/masks/rle.ts";
import { interpolate, interpolationTaps } from "../../../lib/vision/resize/torch.ts";
import { emptyTaps, type Taps } from "../../../lib/vision/resize/taps.ts";
import { stabilityScore } from "./stability_score.ts";

const side = fc.integer({ min: 1, max: 9 });
const stretched = fc.tuple(side, side, side, side).chain(([width, height, toWidth, toHeight]) =>
  fc.record({
    width: fc.constant(width),
    height: fc.constant(height),
    toWidth: fc.constant(3 * toWidth),
    toHeight: fc.constant(3 * toHeight),
    logits: fc.array(fc.integer({ min: -8, max: 8 }), {
      minLength: width * height,
      maxLength: width * height,
    })
      .map((values) => Float32Array.from(values, (value) => 0.2371 * value + 0.0123)),
    threshold: fc.constantFrom(-0.5, 0, 0.25),
    offset: fc.constantFrom(0, 0.25, 1),
  })
);

Deno.test("measured column by column as at full resolution", () => {
  fc.assert(
    fc.property(stretched, ({ width, height, toWidth, toHeight, logits, threshold, offset }) => {
      const stretching = {
        columns: interpolationTaps(width, toWidth, "bilinear"),
        rows: interpolationTaps(height, toHeight, "bilinear"),
      };
      const stretcher = new MaskStretcher(width, height, stretching, { threshold, offset });
      const full = interpolate(float32([1, height, width], logits), toWidth, toHeight, "bilinear").data;
      // Values that rounding may move across a threshold decide nothing.
      const levels = [threshold - offset, threshold, threshold + offset];
      fc.pre(full.every((value) => levels.every((level) => Math.abs(value - level) > 1e-5)));
      for (let again = 0; again < 2; again++) {
        const { stability, runs } = stretcher.measure(logits);
        deepStrictEqual(stability, stabilityScore(full, threshold, offset));
        deepStrictEqual(
          runs,
          encodeRunLengths(
            mask(toWidth, toHeight, Uint8Array.from(full, (value) => value > threshold ? 1 : 0)),
          ),
        );
      }
    }),
    { numRuns: 300 },
  );
});

Deno.test("taps of any number are summed", () => {
  const averages = (from: number): Taps => {
    const taps = emptyTaps(from - 2, 3);
    for (let i = 0; i < from - 2; i++) {
      taps.start[i] = i;
      taps.count[i] = 3;
      taps.weights.fill(1 / 3, 3 * i, 3 * i + 3);
    }
    return taps;
  };
  const stretcher = new MaskStretcher(4, 3, { columns: averages(4), rows: averages(3) }, {
    threshold: 0,
    offset: 0.5,
  });
  const { stability, runs } = stretcher.measure(Float32Array.of(9, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -9));
  deepStrictEqual([...runs.counts], [0, 1, 1]);
  strictEqual(stability, 1);
});

Deno.test("a logit at a threshold is not above it", () => {
  const taps = interpolationTaps(2, 2, "bilinear");
  const stretcher = new MaskStretcher(2, 2, { columns: taps, rows: taps }, { threshold: 0.1, offset: 0.5 });
  const { stability, runs } = stretcher.measure(Float32Array.of(0.1, 0.6, -0.4, 1));
  deepStrictEqual([...runs.counts], [2, 2]);
  strictEqual(stability, Math.fround(1 / 3));
});

Deno.test("an empty mask and a full one", () => {
  const taps = interpolationTaps(2, 5, "bilinear");
  const stretcher = new MaskStretcher(2, 2, { columns: taps, rows: taps }, { threshold: 0, offset: 1 });
  const empty = stretcher.measure(new Float32Array(4).fill(-3));
  deepStrictEqual([...empty.runs.counts], [25]);
  ok(Number.isNaN(empty.stability));
  const full = stretcher.measure(new Float32Array(4).fill(3));
  deepStrictEqual([...full.runs.counts], [0, 25]);
  strictEqual(full.stability, 1);
});

Deno.test("holes are raised and islands lowered, judged by the original logits", () => {
  const drawn = (...rows: string[]) => Float32Array.from(rows.join(""), (c) => c === "#" ? 2 : -3);
  const logits = drawn(
    "#####...",
    "#.###..#",
    "#####...",
  );
  const limits = { threshold: 0, hole: 1, island: 1 };
  const cleaned = removeRegions(logits, 8, 3, limits);
  strictEqual(cleaned[9], 10);
  strictEqual(cleaned[15], -10);
  strictEqual(logits[9], -3, "the given logits stay");
  strictEqual(cleaned.filter((value, i) => value !== logits[i]).length, 2);
  strictEqual(removeRegions(logits, 8, 3, { ...limits, hole: 0, island: 0 }), logits);
  strictEqual(removeRegions(cleaned, 8, 3, limits), cleaned, "nothing is left to do");
  strictEqual(removeRegions(logits, 8, 3, { ...limits, hole: 0 })[9], -3);
  // A region of one pixel within a hole of one pixel: diagonal neighbours belong together.
  const ring = drawn("#.#", ".#.", "#.#");
  strictEqual(removeRegions(ring, 3, 3, limits), ring);
});
