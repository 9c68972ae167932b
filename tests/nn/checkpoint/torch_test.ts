import { deepStrictEqual, ok, strictEqual, throws } from "node:assert";
import { openWeights, readWeights } from "../../../lib/nn/checkpoint/open.ts";
import { WeightsError, type WeightsFault } from "../../../lib/nn/checkpoint/weights_error.ts";
import {
  bytes,
  call,
  dict,
  floats,
  integer,
  little,
  named,
  pickle,
  storage,
  tensor,
  text,
  torchLegacy,
  torchZip,
  tuple,
  zip,
} from "./torch_file_builder.ts";

function fails(file: Uint8Array, reason: WeightsFault, message: RegExp, about?: string): void {
  throws(() => readWeights(file), (error) => {
    ok(error instanceof WeightsError, `${about}: ${error}`);
    strictEqual(error.reason, reason, `${about}: ${error.message}`);
    ok(message.test(error.message), `${about}: ${error.message}`);
    return true;
  });
}

/** Name → values, for tensors of numbers. */
function values(file: Uint8Array): Record<string, number[]> {
  return Object.fromEntries(
    [...readWeights(file)].map(([name, { data }]) => [name, Array.from(data, Number)]),
  );
}

const FOUR = floats(1, 2, 3, 4);
const W = storage("0", 4);

Deno.test("both formats give the same views of one storage, in logical order", () => {
  const object = dict(
    ["whole", tensor(W, [2, 2], [2, 1])],
    ["turned", tensor(W, [2, 2], [1, 2])],
    ["tail", tensor(W, [2], [1], 2)],
    ["odd", tensor(W, [2], [2], 1)],
    ["spread", tensor(W, [3, 2], [0, 1])],
    ["scalar", tensor(W, [], [], 3)],
    ["empty", tensor(W, [0, 4], [4, 1], 4)],
    ["loose", tensor(W, [1, 4], [77, 1])],
  );
  const expected = {
    whole: [1, 2, 3, 4],
    turned: [1, 3, 2, 4],
    tail: [3, 4],
    odd: [2, 4],
    spread: [1, 2, 1, 2, 1, 2],
    scalar: [4],
    empty: [],
    loose: [1, 2, 3, 4],
  };
  deepStrictEqual(values(torchZip(object, { 0: FOUR })), expected);
  deepStrictEqual(values(torchLegacy(object, [["0", 4, FOUR]])), expected);
});

Deno.test("the first files of PyTorch: parameters called by class, storages that are views, Python 2's strings", () => {
  const short = (value: string) => bytes("U", value.length, value);
  const view = tuple(text("1"), integer(1), integer(2));
  const old = call(
    named("torch._utils", "_rebuild_tensor"),
    storage("0", 4, "FloatStorage", view),
    integer(0),
    tuple(integer(2)),
    tuple(integer(1)),
  );
  const parameter = bytes(
    call(named("torch.nn.parameter", "Parameter"), old),
    tuple(bytes(0x88), bytes(0x89), call(named("collections", "OrderedDict"))),
    "b",
  );
  const object = call(
    named("collections", "OrderedDict"),
    bytes(
      "](",
      bytes("](", short("conv1.weight"), parameter, "e"),
      bytes("](", short("bias"), old, "e"),
      "e",
    ),
  );
  const metadata = bytes(object, dict(["_metadata", call(named("collections", "OrderedDict"))]), "b");
  const file = torchLegacy(metadata, [["0", 4, FOUR]]);
  deepStrictEqual(values(file), { "conv1.weight": [2, 3], bias: [2, 3] });
  strictEqual(openWeights(file).format, "pytorch legacy");
});

Deno.test("zip archives with 64-bit sizes are read", () => {
  const object = pickle(dict(["w", tensor(W, [4], [1])]));
  const file = zip([
    { name: "a/data.pkl", data: object, zip64: true },
    { name: "a/data/0", data: FOUR, zip64: true },
  ]);
  deepStrictEqual(values(file), { w: [1, 2, 3, 4] });
});

Deno.test("whatever a pickle names beyond the constructors of tensors is refused by name", () => {
  const os = named("os", "system");
  const cases: Record<string, [Uint8Array, RegExp]> = {
    reduce: [call(os, text("echo")), /"os\.system"/],
    "stack global": [bytes(text("builtins"), text("eval"), 0x93), /"builtins\.eval"/],
    inst: [bytes("(", text("echo"), "i", "os\nsystem\n"), /"os\.system"/],
    obj: [bytes("(", os, text("echo"), "o"), /"os\.system"/],
    newobj: [bytes(named("torch.nn.modules.linear", "Linear"), ")", 0x81), /Linear/],
    extension: [bytes(0x82, 1), /extension registry/],
    "a value": [bytes(text("system"), tuple(text("echo")), "R"), /a value that it built/],
    "a storage": [call(named("torch", "FloatStorage"), integer(1 << 30)), /"torch\.FloatStorage"/],
    "a dtype": [call(named("torch", "float32")), /"torch\.float32"/],
    "a name with a prefix of ours": [
      call(named("torch._utils", "_rebuild_tensor_v2.__globals__")),
      /__globals__/,
    ],
    "nothing to call": [bytes("(o"), /a value that it built/],
  };
  for (const [about, [value, message]] of Object.entries(cases)) {
    fails(torchZip(dict(["w", value])), "refused", message, about);
    fails(torchLegacy(dict(["w", value])), "refused", message, `legacy, ${about}`);
    fails(pickle(dict(["w", value])), "refused", message, `a bare pickle, ${about}`);
  }
});

