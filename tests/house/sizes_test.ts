/** Files and functions are short: half of the files a screen, no function more than two. */
import assert from "node:assert/strict";
import { projectFiles } from "./project_files.ts";
import { parseSource } from "./source_file.ts";

const MEDIAN = 80;
const NINE_OF_TEN = 170;
const LONGEST = 320;
const LONGEST_FUNCTION = 80;

Deno.test("half of all files have 80 lines or fewer, nine of ten 170, and none more than 320", () => {
  const files = projectFiles().toSorted((a, b) => a.lines - b.lines);
  const at = (share: number) => files[Math.floor(share * (files.length - 1))].lines;
  assert.ok(at(0.5) <= MEDIAN, `the median file has ${at(0.5)} lines, more than ${MEDIAN}`);
  assert.ok(
    at(0.9) <= NINE_OF_TEN,
    `nine of ten files have up to ${at(0.9)} lines, more than ${NINE_OF_TEN}`,
  );
  const long = files.filter((file) => file.lines > LONGEST).map((file) =>
    `${file.path}: ${file.lines} lines`
  );
  assert.deepEqual(long, []);
});

Deno.test("no function has more than 80 lines, tables of data apart", () => {
  const long = projectFiles().flatMap((file) =>
    file.functions.filter((found) => found.lines > LONGEST_FUNCTION)
      .map((found) => `${file.path}:${found.line} ${found.name}: ${found.lines} lines`)
  );
  assert.deepEqual(long, []);
});

Deno.test("a function's lines are counted without those within a table, and with those of functions in it", () => {
  const { functions } = parseSource(
    "a.ts",
    `function f() {
  const table = [
    { name: "a", digits: [
      1,
    ] },
    new Map([["b", 2]]),
  ];
  const other = [
    () => {
      return 1;
    },
  ];
  return [table, other];
}
`,
  );
  assert.deepEqual(functions, [{ name: "function", line: 9, lines: 3 }, { name: "f", line: 1, lines: 10 }]);
});
