import { deepStrictEqual, ok } from "node:assert";
import { join } from "node:path";
import { openWeights } from "../../../lib/nn/checkpoint/open.ts";
import { writeSafetensors } from "../../../lib/nn/checkpoint/safetensors_writer.ts";
import { WeightsError } from "../../../lib/nn/checkpoint/weights_error.ts";
import { float32, type HostTensor, int64 } from "../../../lib/tensor/host_tensor.ts";
import { RandomStream } from "../../../lib/tensor/random.ts";
import { sharedFolder } from "../../shared.ts";
import { workOf } from "../../work.ts";
import {
  bytes,
  call,
  dict,
  floats,
  named,
  storage,
  tensor,
  torchLegacy,
  torchZip,
} from "./torch_file_builder.ts";

const MUTANTS_A_SEED = 600;
/** Steps a byte that reading the mutants of a file may take: eight times what they take, far below a quadratic search. */
const STEPS_A_BYTE = 4;

/** Bytes that formats give a meaning to: opcodes, lengths, signs, brackets. */
const TELLING = [0, 1, 2, 0x7f, 0x80, 0xff, ...new TextEncoder().encode('(.0123456789cRQXt}us{]"[,:-\\')];

/** `file` with one to four small things changed, the same for the same number. */
function mutant(file: Uint8Array, index: number): Uint8Array {
  const stream = new RandomStream({ seed: 20, purpose: "mutants", index });
  let bits = Uint8Array.from(file);
  for (let i = stream.integer(4); i >= 0 && bits.length > 0; i--) {
    const at = stream.integer(bits.length);
    const end = Math.min(bits.length, at + 1 + stream.integer(16));
    const kind = stream.integer(7);
    if (kind === 0) bits[at] ^= 1 << stream.integer(8);
    else if (kind === 1) bits[at] = TELLING[stream.integer(TELLING.length)];
    else if (kind === 2) bits.fill(stream.integer(2) * 255, at, end);
    else if (kind === 3) bits = bytes(bits.subarray(0, at), bits.subarray(end));
    else if (kind === 4) bits = bytes(bits.subarray(0, end), bits.subarray(at, end), bits.subarray(end));
    else if (kind === 5) {
      bits = bytes(bits.subarray(0, at), TELLING[stream.integer(TELLING.length)], bits.subarray(at));
    } else bits = bits.slice(0, at);
  }
  return bits;
}

/** Opens a file and reads all of it: the tensors, or the error that the library judged it with. */
function attempt(file: string | Uint8Array, about: string): Map<string, HostTensor> | WeightsError {
  try {
    const weights = openWeights(file);
    try {
      return new Map([...weights.tensors.keys()].map((name) => [name, weights.read(name)]));
    } finally {
      weights.close();
    }
  } catch (error) {
    ok(error instanceof WeightsError, `${about}: ${error instanceof Error ? error.stack : error}`);
    return error;
  }
}

function seeds(): Record<string, Uint8Array> {
  const on = storage("0", 4);
  const object = dict(
    ["state_dict", dict(["w", tensor(on, [2, 2], [1, 2])], ["b", tensor(on, [2], [1], 1)])],
    [
      "p",
      call(named("torch._utils", "_rebuild_parameter"), tensor(storage("1", 2, "LongStorage"), [2], [1])),
    ],
  );
  const data = { 0: floats(1, 2, 3, 4), 1: new Uint8Array(16) };
  const folder = Deno.makeTempDirSync();
  writeSafetensors(
    join(folder, "w"),
    new Map<string, HostTensor>([["w", float32([2, 2], [1, 2, 3, 4])], ["i", int64([1], [7])]]),
  );
  const safetensors = Deno.readFileSync(join(folder, "w"));
  Deno.removeSync(folder, { recursive: true });
  const own = {
    zip: torchZip(object, data),
    legacy: torchLegacy(object, [["0", 4, data[0]], ["1", 2, data[1]]]),
    safetensors,
  };
  const shared = sharedFolder();
  if (!shared) return own;
  const files = [
    "state_dict.pth",
    "nested_legacy.pth",
    "protocol4.pth",
    "views.pth",
    "dtypes_legacy.pth",
    "dtypes.safetensors",
  ];
  return {
    ...own,
    ...Object.fromEntries(
      files.map((name) => [name, Deno.readFileSync(join(shared, "fixtures/weights/files", name))]),
    ),
  };
}

Deno.test("a damaged file is read or refused with a reason, and takes no more memory and work than it explains", async () => {
  const outcomes = { read: 0, refused: 0, truncated: 0, malformed: 0 };
  for (const [seed, file] of Object.entries(seeds())) {
    const intact = attempt(file, seed);
    ok(intact instanceof Map, `${seed} itself: ${intact}`);
    const mutants = Array.from({ length: MUTANTS_A_SEED }, (_, i) => mutant(file, i));
    const results: ReturnType<typeof attempt>[] = [];
    const work = await workOf(() => {
      for (const [i, changed] of mutants.entries()) results.push(attempt(changed, `mutant ${i} of ${seed}`));
    });
    const each = work / mutants.reduce((sum, { length }) => sum + length, 0);
    ok(each <= STEPS_A_BYTE, `mutants of ${seed} took ${each} steps a byte`);
    for (const [i, result] of results.entries()) {
      const about = `mutant ${i} of ${seed}`;
      if (result instanceof WeightsError) {
        outcomes[result.reason]++;
        continue;
      }
      outcomes.read++;
      const taken = [...result.values()].reduce((sum, { data }) => sum + data.byteLength, 0);
      ok(taken <= 8 * mutants[i].length + (1 << 20), `${about} gave ${taken} bytes`);
      // A zip has checksums: what is read from it is what was written.
      if (seed === "zip" || seed.endsWith(".pth") && !seed.includes("legacy")) {
        for (const [name, { data }] of result) {
          deepStrictEqual(data, intact.get(name)?.data, `${about}: ${name}`);
        }
      }
    }
  }
  ok(Object.values(outcomes).every((count) => count > 0), JSON.stringify(outcomes));
});

Deno.test("a damaged layers model is read or refused with a reason", () => {
  const folder = Deno.makeTempDirSync();
  try {
    const manifest = bytes(JSON.stringify({
      weightsManifest: [{
        paths: ["a", "b"],
        weights: [
          { name: "w", shape: [2, 2], dtype: "float32" },
          { name: "q", shape: [3], dtype: "float32", quantization: { dtype: "uint8", scale: 0.5, min: -1 } },
        ],
      }],
    }));
    Deno.writeFileSync(join(folder, "a"), new Uint8Array(7));
    Deno.writeFileSync(join(folder, "b"), new Uint8Array(12));
    const path = join(folder, "model.json");
    let read = 0;
    for (let i = 0; i < MUTANTS_A_SEED; i++) {
      Deno.writeFileSync(path, i === 0 ? manifest : mutant(manifest, i));
      const result = attempt(path, `mutant ${i}`);
      if (result instanceof WeightsError) continue;
      read++;
      for (const [name, { data }] of result) ok(data.byteLength <= 19 * 4, `mutant ${i}: ${name}`);
    }
    ok(read > 0 && read < MUTANTS_A_SEED, `${read} were read`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});