Deno.test("pickles whose opcodes make no sense are malformed, and those that end early truncated", () => {
  const malformed: Record<string, Uint8Array> = {
    "empty stack": bytes("0"),
    "no mark": bytes("t"),
    "below the mark": bytes("}(", "R"),
    "unkept memo": bytes("h", 7),
    "unknown opcode": bytes(0xff),
    "items of a string": bytes(text("a"), "(", text("b"), text("c"), "u"),
    "half an item": bytes("}(", text("b"), "u"),
    "append to a dict": bytes("}", text("a"), "a"),
    "two values": bytes("NN"),
    "protocol 9": bytes(0x80, 9, "N"),
    "a long integer": bytes(0x8b, little(5000, 4), new Uint8Array(5000)),
    "a text integer": bytes("I", "seven\n"),
    "arguments that are no tuple": bytes(named("collections", "OrderedDict"), "N", "R"),
    "no pairs": call(named("collections", "OrderedDict"), bytes("](", text("a"), "e")),
    "a nameless persistent id": bytes(text("0"), "Q"),
    "a textual persistent id": bytes("P", "0\n"),
  };
  for (const [about, value] of Object.entries(malformed)) {
    fails(torchZip(value), "malformed", /./, about);
    fails(torchLegacy(value), "malformed", /./, `legacy, ${about}`);
  }
  const truncated: Record<string, Uint8Array> = {
    "a long text": bytes("X", little(0xfffffff0, 4)),
    "a longer text": bytes(0x8d, little(1n << 62n, 8)),
    "long bytes": bytes(0x8e, little(1n << 40n, 8)),
    "an open line": bytes("c", "os"),
  };
  for (const [about, value] of Object.entries(truncated)) {
    const cut = zip([{ name: "a/data.pkl", data: bytes(0x80, 2, value) }]);
    fails(cut, "truncated", /a\/data\.pkl/, about);
  }
});

Deno.test("small pickles that ask for much memory or time are malformed", () => {
  const many = (count: number, part: Uint8Array) =>
    Uint8Array.from({ length: count * part.length }, (_, i) => part[i % part.length]);
  const w = tensor(W, [4], [1]);
  // {a: {a: … }} with each level holding the one below it twice: 2^40 ways to the innermost.
  const laughs = (innermost: Uint8Array) =>
    bytes(
      innermost,
      "q\x00",
      ...Array.from({ length: 40 }, () => bytes("0}(", text("a"), "h\x00", text("b"), "h\x00", "u", "q\x00")),
    );
  const longName = bytes(
    "}(",
    text("x".repeat(100_000)),
    "q\x01",
    "}(",
    ...Array.from({ length: 200 }, (_, i) => bytes(text(String(i)), w)),
    "u",
    "u",
  );
  const cases: Record<string, [Uint8Array, RegExp]> = {
    "tensors that many ways lead to": [laughs(dict(["w", w])), /out of proportion to the file/],
    "dicts that many ways lead to": [laughs(bytes("}")), /more than 1000000 dicts/],
    "a dict in itself": [bytes("}q\x00", text("a"), "h\x00", "s"), /nests dicts/],
    "a tower of dicts": [bytes(many(100, bytes("}", text("a"))), "}", many(100, bytes("s"))), /nests dicts/],
    "a million dicts": [bytes("(", many(1_000_001, bytes("}")), "t"), /objects/],
    "a million values": [bytes("(", many(1_000_001, bytes("N")), "t"), /stack/],
    "a million marks": [many(1_000_001, bytes("(")), /marks/],
    "a long key over and over": [longName, /out of proportion to the file/],
    "an expanded scalar": [dict(["w", tensor(W, [1 << 20, 1 << 20], [0, 0])]), /8 times/],
    "many expansions": [
      dict(
        ...Array.from({ length: 999 }, (_, i) => [String(i), tensor(W, [9999], [0])] as [string, Uint8Array]),
      ),
      /8 times/,
    ],
    "uncountable elements": [dict(["w", tensor(W, [2 ** 40, 2 ** 40], [0, 0])]), /shape/],
    "many axes": [dict(["w", tensor(W, new Array(65).fill(1), new Array(65).fill(1))]), /65 axes/],
  };
  for (const [about, [value, message]] of Object.entries(cases)) {
    fails(torchZip(value, { 0: FOUR }), "malformed", message, about);
  }
});

