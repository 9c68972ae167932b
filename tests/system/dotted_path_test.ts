/** Paths end at a value, or name the first field that is not there. */

import assert from "node:assert/strict";
import { followPath } from "../../lib/system/dotted_path.ts";

Deno.test("a path leads to a value of any type, or names what is missing, where, and what is there", () => {
  const value = { fit: { rate: 0.1, none: null }, list: [1, 2] };
  assert.deepEqual(followPath(value, "fit.rate"), { found: 0.1 });
  assert.deepEqual(followPath(value, "fit.none"), { found: null });
  assert.deepEqual(followPath(value, "list.1"), { found: 2 });
  assert.deepEqual(followPath(value, "fit.rates"), { missing: "rates", place: "fit", known: "rate, none" });
  assert.deepEqual(followPath(value, "fit.rate.x"), { missing: "x", place: "fit.rate", known: "no fields" });
  assert.deepEqual(followPath(value, "toString"), { missing: "toString", place: "", known: "fit, list" });
  assert.deepEqual(followPath(7, "x"), { missing: "x", place: "", known: "no fields" });
});
