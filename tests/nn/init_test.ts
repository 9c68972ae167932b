import { deepStrictEqual, notDeepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { erf } from "../../lib/tensor/special.ts";
import * as init from "../../lib/nn/init.ts";
import { normalQuantile } from "../../lib/nn/normal_quantile.ts";

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

Deno.test("a drawn parameter depends on the seed and its name alone", () => {
  const draw = (seed: number, name: string) => init.draw(init.normal(0, 1), [3, 5], { seed, name }).data;
  deepStrictEqual(draw(1, "fc.weight"), draw(1, "fc.weight"));
  notDeepStrictEqual(draw(1, "fc.weight"), draw(2, "fc.weight"));
  notDeepStrictEqual(draw(1, "fc.weight"), draw(1, "fc.bias"));
});

Deno.test("a truncated normal with infinite bounds is the normal itself", () => {
  const { mean, std } = init.truncatedNormal(2, 3, -Infinity, Infinity);
  deepStrictEqual([mean, std], [2, 3]);
});

Deno.test("a one-sided cut has the moments of the half-normal distribution", () => {
  const { mean, std } = init.truncatedNormal(0, 1, 0, Infinity);
  ok(Math.abs(mean - Math.sqrt(2 / Math.PI)) < 1e-12);
  ok(Math.abs(std - Math.sqrt(1 - 2 / Math.PI)) < 1e-12);
});

Deno.test("distributions that do not exist are refused", () => {
  throws(() => init.fans([7]), /two axes/);
  throws(() => init.normal(0, -1), /must be at least 0/);
  throws(() => init.uniform(1, 0), /low ≤ high/);
  throws(() => init.truncatedNormal(0, 1, 50, 60), /no mass between/);
  throws(() => init.truncatedNormal(0, 1, 1, -1), /no mass between/);
});

Deno.test("the last layer joins every prototype to its own class", () => {
  const { shape, data } = init.classIdentity(2, [0, 0, 0, 1, 1, 1]);
  deepStrictEqual(shape, [2, 6]);
  strictEqual([...data].join(""), "111000000111");
});
