import { deepStrictEqual, strictEqual, throws } from "node:assert";
import { below, load, ParameterError, under } from "../../lib/nn/parameters.ts";
import { float32, type HostTensor, int64 } from "../../lib/tensor/host_tensor.ts";

const model = new Map<string, HostTensor>([
  ["conv1.weight", float32([2], [1, 2])],
  ["bn1.num_batches_tracked", int64([], [0])],
]);

Deno.test("loading takes values by name and reports what is on one side alone when not strict", () => {
  const given = new Map<string, HostTensor>([["conv1.weight", float32([2], [3, 4])], [
    "fc.bias",
    float32([1], [5]),
  ]]);
  const { tree, report } = load(model, given, { strict: false });
  deepStrictEqual([...tree.keys()], [...model.keys()]);
  strictEqual(tree.get("conv1.weight"), given.get("conv1.weight"));
  strictEqual(tree.get("bn1.num_batches_tracked"), model.get("bn1.num_batches_tracked"));
  deepStrictEqual(report, { missing: ["bn1.num_batches_tracked"], unexpected: ["fc.bias"] });
});

Deno.test("the first tensor that does not fit is named", () => {
  const fails = (given: [string, HostTensor][], strict: boolean, parameter: string, message: RegExp) =>
    throws(() => load(model, new Map(given), { strict }), (error) => {
      strictEqual((error as ParameterError).parameter, parameter);
      return message.test((error as Error).message);
    });
  const [weight, count] = [...model];
  fails([weight], true, "bn1.num_batches_tracked", /missing/);
  fails([weight, count, ["fc.bias", weight[1]]], true, "fc.bias", /not in the model/);
  fails(
    [["conv1.weight", float32([3], [1, 2, 3])]],
    false,
    "conv1.weight",
    /float32 \[3\].*expects float32 \[2\]/,
  );
  fails([count, ["conv1.weight", int64([2], [1, 2])]], true, "conv1.weight", /int64 \[2\].*expects float32/);
});

Deno.test("below and under are each other's inverse, at whole steps of a name", () => {
  const tree = new Map([["a", 1], ["b.c", 2]]);
  deepStrictEqual(below(under("backbone", tree), "backbone"), tree);
  deepStrictEqual(below(under("backbone", tree), "back"), new Map());
});
