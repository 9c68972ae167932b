/** The two tables of one row, over runs that differ only in axes that are averaged, to read and to copy. */

import { readDataSetIndex } from "../../data/data_set_index.ts";
import { copies } from "../page/copies.ts";
import { type EvaluatedRun, evaluatedRuns, missingReason } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { definitions, metricHead } from "../page/metric_facts.ts";
import { plainAccuracy } from "../page/run_figures.ts";
import { data, evaluations } from "../page/inputs.ts";
import { defineSection, type SectionWithFiles } from "../page/section.ts";
import {
  type ComparedCell,
  comparePublished,
  printed,
  printedDeviation,
} from "../published/compare_published.ts";
import { comparisonFile, type PlacedCell } from "../published/comparison_file.ts";
import { publishedCell } from "../published/published_figures.ts";
import { csvTable } from "../tables/csv.ts";
import { markdownTable } from "../tables/markdown.ts";
import { paperLatex, type PaperTable, paperTable } from "../tables/paper_table.ts";
import { runStatistics, statisticsLatex, statisticsMarkdown } from "../tables/statistics.ts";
import { variantsOf } from "../tables/variants.ts";
import { PAPER_TABLES } from "../tables/paper_tables.ts";
import { valuesPlace } from "./values.ts";

/** The tables; nothing if there are variants. */
export default defineSection({
  id: "tables",
  name: "Tables",
  inputs: { data, evaluations },
  render(files, { model, average, titles }) {
    const runs = evaluatedRuns(files);
    if (variantsOf(runs, average).variants.length > 1) return undefined; // They are compared in a section of their own.
    const title = `${model}, ${files.content("data", readDataSetIndex).name}`;
    const [{ row }] = files.rows(titles);
    const shown = PAPER_TABLES.map((table) => tableFigure(runs, title, row, table));
    return {
      content: html`${shown.map(({ content }) => content)}`,
      files: {
        "published.json": comparisonFile(shown.flatMap(({ cells }) => cells)),
        ...Object.assign({}, ...shown.map(({ files }) => files)),
      },
    };
  },
});

/** A table with its files and the cells that are compared with published ones. */
interface ShownTable extends SectionWithFiles {
  readonly cells: readonly PlacedCell[];
}

/** @param published the name of the published row, if there is one */
function tableFigure(
  runs: readonly EvaluatedRun[],
  row: string,
  published: string | undefined,
  { name, file, what, columns }: typeof PAPER_TABLES[number],
): ShownTable {
  const cells = published === undefined ? [] : columns.map((column): PlacedCell => ({
    row: published,
    column,
    ...comparePublished(
      runs.map(({ evaluation }) => evaluation.results[column]),
      publishedCell(published, column),
      missingReason(runs, column),
    ),
  }));
  const finite = columns.filter((column) =>
    runs.every(({ evaluation }) => Number.isFinite(evaluation.results[column]))
  );
  const reasons = columns.filter((column) => !finite.includes(column)).map((column) =>
    `${column}: ${missingReason(runs, column)}`
  );
  if (finite.length === 0) {
    const content = html`<p class="none">${name} has no column: ${reasons.join("; ")}</p>`;
    return { content, files: {}, cells };
  }
  const results = runs.map(({ evaluation }) =>
    Object.fromEntries(finite.map((column) => [column, evaluation.results[column]]))
  );
  const plain = comparePublished(runs.map(({ evaluation }) => plainAccuracy(evaluation)), undefined, "").ours;
  const table = paperTable({ [row]: results });
  const count = runs.length;
  const texts = {
    Markdown: markdownOf(table),
    LaTeX: paperLatex(table),
    CSV: csvTable([
      ["run", ...finite],
      ...runs.map(({ label }, i) => [label, ...Object.values(results[i])]),
    ]),
  };
  const content = figure(
    html`<b>${name} of the paper</b>, ${what}: ${
      count === 1 ? "the figures of one run" : `mean ± standard deviation over ${count} runs`
    }.${reasons.length > 0 && ` Left out: ${reasons.join("; ")}.`}`,
    html`
      ${scrolledTable(
        ["model", ...finite.map(metricHead)],
        html`<tr class="mean"><th scope="row">${row}</th>${
          finite.map((column) =>
            html`<td><a href="#${valuesPlace(column)}">${readable(table.rows.get(row)!.get(column)!)}</a>${
              column === "Accuracy" && plain && html`<small>plain ${printed(plain)}</small>`
            }</td>`
          )
        }</tr>${
          publishedLine(
            finite.map((column) => cells.find((cell) => cell.column === column)),
          )
        }${
          count > 1 &&
          runs.map(({ label }, i) =>
            html`<tr><th scope="row">${label}</th>${
              finite.map((column) => html`<td>${results[i][column].toFixed(2)}</td>`)
            }</tr>`
          )
        }`,
      )}${definitions(finite)}${copies(name, texts)}
    `,
    [{ input: "evaluations" }],
    "table",
  );
  return {
    content,
    cells,
    files: {
      [`tables/${file}.md`]: `${texts.Markdown}\n`,
      [`tables/${file}.tex`]: texts.LaTeX,
      [`tables/${file}.csv`]: texts.CSV,
      ...(count > 1 && statisticsFiles(file, results)),
    },
  };
}

/** Count, mean, standard deviation, minimum, quartiles and maximum of each figure over the runs. */
function statisticsFiles(file: string, results: readonly Record<string, number>[]): Record<string, string> {
  const statistics = runStatistics(results);
  return {
    [`tables/${file}-statistics.md`]: `${statisticsMarkdown(statistics)}\n`,
    [`tables/${file}-statistics.tex`]: statisticsLatex(statistics),
  };
}

/** The published figures below ours; nothing if the paper has none of them. */
function publishedLine(cells: readonly (ComparedCell | undefined)[]): Html | undefined {
  if (!cells.some((cell) => cell?.verdict)) return undefined;
  return html`<tr class="published"><th scope="row">published</th>${
    cells.map((cell) =>
      html`<td class="${cell?.verdict ?? ""}">${cell?.published ? printed(cell.published) : "–"}${
        cell?.sigmas !== undefined && html`<small>${printedDeviation(cell.sigmas)}</small>`
      }${cell?.verdict && html`<small class="verdict">${cell.verdict}</small>`}</td>`
    )
  }</tr>`;
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
