/** Rows chosen by a condition: as many as there are, in onnxruntime as in the interpreter. */

import assert from "node:assert/strict";
import { program } from "../../lib/tensor/graph.ts";
import { float32, hostTensor } from "../../lib/tensor/host_tensor.ts";
import { interpret } from "../../lib/tensor/interpret.ts";
import { GraphError } from "../../lib/tensor/op.ts";
import { cast } from "../../lib/tensor/ops/elementwise.ts";
import { rowsWhere } from "../../lib/tensor/ops/rows_where.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { runProgram } from "../conformance/run_program.ts";

Deno.test("rows where a condition holds: some, all and none", async () => {
  const x = input("x", "float32", [3, 2]);
  const outputs = { y: rowsWhere(cast(x, "float64"), input("chosen", "bool", [3])) };
  for (
    const [chosen, expected] of [[[1, 0, 1], [1, 2, 5, 6]], [[1, 1, 1], [1, 2, 3, 4, 5, 6]], [[0, 0, 0], []]]
  ) {
    const feeds = {
      x: float32([3, 2], [1, 2, 3, 4, 5, 6]),
      chosen: hostTensor("bool", [3], Uint8Array.from(chosen)),
    };
    const results = [
      interpret(program(outputs), feeds).y,
      (await runProgram(new Map(Object.entries(outputs)), new Map(Object.entries(feeds)))).get("y")!,
    ];
    for (const { dtype, shape, data } of results) {
      assert.equal(dtype, "float64");
      assert.deepEqual([[...shape], [...data]], [[expected.length / 2, 2], expected]);
    }
  }
});

Deno.test("a condition that does not fit the rows is refused", () => {
  const x = input("x", "float32", [3, 2]);
  for (const condition of [input("c", "bool", [2]), input("c", "bool", [3, 2]), input("c", "float32", [3])]) {
    assert.throws(
      () => rowsWhere(x, condition),
      (error) => error instanceof GraphError && /an element for each row/.test(error.message),
    );
  }
});
