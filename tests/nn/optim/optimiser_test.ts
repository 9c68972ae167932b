import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { adam, adamW } from "../../../lib/nn/optim/adam.ts";
import { initialState, type ParameterGroup, scalarInputs, stepOf } from "../../../lib/nn/optim/optimiser.ts";
import { sgd } from "../../../lib/nn/optim/sgd.ts";
import { float32, type HostTensor } from "../../../lib/tensor/host_tensor.ts";
import { program } from "../../../lib/tensor/graph.ts";
import { interpret } from "../../../lib/tensor/interpret.ts";
import { input } from "../../../lib/tensor/ops/source.ts";
import { gradients } from "../../../lib/tensor/grad.ts";
import { sum } from "../../../lib/tensor/ops/broadcast.ts";
import { square } from "../../../lib/tensor/ops/elementwise.ts";

/** The parameter "p" after `rates.length` steps down Σ p², and its state. */
function descend(optimiser: ParameterGroup["optimiser"], start: number[], rates: number[]) {
  const group: ParameterGroup = { name: "all", parameters: ["p"], optimiser };
  const p = input("p", "float32", [start.length]);
  const [gradient] = gradients(sum(square(p)), [p]);
  const after = stepOf([group], new Map([["p", p]]), new Map([["p", gradient]]));
  const step = program(Object.fromEntries([...after].map(([name, tensor]) => [`next.${name}`, tensor])));
  let values: Record<string, HostTensor> = {
    p: float32([start.length], start),
    ...Object.fromEntries(initialState([group], new Map([["p", p]]))),
  };
  rates.forEach((lr, i) => {
    const results = interpret(step, { ...values, ...Object.fromEntries(scalarInputs(group, lr, i + 1)) });
    values = Object.fromEntries(Object.entries(results).map(([name, value]) => [name.slice(5), value]));
  });
  return values;
}

Deno.test("Adam's first step has the length of the rate, whatever the gradient's size", () => {
  const { p, exp_avg } = { ...descend(adam(), [4, -1e-3, 1e4], [0.1]) } as Record<string, HostTensor>;
  const expected = [3.9, 0.099, 9999.9];
  ok(expected.every((value, i) => Math.abs(Number(p.data[i]) - value) < 1e-6 * Math.max(1, Math.abs(value))));
  strictEqual(exp_avg, undefined, "state is named after its parameter");
});

Deno.test("one program serves every learning rate, 0 included", () => {
  const { p } = descend(sgd(), [1], [0, 0.25, 0.5]);
  deepStrictEqual([...p.data], [0]);
});

Deno.test("optimisers keep no more state than they need", () => {
  deepStrictEqual(sgd().state, []);
  deepStrictEqual(sgd({ momentum: 0.9 }).state, ["momentum_buffer"]);
  deepStrictEqual(adam().state, ["exp_avg", "exp_avg_sq"]);
  deepStrictEqual(adam({ amsgrad: true }).state, ["exp_avg", "exp_avg_sq", "max_exp_avg_sq"]);
});

Deno.test("AdamW shrinks a parameter by lr·wd even where its gradient is zero, Adam does not", () => {
  const at = (optimiser: ParameterGroup["optimiser"]) => Number(descend(optimiser, [0, 1], [0.5]).p.data[0]);
  deepStrictEqual([at(adam()), at(adamW())], [0, 0]);
  const { p } = descend(adamW({ weightDecay: 0.1 }), [1], [0.5]);
  ok(Math.abs(Number(p.data[0]) - (1 * 0.95 - 0.5)) < 1e-6);
});

Deno.test("a group that does not fit its parameters is refused by name", () => {
  const p = input("p", "float32", [2]);
  const group = (name: string): ParameterGroup => ({ name, parameters: ["p"], optimiser: sgd() });
  const tree = new Map([["p", p]]);
  throws(() => stepOf([group("a")], new Map(), tree), /"a".*"p".*does not exist/);
  throws(() => stepOf([group("a")], tree, new Map()), /"p".*"a".*no gradient/);
  throws(() => stepOf([group("a"), group("b")], tree, tree), /"p".*two groups.*"b"/);
  throws(() => initialState([group("a")], new Map()), /"p".*does not exist/);
  throws(() => scalarInputs(group("a"), 0.1, 0), /must be at least 1, but is 0/);
  throws(() => sgd({ nesterov: true }), /needs a momentum/);
  throws(() => sgd({ nesterov: true, momentum: 0.9, dampening: 0.1 }), /no dampening/);
});
