/** Variants side by side: means and spread, what is the best, and the table as text. */

import assert from "node:assert/strict";
import {
  compareVariants,
  comparisonLatex,
  comparisonMarkdown,
} from "../../../lib/report/tables/comparison.ts";
import { latexText } from "../../../lib/report/tables/latex.ts";

const LOWER = new Set(["Size"]);

function rowsOf(results: readonly Record<string, number>[][], columns: readonly string[]) {
  const variants = results.map((runs, i) => ({ place: [`v${i}`], runs }));
  return compareVariants(["variant"], variants, columns, LOWER);
}

Deno.test("the best is the highest, or the lowest where that is better; like figures share it", () => {
  const { rows } = rowsOf([
    [{ A: 1.001, Size: 3, Same: 5 }],
    [{ A: 2.004, Size: 1, Same: 5 }],
    [{ A: 1.996, Size: 2, Same: 5 }],
  ], ["A", "Size", "Same"]);
  assert.deepEqual(rows.map(({ cells }) => cells.map((cell) => cell!.isBest)), [
    [false, false, false],
    [true, true, false],
    [true, false, false],
  ]);
  assert.deepEqual(rows.map(({ cells: [, size] }) => size), [
    { mean: 3, isBest: false, change: 0 },
    { mean: 1, isBest: true, change: -2 },
    { mean: 2, isBest: false, change: -1 },
  ]);
});

Deno.test("several runs have a spread; a figure that one of them lacks, or that is infinite, is left out", () => {
  const { rows } = rowsOf(
    [[{ A: 1, B: 1 }, { A: 3 }], [{ A: 2, B: Infinity }], [{ A: 0, B: 4 }]] as Record<string, number>[][],
    ["A", "B"],
  );
  assert.deepEqual(rows.map(({ cells }) => cells), [
    [{ mean: 2, std: Math.SQRT2, isBest: true, change: 0 }, undefined],
    [{ mean: 2, isBest: true, change: 0 }, undefined],
    [{ mean: 0, isBest: false, change: -2 }, { mean: 4, isBest: false }],
  ]);
});

Deno.test("text has a row for each variant, the best in bold", () => {
  const comparison = rowsOf([[{ A: 1 }, { A: 2 }], [{ A: 0.5 }], [{ A: NaN }]], ["A"]);
  assert.equal(
    comparisonMarkdown(comparison),
    [
      "| variant   | A               |",
      "|:----------|:----------------|",
      "| v0        | **1.50 ± 0.71** |",
      "| v1        | 0.50            |",
      "| v2        | –               |",
    ].join("\n"),
  );
  assert.equal(
    comparisonLatex({ ...comparison, axes: ["a_b"] }),
    [
      "\\begin{tabular}{ll}",
      "\\toprule",
      "a\\_b & A \\\\",
      "\\midrule",
      "v0 & \\textbf{1.50 $\\pm$ 0.71} \\\\",
      "v1 & 0.50 \\\\",
      "v2 & – \\\\",
      "\\bottomrule",
      "\\end{tabular}",
      "",
    ].join("\n"),
  );
});

Deno.test("what LaTeX would take for a command is printed as it reads", () => {
  assert.equal(
    latexText("\\input{x} 5% a_b~^ $#&"),
    "\\textbackslash{}input\\{x\\} 5\\% a\\_b\\textasciitilde{}\\textasciicircum{} \\$\\#\\&",
  );
});
