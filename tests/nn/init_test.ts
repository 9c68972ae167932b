import { deepStrictEqual, notDeepStrictEqual, strictEqual, throws } from "node:assert";
import * as init from "../../lib/nn/init.ts";

Deno.test("a drawn parameter depends on the seed and its name alone", () => {
  const draw = (seed: number, name: string) => init.draw(init.normal(0, 1), [3, 5], { seed, name }).data;
  deepStrictEqual(draw(1, "fc.weight"), draw(1, "fc.weight"));
  notDeepStrictEqual(draw(1, "fc.weight"), draw(2, "fc.weight"));
  notDeepStrictEqual(draw(1, "fc.weight"), draw(1, "fc.bias"));
});

Deno.test("distributions that do not exist are refused", () => {
  throws(() => init.fans([7]), /two axes/);
  throws(() => init.normal(0, -1), /must be at least 0/);
  throws(() => init.uniform(1, 0), /low ≤ high/);
});

Deno.test("the last layer joins every prototype to its own class", () => {
  const { shape, data } = init.classIdentity(2, [0, 0, 0, 1, 1, 1]);
  deepStrictEqual(shape, [2, 6]);
  strictEqual([...data].join(""), "111000000111");
});
