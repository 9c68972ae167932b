/** The two tables of the study, over runs that differ only in axes that are averaged, to read and to copy. */

import { readDataSetIndex } from "../../data/data_set_index.ts";
import { EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../evaluate/evaluation_file.ts";
import { copies } from "../page/copies.ts";
import { type EvaluatedRun, evaluatedRuns, missingReason } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { data, evaluations } from "../page/inputs.ts";
import { defineSection } from "../page/section.ts";
import { csvTable } from "../tables/csv.ts";
import { markdownTable } from "../tables/markdown.ts";
import { paperLatex, type PaperTable, paperTable } from "../tables/paper_table.ts";
import { variantsOf } from "../tables/variants.ts";

const TABLES = [
  { name: "Table I", what: "Performance and compactness", columns: PERFORMANCE_COLUMNS },
  {
    name: "Table II",
    what: "Contrastivity and complexity of the explanations",
    columns: EXPLANATION_COLUMNS,
  },
];

/** The tables of the study; nothing if there are variants. */
export default defineSection({
  id: "tables",
  name: "Tables",
  inputs: { data, evaluations },
  render(files, { model, average }) {
    const runs = evaluatedRuns(files);
    if (variantsOf(runs, average).variants.length > 1) return undefined; // They are compared in a section of their own.
    const row = `${model}, ${files.content("data", readDataSetIndex).name}`;
    return html`${TABLES.map((table) => tableFigure(runs, row, table))}`;
  },
});

function tableFigure(
  runs: readonly EvaluatedRun[],
  row: string,
  { name, what, columns }: typeof TABLES[number],
): Html {
  const finite = columns.filter((column) =>
    runs.every(({ evaluation }) => Number.isFinite(evaluation.results[column]))
  );
  const reasons = columns.filter((column) => !finite.includes(column)).map((column) =>
    `${column}: ${missingReason(runs, column)}`
  );
  if (finite.length === 0) {
    return html`<p class="none">${name} has no column: ${reasons.join("; ")}</p>`;
  }
  const results = runs.map(({ evaluation }) =>
    Object.fromEntries(finite.map((column) => [column, evaluation.results[column]]))
  );
  const table = paperTable({ [row]: results });
  const count = runs.length;
  return figure(
    html`<b>${name}.</b> ${what}: mean ± standard deviation over ${count} ${count === 1 ? "run" : "runs"}.${
      reasons.length > 0 && ` Left out: ${reasons.join("; ")}.`
    }`,
    html`
      <div class="scroll">
        <table>
          <thead>
            <tr><th></th>${finite.map((column) => html`<th>${column}</th>`)}</tr>
          </thead>
          <tbody><tr class="mean"><th>${row}</th>${finite.map((column) =>
            html`<td>${readable(table.rows.get(row)!.get(column)!)}</td>`
          )}</tr>${runs.map(({ label }, i) =>
            html`<tr><th>${label}</th>${
              finite.map((column) => html`<td>${results[i][column].toFixed(2)}</td>`)
            }</tr>`
          )}</tbody>
        </table>
      </div>${copies(name, {
        Markdown: markdownOf(table),
        LaTeX: paperLatex(table),
        CSV: csvTable([
          ["run", ...finite],
          ...runs.map(({ label }, i) => [label, ...Object.values(results[i])]),
        ]),
      })}
    `,
    [{ input: "evaluations" }],
  );
}

const readable = (cell: string) => cell.replace("$\\pm$", "±");

function markdownOf({ columns, rows }: PaperTable): string {
  return markdownTable([
    { header: "", text: [...rows.keys()] },
    ...columns.map((header) => ({
      header,
      text: [...rows.values()].map((cells) => readable(cells.get(header)!)),
    })),
  ]);
}
