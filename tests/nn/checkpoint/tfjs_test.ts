import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { join } from "node:path";
import { readWeights } from "../../../lib/nn/checkpoint/open.ts";
import { WeightsError, type WeightsFault } from "../../../lib/nn/checkpoint/weights_error.ts";
import { bytes, floats } from "./torch_file_builder.ts";

type Manifest = { paths: unknown; weights: unknown }[] | unknown;

/** Reads a model of these shards; its folder is removed again. */
function read(
  weightsManifest: Manifest,
  shards: Record<string, Uint8Array>,
  prepare?: (folder: string) => void,
) {
  const folder = Deno.makeTempDirSync();
  try {
    const model = join(folder, "model");
    Deno.mkdirSync(join(model, "sub"), { recursive: true });
    Deno.writeTextFileSync(join(model, "model.json"), JSON.stringify({ weightsManifest, modelTopology: {} }));
    for (const [name, data] of Object.entries(shards)) Deno.writeFileSync(join(model, name), data);
    prepare?.(folder);
    return readWeights(join(model, "model.json"));
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

function fails(reason: WeightsFault, message: RegExp, ...args: Parameters<typeof read>): void {
  throws(() => read(...args), (error) => {
    ok(error instanceof WeightsError, `${error}`);
    strictEqual(error.reason, reason, error.message);
    return message.test(error.message);
  });
}

const W = { name: "w", shape: [3], dtype: "float32" };
const TWELVE = floats(1, 2, 3);

Deno.test("a weight may lie across shards, each of any length, in folders below the manifest's", () => {
  const shards = {
    a: TWELVE.slice(0, 5),
    b: new Uint8Array(0),
    "sub/c": TWELVE.slice(5, 6),
    d: TWELVE.slice(6),
  };
  const weights = read([{ paths: Object.keys(shards), weights: [W] }], shards);
  deepStrictEqual([...weights.get("w")!.data], [1, 2, 3]);
});

Deno.test("quantised weights: affine codes, half floats and integers", () => {
  const quantised = (name: string, dtype: string, quantization: unknown) => ({
    ...W,
    name,
    dtype,
    quantization,
  });
  const weights = read([{
    paths: ["a"],
    weights: [
      quantised("affine", "float32", { dtype: "uint8", scale: 0.5, min: -1 }),
      quantised("whole", "int32", { dtype: "uint8", scale: 2, min: -1 }),
      quantised("half", "float32", { dtype: "float16" }),
    ],
  }], {
    a: bytes(
      Uint8Array.of(0, 1, 255, 0, 1, 2),
      new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x0001).buffer),
    ),
  });
  deepStrictEqual([...weights].map(([name, { dtype, data }]) => [name, dtype, Array.from(data, Number)]), [
    ["affine", "float32", [-1, -0.5, 126.5]],
    ["whole", "int32", [-1, 1, 3]],
    ["half", "float32", [1, -2, 2 ** -24]],
  ]);
});

Deno.test("a shard outside of the manifest's folder is refused, links included", () => {
  const outside = (folder: string) => Deno.writeFileSync(join(folder, "secret"), TWELVE);
  for (
    const path of [
      "../secret",
      "sub/../../secret",
      "/etc/hostname",
      "..\\secret",
      "https://host/secret",
      "a\0b",
    ]
  ) {
    fails("refused", /outside the manifest/, [{ paths: [path], weights: [W] }], {}, outside);
  }
  fails("refused", /link that leaves/, [{ paths: ["link"], weights: [W] }], {}, (folder) => {
    outside(folder);
    Deno.symlinkSync(join(folder, "secret"), join(folder, "model", "link"));
  });
});

Deno.test("manifests and shards that disagree", () => {
  const group = (weight: unknown) => [{ paths: ["a"], weights: [weight] }];
  const shards = { a: TWELVE };
  fails("truncated", /"b" is missing/, [{ paths: ["b"], weights: [W] }], shards);
  fails("truncated", /take 16 bytes/, group({ ...W, shape: [4] }), shards);
  fails("malformed", /take 8 bytes/, group({ ...W, shape: [2] }), shards);
  fails("malformed", /shape/, group({ ...W, shape: [-3] }), shards);
  fails("malformed", /shape/, group({ ...W, shape: [2 ** 40, 2 ** 40] }), shards);
  fails("malformed", /dtype "complex64"/, group({ ...W, dtype: "complex64" }), shards);
  fails("malformed", /quantization/, group({ ...W, quantization: { dtype: "uint8" } }), shards);
  fails("malformed", /without a name/, group({ ...W, name: 3 }), shards);
  fails("malformed", /without a name/, group(null), shards);
  fails("malformed", /"w" twice/, [{ paths: ["a"], weights: [W] }, { paths: ["b"], weights: [W] }], {
    ...shards,
    b: TWELVE,
  });
  fails(
    "malformed",
    /shard ".\/a" twice/,
    [{ paths: ["a", "./a"], weights: [{ ...W, shape: [6] }] }],
    shards,
  );
  fails("malformed", /"paths"/, [{ paths: "a", weights: [W] }], shards);
  fails("malformed", /"paths"/, [null], shards);
  fails("malformed", /weightsManifest/, undefined, shards);
  fails("malformed", /folder, a pipe or a device/, [{
    paths: ["sub"],
    weights: [{ ...W, shape: [1024] }],
  }], shards);
});
