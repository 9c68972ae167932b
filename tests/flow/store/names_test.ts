/** Names of files in a tree: what is refused, and which two can't be together. */
import assert from "node:assert";
import fc from "fast-check";
import { collision, nameProblem } from "../../../lib/flow/store/names.ts";

const REFUSED: [name: string, reason: string][] = [
  ["", "empty"],
  ["/etc/passwd", "relative"],
  ["C:/x", "relative"],
  ["c:x", "relative"],
  ["../x", '".."'],
  ["a/../../x", '".."'],
  ["a/./b", '"."'],
  ["a//b", "empty name"],
  ["a/", "empty name"],
  ["a\\b", "backslash"],
  ["a\0b", "control"],
  ["a\nb", "control"],
  ["a\u0085b", "control"],
  ["\u007f", "control"],
  ["x\u202etxt.exe", "invisible"],
  ["a\u200bb", "invisible"],
  ["\ufeffa", "invisible"],
  ["a\u2044b", "invisible"],
  ["a\uff0fb", "invisible"],
  ["\uff0e\uff0e/x", "invisible"],
  ["a\u2215b", "invisible"],
  ["\ufffd", "Unicode"],
  ["\ud800", "Unicode"],
  ["a".repeat(256), "longer"],
  ["ü".repeat(128), "longer"],
];

Deno.test("names that could lead out of the tree or deceive are refused", () => {
  for (const [name, reason] of REFUSED) {
    assert.match(nameProblem(name) ?? "accepted", new RegExp(reason), JSON.stringify(name));
  }
});

Deno.test("names that people use are accepted", () => {
  const names = [
    "a",
    "a/b.txt",
    "..a",
    "a..b",
    "...",
    ".hidden",
    "Ærøskøbing/ü.png",
    "日本語.jpg",
    "α=0.5",
    "a b",
    "xx:y",
    "-",
    "Gru\u0308nspecht.jpg", // from a Mac: form D
    "Meise….jpg",
    "❤️.jpg",
    "👩‍🔬/🏴󠁧󠁢󠁳󠁣󠁴󠁿.png",
    "می‌خواهم.jpg",
  ];
  for (const name of [...names, "a".repeat(255)]) assert.strictEqual(nameProblem(name), undefined, name);
});

Deno.test("an accepted name stays below its root when it is joined to it", () => {
  fc.assert(fc.property(fc.string({ unit: "binary", maxLength: 12 }), (name) => {
    if (nameProblem(name) !== undefined) return;
    const url = new URL(`file:///root/${name.split("/").map(encodeURIComponent).join("/")}`);
    assert.ok(url.pathname.startsWith("/root/") && url.pathname.length > "/root/".length);
  }));
});

Deno.test("names that some system or reader takes for one can't be together", () => {
  const pairs = [
    ["A.txt", "a.txt"],
    ["ﬁle", "file"],
    ["a/B/c", "a/b/c"],
    ["раураl", "paypal"],
    ["ο", "o"],
    [
      "a",
      "a/b",
    ],
    [
      "A",
      "a/b/c",
    ],
    ["Gr\u00fcn", "Gru\u0308n"],
    ["Meise…", "Meise..."],
    ["❤️", "❤"],
    ["a\u200cb", "ab"],
  ];
  for (const pair of pairs) assert.notStrictEqual(collision(pair), undefined, pair.join(" and "));
  assert.strictEqual(collision(["a", "b", "a.b", "ab/c", "ü", "u"]), undefined);
});
