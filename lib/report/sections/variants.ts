/** The variants of an experiment in one table of all figures, to read and to copy. */

import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../evaluate/evaluation_file.ts";
import { copies } from "../page/copies.ts";
import { type EvaluatedRun, evaluatedRuns, missingReason } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { definitions, metricFacts, metricHead } from "../page/metric_facts.ts";
import { evaluations } from "../page/inputs.ts";
import { defineSection } from "../page/section.ts";
import {
  type ComparedFigure,
  compareVariants,
  type Comparison,
  comparisonLatex,
  comparisonMarkdown,
  figureText,
} from "../tables/comparison.ts";
import { csvTable } from "../tables/csv.ts";
import { format2 } from "../tables/number_text.ts";
import { type Variants, variantsOf } from "../tables/variants.ts";

const COLUMNS = [...PERFORMANCE_COLUMNS, ...EXPLANATION_COLUMNS];

const LOWER_IS_BETTER: ReadonlySet<string> = new Set(
  COLUMNS.filter((column) => metricFacts(column)?.better === "lower"),
);

/** The comparison of variants; nothing if there is only one. */
export default defineSection({
  id: "variants",
  name: "Variants",
  inputs: { evaluations },
  render(files, { average }) {
    const found = variantsOf(evaluatedRuns(files), average);
    return found.variants.length > 1 ? variantsFigure(found) : undefined;
  },
});

/** @param variants several, which are compared with the first */
export function variantsFigure({ axes, variants }: Variants<EvaluatedRun>): Html {
  const results = variants.map(({ place, runs }) => ({
    place,
    runs: runs.map(({ evaluation }) => evaluation.results),
  }));
  const all = compareVariants(axes, results, COLUMNS, LOWER_IS_BETTER);
  const isShown = COLUMNS.map((_, i) => all.rows.some(({ cells }) => cells[i]));
  const shown = <T>(columns: readonly T[]) => columns.filter((_, i) => isShown[i]);
  const comparison: Comparison = {
    axes,
    columns: shown(all.columns),
    rows: all.rows.map(({ place, cells }) => ({ place, cells: shown(cells) })),
  };
  const runs = variants.flatMap((variant) => variant.runs);
  const reasons = COLUMNS.filter((_, i) => !isShown[i]).map((column) =>
    `${column}: ${missingReason(runs, column)}`
  );
  const hasSpread = variants.some(({ runs }) => runs.length > 1);
  return figure(
    html`<b>Variants.</b> The figures of Tables I and II${
      hasSpread && ", mean ± standard deviation over the runs of each variant"
    }; below each figure its change from the first row. The best figure of each column is marked; the arrow says whether higher or lower is better.${
      reasons.length > 0 && ` Left out: ${reasons.join("; ")}.`
    }`,
    html`${comparisonTable(comparison)}${definitions(comparison.columns)}${
      copies("variants", {
        Markdown: comparisonMarkdown(comparison),
        LaTeX: comparisonLatex(comparison),
        CSV: csvTable([
          [...axes, "run", ...comparison.columns],
          ...variants.flatMap(({ place, runs }) =>
            runs.map(({ label, evaluation }) => [
              ...place,
              label,
              ...comparison.columns.map((column) => evaluation.results[column] ?? ""),
            ])
          ),
        ]),
      })
    }`,
    [{ input: "evaluations" }],
    "table",
  );
}

function comparisonTable({ axes, columns, rows }: Comparison): Html {
  return scrolledTable(
    [...axes.map((axis) => html`<th class="place">${axis}</th>`), ...columns.map(metricHead)],
    rows.map(({ place, cells }, row) =>
      html`<tr>${place.map((value) => html`<th class="place">${value}</th>`)}${
        cells.map((cell) => comparisonCell(cell, row > 0))
      }</tr>`
    ),
    { style: "variants" },
  );
}

function comparisonCell(cell: ComparedFigure | undefined, isCompared: boolean): Html {
  if (!cell) return html`<td>–</td>`;
  const text = html`${figureText(cell)}${
    isCompared && cell.change !== undefined && html`<small>${signed(cell.change)}</small>`
  }`;
  return cell.isBest ? html`<td class="best">${text}</td>` : html`<td>${text}</td>`;
}

/** `+1.25`, `-1.25`; `=` where a change is rounded to nothing. */
function signed(change: number): string {
  const text = format2(change);
  if (Number(text) === 0) return "=";
  return change > 0 ? `+${text}` : text;
}
