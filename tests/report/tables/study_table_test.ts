/** A table of the study in its three formats. */

import assert from "node:assert/strict";
import { studyCsv, studyLatex, studyMarkdown, studyTable } from "../../../lib/report/tables/study_table.ts";

const missing = () => "it was not requested";

const table = studyTable(
  ["Accuracy", "NPR"],
  [
    { name: "a", title: "A (SAM 2), cub200", runs: [{ Accuracy: 80 }, { Accuracy: 81 }], missing },
    { name: "b", title: "B", runs: [], missing },
    { title: "C_1", runs: [{ Accuracy: 1, NPR: 0.5 }], missing },
  ],
  (row, column) => column === "NPR" ? "none" : { mean: row === "a" ? 79 : 70, std: 0.5 },
);

Deno.test("a table of the study has a row for each model, with the published figures where there are any", () => {
  assert.deepEqual(table.rows.map(({ cells }) => cells.map(({ verdict }) => verdict)), [
    ["differs", undefined],
    ["not run", undefined],
    [undefined, undefined],
  ]);
  const lines = studyMarkdown(table).split("\n");
  assert.equal(lines.length, 5);
  assert.match(
    lines[2],
    /^\| A \(SAM 2\), cub200 \| 80\.50 ± 0\.71 \(published 79\.00 ± 0\.50: \+3\.00 σ, differs\) +\| – /,
  );
  assert.match(lines[3], /\| – \(published 70\.00 ± 0\.50: not run\)/);
  assert.match(lines[4], /\| 1\.00 +\| 0\.50 +\|/);
});

Deno.test("LaTeX has our figures alone; CSV has all numbers, a line for each cell", () => {
  const latex = studyLatex(table);
  assert.ok(latex.includes("A (SAM 2), cub200 & 80.50 $\\pm$ 0.71 & -- \\\\"), latex);
  assert.ok(latex.includes("C\\_1 & 1.00 & 0.50 \\\\"));
  const lines = studyCsv(table).split("\r\n");
  assert.equal(lines.length, 1 + 3 * 2 + 1);
  assert.equal(lines[1], 'a,"A (SAM 2), cub200",Accuracy,2,80.5,0.71,79,0.5,3,differs');
  assert.equal(lines[3], "b,B,Accuracy,0,,,70,0.5,,not run");
  assert.equal(lines[6], ",C_1,NPR,1,0.5,,,,,");
});
