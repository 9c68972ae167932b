/** Exported models answer in onnxruntime and PyTorch of Python as they do here. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { exportModel } from "../../lib/export/export_model.ts";
import { exportedProgram } from "../../lib/export/exported_program.ts";
import type { LoadedModel } from "../../lib/models/model_folder.ts";
import { writeSafetensors } from "../../lib/nn/checkpoint/safetensors_writer.ts";
import { openSession } from "../../lib/runtime/session.ts";
import type { HostTensor } from "../../lib/tensor/host_tensor.ts";
import { CASES, CLASSES, LAYERS, random, randomModel, SIZE, WIDTH } from "./random_models.ts";

const AGREEMENT = 1e-4;
const IMAGES = 2;

/** The first of these interpreters that has the modules. */
function pythonWith(...modules: string[]): string | undefined {
  const known = [Deno.env.get("PROTOFLOW_PYTHON"), Deno.env.get("PROTOFLOW_TORCH_PYTHON"), "python3"];
  return known.find((python) => {
    if (python === undefined) return false;
    try {
      const args = ["-c", `import ${modules.join(", ")}`];
      return new Deno.Command(python, { args, stdout: "null", stderr: "null" }).outputSync().success;
    } catch {
      return false; // There is no such interpreter.
    }
  });
}

const withOnnx = pythonWith("numpy", "onnxruntime");
const withTorch = pythonWith("torch");

Deno.test({
  name: `ONNX files of all models answer alike in Python's onnxruntime${
    withOnnx ? "" : " (left out: no Python with onnxruntime; name one by PROTOFLOW_PYTHON)"
  }`,
  ignore: !withOnnx,
  fn: () => inFolders((cases) => run(withOnnx!, script("onnx.py"), JSON.stringify(cases))),
});

Deno.test({
  name: `safetensors of all models answer alike in PyTorch${
    withTorch ? "" : " (left out: no Python with torch; name one by PROTOFLOW_TORCH_PYTHON)"
  }`,
  ignore: !withTorch,
  fn: () => {
    const peers = fileURLToPath(new URL("../../bench/peers", import.meta.url));
    return inFolders((cases) => run(withTorch!, script("peer.py"), peers, JSON.stringify(cases)));
  },
});

Deno.test("the README states the shapes of inputs, outputs and weights, and how views are normalised", () =>
  inFolders((cases) => {
    const folder = cases[0].folder;
    const text = Deno.readTextFileSync(join(folder, "README.md"));
    assert.match(text, /`x` \(input\) \| float32 \| \[2, 3, 3, 64, 64\]/);
    assert.match(text, /`logits` \| float32 \| \[2, 3\]/);
    assert.match(text, /`distances` \| float32 \| \[2, 6, 3, 1\]/);
    assert.match(text, /`prototype_vectors` \| float32 \| \[6, 8, 1, 1\]/);
    assert.match(text, /mean = \[0\.4, 0\.5, 0\.6\]/);
  }, false));

type Outputs = Readonly<Record<string, HostTensor>>;

/** An exported model, for the scripts. */
interface ExportedCase {
  readonly name: string;
  /** With its model and weights; the script reads `x.safetensors` and writes `answer.json`. */
  readonly folder: string;
  readonly layers: readonly number[];
  readonly width: number;
  readonly classes: number;
  readonly sizes: Readonly<Record<string, number>>;
}

/** Exports all models, lets `answer` answer, and compares. */
async function inFolders(answer: (cases: readonly ExportedCase[]) => void, compares = true): Promise<void> {
  const root = Deno.makeTempDirSync();
  try {
    const cases: ExportedCase[] = [];
    const expected: Outputs[] = [];
    for (const [name, { sizes, views }] of Object.entries(CASES)) {
      const folder = join(root, name);
      const loaded = randomModel(name, sizes, views);
      exportModel(loaded, folder, IMAGES);
      const shape = name === "protomask" ? [IMAGES, views, 3, SIZE, SIZE] : [IMAGES, 3, SIZE, SIZE];
      const x = random(shape, "pixels", 2);
      writeSafetensors(join(folder, "x.safetensors"), new Map([["x", x]]));
      if (compares) expected.push(await answerHere(loaded, x));
      cases.push({ name, folder, layers: LAYERS, width: WIDTH, classes: CLASSES, sizes });
    }
    answer(cases);
    expected.forEach((outputs, i) => agrees(join(cases[i].folder, "answer.json"), outputs));
  } finally {
    Deno.removeSync(root, { recursive: true });
  }
}

async function answerHere(loaded: LoadedModel, x: HostTensor<"float32">): Promise<Outputs> {
  const program = exportedProgram(loaded, IMAGES);
  const session = await openSession(program);
  const inputs = Object.fromEntries([...loaded.state].filter(([name]) => program.inputs.has(name)));
  const outputs = await session.run({ ...inputs, x });
  await session.release();
  return outputs;
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

function run(python: string, ...args: string[]): void {
  const { success, stderr } = new Deno.Command(python, { args, stdout: "null" }).outputSync();
  assert.ok(success, new TextDecoder().decode(stderr));
}

function agrees(path: string, expected: Outputs): void {
  const found: Record<string, { shape: number[]; data: number[] }> = JSON.parse(Deno.readTextFileSync(path));
  assert.deepEqual(Object.keys(found).sort(), Object.keys(expected).sort());
  for (const [name, { shape, data }] of Object.entries(expected)) {
    assert.deepEqual(found[name].shape, [...shape], name);
    found[name].data.forEach((value, i) => {
      const difference = Math.abs(value - Number(data[i])) / Math.max(1, Math.abs(value));
      assert.ok(difference <= AGREEMENT, `${name}[${i}]: ${value}, but here ${data[i]}`);
    });
  }
}
