/** Choosing forms by measurement: what is measured, what a choice does, and that the default needs none. */

import { deepStrictEqual, notStrictEqual, strictEqual, throws } from "node:assert";
import { readForms } from "../../lib/runtime/forms.ts";
import { openSession } from "../../lib/runtime/session.ts";
import { targetOf } from "../../lib/runtime/target.ts";
import { tuneForms } from "../../lib/runtime/tuner.ts";
import { program } from "../../lib/tensor/graph.ts";
import { float32 } from "../../lib/tensor/host_tensor.ts";
import { emitOnnx } from "../../lib/tensor/onnx/emit.ts";
import { formKey } from "../../lib/tensor/onnx/program_writer.ts";
import { convChannelsLast } from "../../lib/tensor/ops/channels_last.ts";
import { input } from "../../lib/tensor/ops/source.ts";
import { RandomStream } from "../../lib/tensor/random.ts";

const x = input("x", "float32", [2, 6, 6, 64]);
const weight = input("weight", "float32", [64, 64, 3, 3]);
const convolution = program({ y: convChannelsLast(x, weight, { padding: 1 }) });
const [step] = convolution.steps;
const key = formKey(step.op, [x, weight], step.attributes);
const block = (await targetOf("cpu")).channelBlock;

function filled(shape: readonly number[]) {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  new RandomStream({ seed: 1, purpose: "tuner" }).fillUniform(values, -1, 1);
  return float32(shape, values);
}

Deno.test("a form that is chosen changes the model, and the values by rounding only", async () => {
  const feeds = { x: filled(x.shape), weight: filled(weight.shape) };
  const results: Float32Array[] = [];
  for (const forms of [undefined, { [key]: "channels first" }]) {
    const session = await openSession(convolution, { forms });
    results.push((await session.run(feeds)).y.data as Float32Array);
    await session.release();
  }
  results[0].forEach((value, i) => strictEqual(Math.abs(value - results[1][i]) < 1e-4, true));
  const target = { channelBlock: 16 };
  const { digest } = emitOnnx(convolution, target);
  notStrictEqual(emitOnnx(convolution, { ...target, forms: { [key]: "channels first" } }).digest, digest);
  strictEqual(emitOnnx(convolution, { ...target, forms: { [key]: "a form of the past" } }).digest, digest);
  strictEqual(emitOnnx(convolution, { ...target, forms: {} }).digest, digest);
});

Deno.test("without a target a model has no operation that only some machines have", () => {
  const text = new TextDecoder("latin1").decode(emitOnnx(convolution).bytes);
  strictEqual(text.includes("nchwc"), false);
  strictEqual(
    new TextDecoder("latin1").decode(emitOnnx(convolution, { channelBlock: 8 }).bytes).includes("nchwc"),
    true,
  );
});

Deno.test({
  name: "tuning chooses among the forms of the program's steps",
  ignore: block === undefined,
  async fn() {
    const forms = await tuneForms(convolution, { threads: 1 });
    for (const [chosen, form] of Object.entries(forms)) {
      deepStrictEqual([chosen, form], [key, "channels first"]);
    }
    deepStrictEqual(stored(JSON.stringify(forms)), forms);
    const narrow = convChannelsLast(input("n", "float32", [1, 4, 4, 3]), input("w", "float32", [5, 3, 3, 3]));
    deepStrictEqual(await tuneForms(program({ narrow })), {});
  },
});

Deno.test("a table of forms that is something else is refused", () => {
  for (const text of ["null", "[]", '"blocked"', '{"key": 1}', "{"]) {
    throws(() => stored(text), { name: "JsonFileError", message: /a table of forms|key: .* 1 was given/ });
  }
});

function stored(text: string) {
  const path = Deno.makeTempFileSync();
  try {
    Deno.writeTextFileSync(path, text);
    return readForms(path);
  } finally {
    Deno.removeSync(path);
  }
}
