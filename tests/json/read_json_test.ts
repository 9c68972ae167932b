/** Faults of JSON files: each is told with the file, the field and the value. */

import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { readJson, readJsonLines } from "../../lib/json/read_json.ts";

const SCHEMA = z.strictObject({
  format: z.literal("table 1"),
  rows: z.array(z.strictObject({ name: z.string(), size: z.int().positive() })),
});

function withText(text: string, use: (path: string) => void): void {
  const folder = Deno.makeTempDirSync();
  try {
    const path = join(folder, "table.json");
    Deno.writeTextFileSync(path, text);
    use(path);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

for (
  const [fault, text, message] of [
    ["is not JSON", "{", /table\.json can't be read as a table: .*JSON/],
    ["is empty", "", /table\.json can't be read as a table: .*JSON/],
    ["has another top level", "[]", /table\.json: can't be read as a table: .*expected object/],
    [
      "has another format",
      '{"format": "table 2", "rows": []}',
      /table\.json: format: .*"table 1".*, but "table 2" was given$/,
    ],
    ["lacks a field", '{"format": "table 1"}', /table\.json: rows: .*expected array.*undefined$/],
    [
      "has a wrong value within",
      '{"format": "table 1", "rows": [{"name": "a", "size": 1}, {"name": "b", "size": -2}]}',
      /table\.json: rows\.1\.size: .*, but -2 was given$/,
    ],
    [
      "has an unknown field",
      '{"format": "table 1", "rows": [{"name": "a", "size": 1, "weight": 2}]}',
      /table\.json: rows\.0: Unrecognized key: "weight"$/,
    ],
    [
      "has a value too long to show",
      `{"format": "${"x".repeat(500)}", "rows": []}`,
      /but "x{79}… was given$/,
    ],
  ] as const
) {
  Deno.test(`a file that ${fault} is refused`, () => {
    withText(text, (path) => {
      assert.throws(() => readJson(path, SCHEMA, "a table"), { name: "JsonFileError", message });
    });
  });
}

Deno.test("a file that is missing is refused", () => {
  assert.throws(() => readJson("/nowhere/table.json", SCHEMA, "a table"), {
    name: "JsonFileError",
    message: /^\/nowhere\/table\.json can't be read as a table: /,
  });
});

Deno.test("lines are read one by one, and a fault is told with its line", () => {
  const size = z.int().positive();
  withText("1\n\n2\n", (path) => assert.deepEqual(readJsonLines(path, size, "sizes"), [1, 2]));
  withText("1\n\n-2\n", (path) => {
    assert.throws(() => readJsonLines(path, size, "sizes"), {
      name: "JsonFileError",
      message: /table\.json, line 3: .*, but -2 was given$/,
    });
  });
  withText("1\n2", (path) => assert.deepEqual(readJsonLines(path, size, "sizes"), [1, 2]));
});
