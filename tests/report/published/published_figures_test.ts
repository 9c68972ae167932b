/** The published tables: a line for every row of the study, each with a cell for every column. */

import assert from "node:assert/strict";
import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../../lib/evaluate/evaluation_file.ts";
import {
  parsePublishedCell,
  PUBLISHED_ROWS,
  publishedCell,
} from "../../../lib/report/published/published_figures.ts";
import { TABLE_I, TABLE_II } from "../../../lib/report/published/published_tables.ts";

Deno.test("both tables have the 24 rows, each with a readable cell for every column", () => {
  const inputs = ["sam2", "slit"];
  for (const model of ["pipnet", "protopnet", "protopool"]) inputs.push(model, `${model}-nc`);
  const rows = ["cub200", "dogs", "cars"].flatMap((data) => inputs.map((input) => `${data}-${input}`));
  assert.deepEqual(PUBLISHED_ROWS, rows);
  assert.deepEqual(Object.keys(TABLE_II), rows);
  for (const row of Object.values(TABLE_I)) assert.equal(row.length, PERFORMANCE_COLUMNS.length);
  for (const row of Object.values(TABLE_II)) assert.equal(row.length, EXPLANATION_COLUMNS.length);
  for (const row of rows) {
    for (const column of [...PERFORMANCE_COLUMNS, ...EXPLANATION_COLUMNS]) {
      const cell = publishedCell(row, column);
      assert.ok(cell !== undefined, `${row} ${column}`);
      if (typeof cell === "object") assert.ok(cell.std >= 0, `${row} ${column}`);
    }
  }
});

Deno.test("the paper has no figure of PIP-Net's prototype distances, nor of parts and objects but on CUB", () => {
  assert.equal(publishedCell("cub200-pipnet-nc", "Inter PD"), "none");
  assert.equal(publishedCell("dogs-sam2", "Consistency"), "none");
  assert.notEqual(publishedCell("cub200-sam2", "Consistency"), "none");
  assert.notEqual(publishedCell("dogs-protopool", "Intra PD"), "none");
});

Deno.test("a cell is read as printed; another form, row or column is no figure", () => {
  assert.deepEqual(parsePublishedCell("85.10 ± 0.25"), { mean: 85.1, std: 0.25 });
  assert.deepEqual(parsePublishedCell("2000 ± 0"), { mean: 2000, std: 0 });
  assert.deepEqual(parsePublishedCell("-0.12 ± 0.03"), { mean: -0.12, std: 0.03 });
  for (const text of ["85.10", "85,10 ± 0.25", "85.10 +- 0.25", ""]) {
    assert.throws(() => parsePublishedCell(text), RangeError);
  }
  assert.equal(publishedCell("cub200-resnet", "Accuracy"), undefined);
  assert.equal(publishedCell("cub200-sam2", "Loss"), undefined);
});
