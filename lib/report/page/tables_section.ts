/** The study's two tables over runs of the same, to read and to copy. */

import { type Evaluation, EXPLANATION_COLUMNS, PERFORMANCE_COLUMNS } from "../../evaluate/evaluation_file.ts";
import { csvTable } from "../tables/csv.ts";
import { markdownTable } from "../tables/markdown.ts";
import { paperLatex, type PaperTable, paperTable } from "../tables/paper_table.ts";
import { copies } from "./copies.ts";
import { figure, section } from "./figure.ts";
import { type Html, html } from "./html.ts";

/** An evaluation with the label of its run, such as `seed=4871`. */
export interface LabelledEvaluation {
  readonly label: string;
  readonly evaluation: Evaluation;
}

const TABLES = [
  { name: "Table I", what: "Performance and compactness", columns: PERFORMANCE_COLUMNS },
  {
    name: "Table II",
    what: "Contrastivity and complexity of the explanations",
    columns: EXPLANATION_COLUMNS,
  },
];

/** @param row the name of the tables' row: the model and the data set */
export function tablesSection(runs: readonly LabelledEvaluation[], row: string): Html {
  return section("tables", "Tables", ...TABLES.map((table) => tableFigure(runs, row, table)));
}

function tableFigure(
  runs: readonly LabelledEvaluation[],
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

/** Why a figure of the tables is not there, or not for all runs. */
export function missingReason(runs: readonly LabelledEvaluation[], column: string): string {
  const omitted = runs.find(({ evaluation }) => column in evaluation.omitted);
  if (omitted) return omitted.evaluation.omitted[column];
  return runs.some(({ evaluation }) => column in evaluation.results)
    ? "it is not finite"
    : "it was not asked for";
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
