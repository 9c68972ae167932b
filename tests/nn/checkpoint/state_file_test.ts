/** One state in the forms in which people keep it, and what is said where names do not match. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { openWeights } from "../../../lib/nn/checkpoint/open.ts";
import { writeSafetensors } from "../../../lib/nn/checkpoint/safetensors_writer.ts";
import { stateIn } from "../../../lib/nn/checkpoint/state_file.ts";
import { describeMismatch, nearestNames } from "../../../lib/nn/nearest_names.ts";
import { float32, type HostTensor, hostTensor } from "../../../lib/tensor/host_tensor.ts";

const NAMES = ["conv1.weight", "bn1.bias", "model.0.weight"];
const VALUES = [1.5, -0.25, 2];
const TENSORS: Readonly<Record<string, HostTensor>> = {
  float32: float32([3], Float32Array.from(VALUES)),
  float64: hostTensor("float64", [3], Float64Array.from(VALUES)),
  float16: hostTensor("float16", [3], Uint16Array.of(0x3e00, 0xb400, 0x4000)),
  bfloat16: hostTensor("bfloat16", [3], Uint16Array.of(0x3fc0, 0xbe80, 0x4000)),
};

function withFile<T>(tensors: ReadonlyMap<string, HostTensor>, body: (path: string) => T): T {
  const folder = Deno.makeTempDirSync();
  try {
    writeSafetensors(join(folder, "w.safetensors"), tensors);
    return body(join(folder, "w.safetensors"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function stateOf(tensors: ReadonlyMap<string, HostTensor>) {
  return withFile(tensors, (path) => {
    const file = openWeights(path);
    try {
      const state = stateIn(file, NAMES);
      const values = [...state.tensors].map(([name, { dtype }]) => ({ name, dtype, read: state.read(name) }));
      return { rule: state.rule, values };
    } finally {
      file.close();
    }
  });
}

Deno.test("a state is found below any prefix, in any precision, and the rule says how", () => {
  const prefixes = [
    "",
    "state_dict.",
    "model.",
    "module.",
    "_orig_mod.",
    "backbone.",
    "state_dict.model.module.",
  ];
  for (const prefix of prefixes) {
    for (const [dtype, tensor] of Object.entries(TENSORS)) {
      const { rule, values } = stateOf(new Map(NAMES.map((name) => [prefix + name, tensor])));
      assert.deepEqual(values.map(({ name }) => name).sort(), [...NAMES].sort(), prefix);
      for (const { dtype, read } of values) {
        assert.equal(dtype, "float32");
        assert.deepEqual([...read.data], VALUES);
      }
      assert.ok(rule.includes(prefix === "" ? "names unchanged" : `names below "${prefix}"`), rule);
      assert.equal(rule.includes("converted to float32"), dtype !== "float32", rule);
    }
  }
});

Deno.test("what a training checkpoint holds beside the state is left out and counted", () => {
  const { rule, values } = stateOf(
    new Map([
      ...NAMES.map((name): [string, HostTensor] => [`state_dict.${name}`, TENSORS.float32]),
      ["optimizer.state.0.exp_avg", TENSORS.float32],
    ]),
  );
  assert.equal(values.length, 3);
  assert.match(rule, /1 other tensors ignored/);
});

Deno.test("a file with the state twice is refused with both places", () => {
  const twice = NAMES.flatMap((name): [string, HostTensor][] => [
    [`module.${name}`, TENSORS.float32],
    [`backbone.${name}`, TENSORS.float32],
  ]);
  assert.throws(() => stateOf(new Map(twice)), /twice, below "backbone\." and below "module\."/);
});

Deno.test("names that do not match are shown with the nearest of the other side", () => {
  const model = ["layer1.0.conv1.weight", "layer1.0.bn1.weight", "bn1.bias"];
  const file = ["encoder.layer1.0.conv1.weight", "encoder.layer1.0.bn1.weight", "bn1.bias", "z"];
  assert.equal(nearestNames("layer1.0.conv1.weight", file)[0], "encoder.layer1.0.conv1.weight");
  const text = describeMismatch(model, file);
  assert.match(text, /2 of 3 names are only in the model/);
  assert.match(text, /"layer1\.0\.conv1\.weight": nearest "encoder\.layer1\.0\.conv1\.weight"/);
  assert.match(text, /3 of 4 names are only in the file/);
  assert.match(text, /"encoder\.layer1\.0\.conv1\.weight": nearest "layer1\.0\.conv1\.weight"/);
  assert.match(text, /"z": no similar name/);
});
