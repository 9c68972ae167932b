import assert from "node:assert";
import fc from "fast-check";
import {
  formatMaskIndex,
  MaskIndexError,
  type MaskRecord,
  parseMaskIndex,
} from "../../lib/segment/mask_index.ts";

Deno.test("keys keep the order of the file", () => {
  const index = parseMaskIndex(
    '{"sam2": {"7": {"masks": {"2": "c.png", "10": "b.png", "1": "a.png"}}}, "slit": {}}',
  );
  assert.deepStrictEqual([...index.keys()], ["sam2", "slit"]);
  assert.deepStrictEqual(index.get("sam2")!.get(7)!.map(({ key, file }) => [key, file]), [
    [2, "c.png"],
    [10, "b.png"],
    [1, "a.png"],
  ]);
});

const arbitraryRecord: fc.Arbitrary<Omit<MaskRecord, "key">> = fc.record({
  file: fc.string({ minLength: 1, unit: "grapheme-ascii" }).filter((name) =>
    !/[/\\]/.test(name) && !/^\.{1,2}$/.test(name)
  ),
  size: fc.double({ min: 0, max: 1, noNaN: true }).map((size) => size + 0),
  shift: fc.tuple(fc.integer({ min: -9, max: 9 }), fc.integer({ min: -9, max: 9 })).map(([a, b]) =>
    [a + 0, b + 0] as const
  ),
  box: fc.constant([1, 2, 3, 4] as const),
});

Deno.test("an index is read as it was written", () => {
  const keys = fc.uniqueArray(fc.integer({ min: 0, max: 99 }), { maxLength: 6 });
  fc.assert(
    fc.property(
      keys,
      keys,
      fc.array(arbitraryRecord, { minLength: 6, maxLength: 6 }),
      (ids, masks, records) => {
        const list = masks.map((key, i): MaskRecord => ({ key, ...records[i] }));
        const index = new Map([["sam2", new Map(ids.map((id) => [id, list]))], ["slit", new Map()]]);
        assert.deepStrictEqual(parseMaskIndex(formatMaskIndex(index)), index);
      },
    ),
  );
});

Deno.test("what is no mask index is refused with the place", () => {
  for (
    const [text, reason] of [
      ["", /not JSON/],
      ['{"sam2": {"0": {"masks": {"0": "a.png",}}}}', /not JSON/],
      ["[]", /top level/],
      ['{"sam2": {"x": {"masks": {}}}}', /integer/],
      ['{"sam2": {"0": {}}}', /masks/],
      ['{"sam2": {"0": {"masks": {"0": "../a.png"}}}}', /plain file name/],
      ['{"sam2": {"0": {"masks": {"0": ".."}}}}', /plain file name/],
      ['{"sam2": {"0": {"masks": {"0": "a.png"}, "size": {"0": "big"}}}}', /size/],
      ['{"sam2": {"0": {"masks": {"0": "a.png"}, "shift": {"0": [1]}}}}', /shift/],
      [
        '{"sam2": {"0": {"masks": {"0": "a.png"}, "size": {"1": 0.5}}}}',
        /sam2\.0\.size\.1: there is no mask/,
      ],
      ['{"../up": {}}', /plain name/],
      ['{"__proto__": {"0": {"masks": {"0": 1}}}}', /masks/],
    ] as const
  ) {
    assert.throws(() => parseMaskIndex(text), (error) => {
      assert.ok(error instanceof MaskIndexError, String(error));
      assert.match(error.message, reason);
      return true;
    }, text);
  }
});
