import { deepStrictEqual, ok } from "node:assert";
import { erf } from "../../../lib/tensor/special.ts";
import { normalQuantile } from "./normal_quantile.ts";

Deno.test("the normal quantile is the inverse of the normal distribution function", () => {
  // Reference values of Python's statistics.NormalDist().inv_cdf.
  const known = [[0.5, 0], [0.975, 1.9599639845400536], [0.01, -2.3263478740408408], [
    1e-12,
    -7.034483825301131,
  ]];
  for (const [probability, x] of known) {
    ok(Math.abs(normalQuantile(probability) - x) <= 1e-14 * Math.max(1, Math.abs(x)), `at ${probability}`);
  }
  for (let p = 0.001; p < 1; p += 0.001) {
    ok(Math.abs((1 + erf(normalQuantile(p) / Math.SQRT2)) / 2 - p) < 1e-14, `at ${p}`);
  }
  deepStrictEqual([normalQuantile(0), normalQuantile(1)], [-Infinity, Infinity]);
  ok([-0.1, 1.1, NaN].every((p) => Number.isNaN(normalQuantile(p))));
});
