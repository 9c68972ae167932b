/** Canonical JSON: the vectors of RFC 8785, round trips, and what is refused. */
import assert from "node:assert";
import fc from "fast-check";
import { canonicalJson } from "../../../lib/flow/store/canonical_json.ts";

/** RFC 8785, appendix B: the bits of a double and its text. */
const NUMBERS: [bigint, string][] = [
  [0x0000000000000000n, "0"],
  [0x8000000000000000n, "0"],
  [0x0000000000000001n, "5e-324"],
  [0x8000000000000001n, "-5e-324"],
  [0x7fefffffffffffffn, "1.7976931348623157e+308"],
  [0xffefffffffffffffn, "-1.7976931348623157e+308"],
  [0x4340000000000000n, "9007199254740992"],
  [0xc340000000000000n, "-9007199254740992"],
  [0x4430000000000000n, "295147905179352830000"],
  [0x44b52d02c7e14af5n, "9.999999999999997e+22"],
  [0x44b52d02c7e14af6n, "1e+23"],
  [0x44b52d02c7e14af7n, "1.0000000000000001e+23"],
  [0x444b1ae4d6e2ef4en, "999999999999999700000"],
  [0x444b1ae4d6e2ef4fn, "999999999999999900000"],
  [0x444b1ae4d6e2ef50n, "1e+21"],
  [0x3eb0c6f7a0b5ed8cn, "9.999999999999997e-7"],
  [0x3eb0c6f7a0b5ed8dn, "0.000001"],
  [0x41b3de4355555553n, "333333333.3333332"],
  [0x41b3de4355555554n, "333333333.33333325"],
  [0x41b3de4355555555n, "333333333.3333333"],
  [0x41b3de4355555556n, "333333333.3333334"],
  [0x41b3de4355555557n, "333333333.33333343"],
  [0xbecbf647612f3696n, "-0.0000033333333333333333"],
  [0x43143ff3c1cb0959n, "1424953923781206.2"],
];

Deno.test("numbers are written as RFC 8785 says", () => {
  const view = new DataView(new ArrayBuffer(8));
  for (const [bits, text] of NUMBERS) {
    view.setBigUint64(0, bits);
    assert.strictEqual(canonicalJson(view.getFloat64(0)), text);
  }
});

Deno.test("the example of RFC 8785", () => {
  const value = JSON.parse(String.raw`{
    "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
    "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
    "literals": [null, true, false]
  }`);
  assert.strictEqual(
    canonicalJson(value),
    String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],` +
      String.raw`"string":"€$\u000f\nA'B\"\\\\\"/"}`,
  );
});

Deno.test("names are sorted by their UTF-16 units", () => {
  const value = { "\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\u{1f600}": 5, "\u0080": 6, "\u00f6": 7 };
  const names = Object.keys(JSON.parse(canonicalJson(value)));
  // JSON.parse keeps the order of the text, but for names that are integers: "1" comes first.
  assert.deepStrictEqual(names, ["1", "\r", "\u0080", "\u00f6", "\u20ac", "\u{1f600}", "\ufb33"]);
  assert.ok(canonicalJson(value).startsWith('{"\\r":2,"1":4,'));
});

Deno.test("any JSON value comes back, and its text does not depend on the order of names", () => {
  const json = fc.jsonValue({ noUnicodeString: false, maxDepth: 4 });
  fc.assert(fc.property(json, (value) => {
    const text = canonicalJson(value);
    assert.deepStrictEqual(JSON.parse(text), JSON.parse(JSON.stringify(value)));
    assert.strictEqual(canonicalJson(JSON.parse(text)), text);
    assert.strictEqual(canonicalJson(reversed(value)), text);
  }));
});

Deno.test("two different values never have the same text", () => {
  const json = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(json, json, (a, b) => {
    const same = canonicalJson(a) === canonicalJson(b);
    assert.strictEqual(same, JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
  }));
});

Deno.test("what JSON would change or drop is refused", () => {
  const refused = [
    NaN,
    Infinity,
    undefined,
    1n,
    () => 1,
    Symbol("s"),
    new Date(0),
    new Map(),
    new Uint8Array(2),
  ];
  for (const value of refused) assert.throws(() => canonicalJson({ value: [value] }), TypeError);
  assert.throws(() => canonicalJson("\ud800"), /lone surrogate/);
  assert.throws(() => canonicalJson({ "\udc00": 1 }), /lone surrogate/);
  // deno-lint-ignore no-sparse-arrays -- that is the point
  assert.throws(() => canonicalJson([1, , 2]), TypeError);
});

Deno.test("a property that is undefined is left out", () => {
  assert.strictEqual(canonicalJson({ a: undefined, b: 1 }), '{"b":1}');
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).reverse().map(([name, member]) => [name, reversed(member)]),
  );
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map((
    [name, member],
  ) => [name, sorted(member)])
    .concat([["object", 1]]);
}
