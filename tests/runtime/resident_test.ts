/** Programs with state that stays between runs: the same values as single runs, whatever memory they write. */

import { deepStrictEqual, rejects, strictEqual, throws } from "node:assert";
import { FeedError } from "../../lib/runtime/errors.ts";
import { inPlaceOutputs } from "../../lib/runtime/in_place.ts";
import { placeOnDevice, ResidentProgram } from "../../lib/runtime/resident.ts";
import { openSession } from "../../lib/runtime/session.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32, type HostTensor } from "../../lib/tensor/host_tensor.ts";
import { add, mul } from "../../lib/tensor/ops/arithmetic.ts";
import { matmul } from "../../lib/tensor/ops/matmul.ts";
import { reshape, transpose } from "../../lib/tensor/ops/shape.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { bytesOf } from "../../lib/tensor/values.ts";
import { smallTraining } from "./small_training.ts";

const training = smallTraining();

/** The state after `steps` and every loss, as bits. */
async function trained(steps: number, threads: number): Promise<{ state: string[]; losses: string[] }> {
  const { program, feedback, state, inputs } = training;
  const resident = await ResidentProgram.open(program, { feedback, state, threads });
  const losses: string[] = [];
  for (let step = 1; step <= steps; step++) losses.push(bits((await resident.step(inputs(step))).loss));
  const after = await resident.read();
  await resident.release();
  return { state: [...after].map(([name, value]) => `${name} ${bits(value)}`), losses };
}

function bits(value: HostTensor): string {
  return bytesOf(value).toHex();
}

Deno.test("steps in memory that stays give the bits of single runs", async () => {
  const { program, feedback, inputs } = training;
  const session = await openSession(program, { threads: 2 });
  let state: Record<string, HostTensor> = Object.fromEntries(training.state);
  const losses: string[] = [];
  for (let step = 1; step <= 3; step++) {
    const results = await session.run({ ...state, ...inputs(step) });
    losses.push(bits(results.loss));
    state = Object.fromEntries([...feedback].map(([output, name]) => [name, results[output]]));
  }
  await session.release();
  const resident = await trained(3, 2);
  deepStrictEqual(resident.losses, losses);
  const names = [...feedback.values()];
  deepStrictEqual(resident.state.sort(), names.map((name) => `${name} ${bits(state[name])}`).sort());
});

Deno.test("repeated runs and one or two threads give the same bits", async () => {
  const once = await trained(2, 2);
  deepStrictEqual(await trained(2, 2), once);
  deepStrictEqual(await trained(2, 1), once);
});

Deno.test("the values given as state are left alone, and what is read is a copy", async () => {
  const { program, feedback, inputs } = training;
  const state = new Map([...training.state]);
  const before = [...state.values()].map(bits);
  const resident = await ResidentProgram.open(program, { feedback, state });
  const first = await resident.read(["conv1.weight"]);
  const firstBits = bits(first.get("conv1.weight")!);
  await resident.step(inputs(1));
  await resident.step(inputs(2));
  deepStrictEqual([...state.values()].map(bits), before);
  strictEqual(bits(first.get("conv1.weight")!), firstBits);
  await resident.release();
});

Deno.test("state that is written goes into the next step", async () => {
  const { program, feedback, state, inputs } = training;
  const resident = await ResidentProgram.open(program, { feedback, state });
  await resident.step(inputs(1));
  const saved = await resident.read();
  const { loss } = await resident.step(inputs(2));
  await resident.step(inputs(3));
  resident.write(saved);
  deepStrictEqual((await resident.step(inputs(2))).loss, loss);
  throws(() => resident.write(new Map([["nothing", float32([1], [0])]])), FeedError);
  throws(() => resident.write(new Map([["bn1.bias", float32([1], [0])]])), FeedError);
  await rejects(() => resident.read(["nothing"]), FeedError);
  await resident.release();
});

Deno.test("a step refuses a value for what is fed back", async () => {
  const { program, feedback, state, inputs } = training;
  const resident = await ResidentProgram.open(program, { feedback, state });
  const extra = { ...inputs(1), "bn1.bias": float32([16], new Float32Array(16)) };
  await rejects(() => resident.step(extra), /has no input "bn1.bias"/);
  await resident.release();
});

Deno.test("state that is lent is what it is at that moment, and must fit", async () => {
  const x = input("x", "float32", [2]);
  const { loan, release } = await placeOnDevice(new Map([["c", float32([2], [1, 2])]]), {});
  const counter = await ResidentProgram.open(program({ next: add(x, input("c", "float32", [2])) }), {
    feedback: new Map([["next", "x"]]),
    state: new Map([["x", float32([2], [0, 0])]]),
  });
  const reader = (shape: number[]) =>
    ResidentProgram.open(program({ y: add(input("x", "float32", shape), 10) }), {
      feedback: new Map(),
      state: new Map(),
    });
  const fitting = await reader([2]);
  for (const expected of [[11, 12], [12, 14], [13, 16]]) {
    await counter.step({}, loan);
    deepStrictEqual([...(await fitting.step({}, counter.lend(["x"]))).y.data as Float32Array], expected);
  }
  const other = await reader([3]);
  await rejects(
    () => other.step({}, counter.lend(["x"])),
    /"x" must be float32\[3\], but float32\[2\] was lent/,
  );
  await rejects(() => fitting.step({}, loan), /input "x".+missing/);
  throws(() => counter.lend(["y"]), FeedError);
  await Promise.all([counter.release(), fitting.release(), other.release(), release()]);
});

Deno.test("feedback between unknown names or different types is refused", async () => {
  const { program, state } = training;
  const open = (output: string, input: string) =>
    ResidentProgram.open(program, { state, feedback: new Map([[output, input]]) });
  await rejects(() => open("nothing", "bn1.bias"), /no output "nothing"/);
  await rejects(() => open("next bn1.bias", "nothing"), /no input "nothing"/);
  await rejects(() => open("next bn1.bias", "conv1.weight"), /can't be fed back/);
  await rejects(
    () =>
      ResidentProgram.open(program, {
        state: new Map(),
        feedback: new Map([["next bn1.bias", "bn1.bias"]]),
      }),
    /"bn1.bias", float32\[16\], is missing/,
  );
});

Deno.test("an output is written over its input only where every reader comes before", () => {
  const [x, a, b] = ["x", "a", "b"].map((name) => input(name, "float32", [2, 2]));
  const safe = add(mul(a, 0.9), x);
  const readLater = add(b, 1);
  const feedback = new Map([["a'", "a"], ["b'", "b"]]);
  deepStrictEqual(
    [...inPlaceOutputs(program({ "a'": safe, "b'": readLater, y: matmul(b, x) }), feedback)],
    ["a'"],
  );
  // A view shares the memory of what it shows.
  const view = reshape(a, [4]);
  const later = program({ "a'": add(a, x), y: mul(view, 2) });
  deepStrictEqual([...inPlaceOutputs(later, new Map([["a'", "a"]]))], []);
  // A product reads elements after it has written others; a transpose too.
  const one = new Map([["a'", "a"]]);
  for (const maker of [matmul(a, x), transpose(a, [1, 0])]) {
    deepStrictEqual([...inPlaceOutputs(program({ "a'": maker }), one)], []);
  }
  // Handed through, swapped and doubly named values need memory of their own.
  deepStrictEqual([...inPlaceOutputs(program({ "a'": a }), one)], []);
  deepStrictEqual([...inPlaceOutputs(program({ "a'": b, "b'": a }), feedback)], []);
  deepStrictEqual([...inPlaceOutputs(program({ "a'": safe, copy: safe }), one)], []);
});
