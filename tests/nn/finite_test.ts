/** Tensors that are not finite are named, with how much of them is wrong. */

import assert from "node:assert/strict";
import { describeNotFinite, NotFiniteError, requireFinite } from "../../lib/nn/finite.ts";
import { float32, hostTensor, int64 } from "../../lib/tensor/host_tensor.ts";

Deno.test("the first tensor with a value that is not finite is named", () => {
  const finite = [["a", float32([2], [0, 3.4e38])], ["count", int64([], [2 ** 40])]] as const;
  assert.equal(describeNotFinite(finite), undefined);
  const wrong = [...finite, ["b", float32([3], [1, -Infinity, NaN])], ["c", float32([1], [NaN])]] as const;
  assert.equal(
    describeNotFinite(wrong),
    '"b" holds 2 of 3 values that are not finite, the first -Infinity',
  );
  assert.match(
    describeNotFinite([["d", hostTensor("float64", [1], Float64Array.of(NaN))]])!,
    /"d" holds 1 of 1/,
  );
});

Deno.test("the error says where the tensor belongs and what to do", () => {
  assert.throws(
    () => requireFinite([["w", float32([1], [Infinity])]], "the model", "train it anew"),
    (error) =>
      error instanceof NotFiniteError &&
      /^the model: "w" holds .* Infinity; train it anew$/.test(error.message),
  );
});
