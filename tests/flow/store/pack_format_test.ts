/** The bytes of packs: what a kill leaves is told apart from damage. */
import assert from "node:assert/strict";
import { encodeEntries, encodeIndex, isTorn, PACK_HEAD } from "../../../lib/flow/store/pack_format.ts";

const encoder = new TextEncoder();
const entries = (["blob", "tree", "record"] as const).map((kind, i) => ({
  kind,
  digest: "0123456789abcdef".repeat(4),
  bytes: encoder.encode(`the bytes of ${kind}\n`.repeat(i + 1)),
  time: 1_700_000_000_000 + i,
}));

Deno.test("an entry or an index that was cut off anywhere is torn", () => {
  const { places } = encodeEntries(entries, PACK_HEAD.length);
  const written = [
    ...entries.map((entry) => encodeEntries([entry], 0).bytes),
    encodeIndex(places, 12_345).bytes,
    encodeIndex([], PACK_HEAD.length).bytes,
  ];
  for (const bytes of written) {
    for (let cut = 1; cut < bytes.length; cut++) {
      assert.ok(isTorn(bytes.slice(0, cut)), `cut after ${cut} of ${bytes.length} bytes`);
    }
  }
});

Deno.test("other bytes are no torn entry, and a whole index that is damaged is no torn one", () => {
  const { places } = encodeEntries(entries, PACK_HEAD.length);
  const index = encodeIndex(places, 12_345).bytes;
  for (let at = 0; at < index.length; at += 7) {
    assert.ok(!isTorn(index.with(at, 1)), `byte ${at} of an index`);
  }
  for (const text of ["\n", "x", "blub", "blob x", "blob 0123 x", "record\n", "ends", "tree  1", "\0"]) {
    assert.ok(!isTorn(encoder.encode(text)), JSON.stringify(text));
  }
  const { bytes } = encodeEntries(entries.slice(0, 1), 0);
  for (const at of [0, 3, 4, 40, 69]) {
    assert.ok(!isTorn(bytes.with(at, 1)), `byte ${at} is damaged`);
  }
});
