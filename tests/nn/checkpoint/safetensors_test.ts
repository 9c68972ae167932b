import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import fc from "fast-check";
import { openWeights, readWeights } from "../../../lib/nn/checkpoint/open.ts";
import { decodeSafetensors } from "../../../lib/nn/checkpoint/safetensors.ts";
import { writeSafetensors } from "../../../lib/nn/checkpoint/safetensors_writer.ts";
import { WeightsError, type WeightsFault } from "../../../lib/nn/checkpoint/weights_error.ts";
import {
  arrayType,
  type DType,
  elementCount,
  float32,
  type HostTensor,
} from "../../../lib/tensor/host_tensor.ts";
import { bytes, little } from "./torch_file_builder.ts";

const DTYPES: DType[] = [
  "float32",
  "float64",
  "float16",
  "bfloat16",
  "int64",
  "int32",
  "int16",
  "int8",
  "uint8",
  "bool",
];

function file(header: string, data = new Uint8Array(0)): Uint8Array {
  const json = new TextEncoder().encode(header);
  return bytes(little(json.length, 8), json, data);
}

function fails(content: Uint8Array, reason: WeightsFault, message: RegExp): void {
  throws(() => decodeSafetensors(content, "x.safetensors"), (error) => {
    ok(error instanceof WeightsError, `${error}`);
    strictEqual(error.reason, reason, error.message);
    ok(message.test(error.message) && error.message.startsWith("x.safetensors: "), error.message);
    return true;
  });
}

function inFolder(test: (folder: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    test(folder);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Tensors of any type and shape, every bit pattern included. */
const anyTensor: fc.Arbitrary<HostTensor> = fc.tuple(
  fc.constantFrom(...DTYPES),
  fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 }),
  fc.uint8Array({ minLength: 512, maxLength: 512 }),
).map(([dtype, shape, bits]) => {
  const type = arrayType(dtype);
  const data = new type(bits.slice().buffer, 0, elementCount(shape));
  return { dtype, shape, data } as HostTensor;
});

function bitsOf({ dtype, shape, data }: HostTensor): unknown {
  return [dtype, shape, new Uint8Array(data.buffer, data.byteOffset, data.byteLength).toHex()];
}

Deno.test("what is written is read back bit by bit, whatever the names, types and values", () => {
  inFolder((folder) => {
    const path = join(folder, "weights");
    const names = fc.string({ unit: "grapheme" }).filter((name) => name !== "__metadata__");
    fc.assert(
      fc.property(fc.array(fc.tuple(names, anyTensor), { maxLength: 6 }), (entries) => {
        const tensors = new Map(entries);
        writeSafetensors(path, tensors, { format: "pt" });
        const read = readWeights(path);
        deepStrictEqual(new Set(read.keys()), new Set(tensors.keys()));
        for (const [name, tensor] of tensors) deepStrictEqual(bitsOf(read.get(name)!), bitsOf(tensor));
      }),
      { numRuns: 60 },
    );
    deepStrictEqual(
      [...Deno.readDirSync(folder)].map(({ name }) => name),
      ["weights"],
      "nothing else is left",
    );
  });
});

Deno.test("the bytes do not depend on the order in which the tensors are given", () => {
  inFolder((folder) => {
    const tensors: [string, HostTensor][] = [["b", float32([2], [1, 2])], ["1", float32([], [3])], ["a", {
      dtype: "uint8",
      shape: [1],
      data: Uint8Array.of(9),
    }]];
    const written = [tensors, tensors.toReversed()].map((entries, i) => {
      writeSafetensors(join(folder, String(i)), new Map(entries));
      return Deno.readFileSync(join(folder, String(i)));
    });
    deepStrictEqual(written[0], written[1]);
    const header = Number(new DataView(written[0].buffer).getBigUint64(0, true));
    strictEqual(header % 8, 0, "data is aligned");
  });
});

Deno.test("a tensor is read on its own, and an unknown one refused by name", () => {
  inFolder((folder) => {
    const path = join(folder, "w.safetensors");
    writeSafetensors(path, new Map([["a", float32([2], [1, 2])], ["b", float32([1], [3])]]));
    const weights = openWeights(path);
    deepStrictEqual(weights.tensors.get("b")!.shape, [1]);
    deepStrictEqual([...weights.read("b").data], [3]);
    throws(() => weights.read("c"), /no tensor "c"; it has 2, the first: a, b/);
    weights.close();
  });
});

Deno.test("a failed write leaves neither the file nor a part of it", () => {
  inFolder((folder) => {
    throws(
      () => writeSafetensors(join(folder, "w"), new Map([["__metadata__", float32([], [1])]])),
      /"__metadata__", which is reserved/,
    );
    Deno.mkdirSync(join(folder, "taken"));
    throws(() => writeSafetensors(join(folder, "taken"), new Map([["a", float32([], [1])]])));
    deepStrictEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["taken"]);
  });
});

Deno.test("names that JavaScript has a meaning for are names like others", () => {
  const entry = '{"dtype":"U8","shape":[],"data_offsets":[0,1]}';
  const read = decodeSafetensors(file(`{"__proto__":${entry}}`, Uint8Array.of(7)));
  deepStrictEqual([...read.keys()], ["__proto__"]);
  fails(
    file('{"a":{"dtype":"constructor","shape":[],"data_offsets":[0,1]}}', Uint8Array.of(7)),
    "malformed",
    /dtype/,
  );
});

Deno.test("headers that do not describe their data", () => {
  const a = (offsets: string, more = "") =>
    `{"a":{"dtype":"U8","shape":[2],"data_offsets":${offsets}}${more}}`;
  const two = new Uint8Array(2);
  fails(file(a("[0,2]"), new Uint8Array(3)), "malformed", /1 bytes follow/);
  fails(file(a("[0,2]"), new Uint8Array(1)), "truncated", /take 2 bytes/);
  fails(file(a("[1,3]"), new Uint8Array(3)), "malformed", /gap/);
  fails(file(a("[2,0]"), two), "malformed", /data_offsets/);
  fails(file(a("[-2,0]"), two), "malformed", /data_offsets/);
  fails(file(a("[0,2,4]"), two), "malformed", /data_offsets/);
  fails(file(a("null"), two), "malformed", /data_offsets/);
  fails(file(a("[0,2.5]"), two), "malformed", /data_offsets/);
  fails(
    file(a("[0,2]", ',"\\u0061":{"dtype":"U8","shape":[0],"data_offsets":[2,2]}'), two),
    "malformed",
    /"a" twice/,
  );
  fails(file('{"a":null}'), "malformed", /dtype/);
  fails(file('{"a":{"dtype":"U8","shape":2,"data_offsets":[0,2]}}', two), "malformed", /shape/);
  fails(file('{"__metadata__":{"format":1}}'), "malformed", /strings/);
  fails(file("[]"), "malformed", /not a JSON object/);
  fails(file('{"\xff'), "malformed", /not JSON/);
  fails(bytes(little(2, 8), "{", 0xff), "malformed", /UTF-8/);
  fails(bytes(little(1n << 63n, 8), "{}"), "truncated", /header/);
  fails(file("[".repeat(100_000) + "]".repeat(100_000)), "malformed", /not a JSON object/);
});
