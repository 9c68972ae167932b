/** What JSON would lose or change is found, with its place; anything else comes back from JSON as it was. */

import assert from "node:assert";
import fc from "fast-check";
import { jsonProblem } from "../../lib/flow/json.ts";

const cyclic: Record<string, unknown> = {};
cyclic.list = [cyclic];

const WRONG: readonly (readonly [value: unknown, message: string])[] = [
  [NaN, "x is NaN; expected a finite number"],
  [{ a: [1, Infinity] }, "x.a[1] is Infinity; expected a finite number"],
  [undefined, "x is undefined; expected null, a boolean"],
  [{ a: undefined }, "x.a is undefined; expected null, a boolean"],
  // deno-lint-ignore no-sparse-arrays -- a hole is what is to be found
  [[1, , 2], "x[1] is undefined; expected null, a boolean"],
  [{ f() {} }, "x.f is a function; expected null, a boolean"],
  [Symbol("s"), "x is a symbol; expected null, a boolean"],
  [[1n], "x[0] is a bigint; expected null, a boolean"],
  [new Map(), "x is a Map; expected a plain object"],
  [{ at: new Date() }, "x.at is a Date; expected a plain object"],
  [new Float32Array(1), "x is a Float32Array; expected a plain object"],
  [new (class extends Array {})(), "x is a class instance; expected a plain object"],
  [Object.assign([1], { name: "n" }), "x is a list with named properties"],
  [{ [Symbol("s")]: 1 }, "x has a property named by a symbol"],
  ["\ud800", "x has a lone surrogate"],
  [{ "\udc00": 1 }, "x has a name with a lone surrogate"],
  [cyclic, "x.list[0] contains itself"],
];

Deno.test("each value without a JSON form is named with its place", () => {
  for (const [value, message] of WRONG) {
    assert.ok(jsonProblem(value, "x")?.startsWith(message), `${jsonProblem(value, "x")}: ${message}`);
  }
});

Deno.test("a value without a problem comes back from JSON as it was", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withUnicodeString: true,
  } as never);
  fc.assert(fc.property(anything, (value) => {
    if (jsonProblem(value, "x") === undefined) assert.deepEqual(JSON.parse(JSON.stringify(value)), value);
  }));
  const json = fc.jsonValue({ stringUnit: "binary" });
  fc.assert(fc.property(json, (value) => assert.equal(jsonProblem(value, "x"), undefined)));
  const twice = { a: 1 };
  assert.equal(jsonProblem([twice, twice], "x"), undefined);
});