Deno.test("tensors that do not fit their storages", () => {
  const file = (value: Uint8Array, data = FOUR) => torchZip(dict(["w", value]), { 0: data });
  fails(file(tensor(W, [5], [1])), "malformed", /element 4 of a storage with 4/);
  fails(file(tensor(W, [2], [1], 3)), "malformed", /element 4/);
  fails(file(tensor(W, [2], [-1], 1)), "malformed", /non-negative/);
  fails(file(tensor(W, [-2], [1])), "malformed", /non-negative/);
  fails(file(tensor(W, [2, 2], [1])), "malformed", /2 axes and 1 strides/);
  fails(file(tensor(text("no storage"), [1], [1])), "malformed", /not a storage/);
  fails(file(tensor(storage("0", 8), [8], [1])), "truncated", /takes 32 bytes/);
  fails(file(tensor(storage("0", 2), [2], [1])), "malformed", /takes 8 bytes/);
  fails(file(tensor(storage("9", 4), [4], [1])), "truncated", /"9" is not in the archive/);
  fails(file(tensor(storage("0", 4, "ComplexFloatStorage"), [4], [1])), "refused", /ComplexFloatStorage/);
  fails(file(call(named("torch._utils", "_rebuild_parameter"), text("w"))), "malformed", /not a tensor/);
  const halves = dict(["a", tensor(W, [4], [1])], ["b", tensor(storage("0", 4, "IntStorage"), [4], [1])]);
  fails(torchZip(halves, { 0: FOUR }), "malformed", /both float32 and int32/);
});

Deno.test("objects without nameable tensors", () => {
  const w = tensor(W, [4], [1]);
  const fail = (value: Uint8Array, message: RegExp) =>
    fails(torchZip(value, { 0: FOUR }), "malformed", message);
  fail(w, /without a name/);
  fail(bytes("](", w, "e"), /does not hold a dict/);
  fail(bytes("}", bytes("N"), w, "s"), /not a string or integer/);
  fail(dict(["a", dict(["b", w])], ["a.b", w]), /two tensors named "a\.b"/);
  deepStrictEqual(
    values(torchZip(dict(["lists", bytes("](", w, "e")], ["epoch", integer(3)]), { 0: FOUR })),
    {},
  );
});

Deno.test("zip archives that PyTorch would not write", () => {
  const object = pickle(dict(["w", tensor(W, [4], [1])]));
  const pkl = { name: "a/data.pkl", data: object };
  const data = { name: "a/data/0", data: FOUR };
  const good = zip([pkl, data]);
  deepStrictEqual(values(good), { w: [1, 2, 3, 4] });
  fails(zip([pkl, { ...data, method: 8 }]), "malformed", /compressed by method 8/);
  fails(zip([pkl, { ...data, crc: 1 }]), "malformed", /"a\/data\/0" is damaged/);
  fails(zip([{ ...pkl, crc: 1 }, data]), "malformed", /"a\/data\.pkl" is damaged/);
  fails(zip([pkl, data, data]), "malformed", /twice/);
  fails(zip([pkl, { name: "b/data.pkl", data: object }]), "malformed", /2$/);
  fails(zip([data]), "malformed", /one data\.pkl, as a PyTorch zip archive, but has 0/);
  fails(zip([pkl, data, { name: "a/byteorder", data: bytes("big") }]), "malformed", /byte order "big"/);
  for (let length = 4; length < good.length; length++) {
    fails(good.slice(0, length), "truncated", /./, `${length}`);
  }
  const moved = good.slice();
  moved[good.length - 22 - 46 - data.name.length + 42] -= 1;
  fails(moved, "malformed", /overlaps/);
});

Deno.test("legacy files that contradict themselves", () => {
  const object = dict(["w", tensor(W, [4], [1])]);
  const good = torchLegacy(object, [["0", 4, FOUR]]);
  for (let length = 2; length < good.length; length++) {
    fails(good.slice(0, length), "truncated", /./, `${length}`);
  }
  fails(torchLegacy(object, [["0", 3, FOUR]]), "malformed", /3 elements, but the pickle expects 4/);
  fails(torchLegacy(object, [["0", 2 ** 40, FOUR]]), "truncated", /1099511627776/);
  fails(torchLegacy(object), "truncated", /"0" is not in the file/);
  fails(torchLegacy(object, [["0", 4, FOUR], ["0", 4, FOUR]]), "malformed", /listed twice/);
  fails(torchLegacy(object, [["1", 4, FOUR]]), "malformed", /"1", which is unknown/);
  fails(torchLegacy(dict(["w", tensor(storage("0", 2 ** 50), [4], [1])])), "truncated", /the storage "0"/);
  const past = tuple(text("1"), integer(3), integer(2));
  fails(
    torchLegacy(dict(["w", tensor(storage("0", 4, "FloatStorage", past), [1], [1])])),
    "malformed",
    /past its 4/,
  );
  fails(pickle(dict(["w", bytes("N")])), "malformed", /magic number/);
});
