/** Interpolation of an axis that keeps its length: nothing is computed, since its weights are the identity. */

import assert from "node:assert/strict";
import { program } from "../../lib/tensor/graph.ts";
import { interpolate } from "../../lib/tensor/ops/resample.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { bicubicWeights, bilinearWeights } from "../../lib/tensor/resample_weights.ts";

/** The products of a program that resizes a map of 5 × 7. */
function products(mode: "bilinear" | "bicubic", size: readonly [number, number]): number {
  const x = input("x", "float32", [1, 2, 5, 7]);
  const { steps } = program({ y: interpolate(x, { size, mode }) });
  return steps.filter(({ op }) => op.name === "matmul").length;
}

for (const mode of ["bilinear", "bicubic"] as const) {
  Deno.test(`${mode}: an axis that keeps its length is not resampled`, () => {
    assert.deepEqual(
      ([[5, 7], [5, 14], [10, 7], [10, 14]] as const).map((size) => products(mode, size)),
      [0, 1, 1, 2],
    );
    const weights = mode === "bilinear" ? bilinearWeights : bicubicWeights;
    for (const length of [1, 2, 3, 7, 450]) {
      const identity = Array.from(
        { length: length ** 2 },
        (_, at) => Math.floor(at / length) === at % length ? 1 : 0,
      );
      for (const alignCorners of [true, false]) {
        for (const antialias of [true, false]) {
          const { matrix } = weights(length, length, { alignCorners, antialias });
          assert.deepEqual([...matrix].map(Math.abs), identity);
        }
      }
    }
  });
}
