/** Tables I and II over all rows of a study, each figure beside the published one. */

import { readDataSetIndex } from "../../data/data_set_index.ts";
import { copies } from "../page/copies.ts";
import { figuresOfRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { data, evaluations } from "../page/inputs.ts";
import { definitions, metricHead } from "../page/metric_facts.ts";
import type { RowFiles } from "../page/report_files.ts";
import { defineSection } from "../page/section.ts";
import { rowFolder } from "../page/row_page.ts";
import {
  type ComparedCell,
  comparePublished,
  type OwnFigure,
  printed,
  printedDeviation,
  type Verdict,
} from "../published/compare_published.ts";
import { comparisonFile } from "../published/comparison_file.ts";
import { type ReportedRow, type StudyTable, studyTable } from "../tables/study_table.ts";
import { studyTableFiles } from "../tables/table_files.ts";
import { PAPER_TABLES } from "../tables/paper_tables.ts";
import { valuesPlace } from "./values.ts";

/** One table row for each row of the study. */
export default defineSection({
  id: "study",
  name: "Tables",
  pages: ["study"],
  inputs: { data, evaluations },
  render(files, { titles }) {
    const rows = files.rows(titles).map((row) => studyRow(row, titles));
    const note = regionsNote(rows);
    const tables = PAPER_TABLES.map((table) => ({ ...table, table: studyTable(table.columns, rows) }));
    const cells = tables.flatMap(({ table: { columns, rows } }) =>
      rows.flatMap(({ name, cells }) => cells.map((cell, i) => ({ ...cell, row: name!, column: columns[i] })))
    );
    return {
      content: html`${summary(cells)}${
        tables.map(({ name, what, table, file }) =>
          tableFigure(name, what, shownColumns(table), file, note, rows.map(({ plain }) => plain))
        )
      }`,
      files: {
        "published.json": comparisonFile(cells),
        ...Object.assign({}, ...tables.map(({ file, table }) => studyTableFiles(file, table))),
      },
    };
  },
});

/** A row with what its explanations were measured by. */
interface MeasuredRow extends ReportedRow {
  readonly regions: ReadonlySet<string>;
  /** Plain accuracy, beside the balanced one of the table. */
  readonly plain?: OwnFigure;
}

function studyRow(
  { row, files }: RowFiles<"data" | "evaluations">,
  titles: Readonly<Record<string, string>>,
): MeasuredRow {
  const runs = figuresOfRuns(files);
  const model = titles[row!] ?? row!;
  const title = files.has("data") ? `${model}, ${files.content("data", readDataSetIndex).name}` : model;
  return {
    name: row,
    title,
    runs: runs.map(({ results }) => results),
    plain: comparePublished(runs.map(({ plainAccuracy }) => plainAccuracy), undefined, "").ours,
    regions: new Set(runs.flatMap(({ regions }) => regions ?? [])),
    missing: (column) =>
      runs.length === 0
        ? "the row was not run"
        : runs.find(({ omitted }) => column in omitted)?.omitted[column] ?? "it was not requested",
  };
}

/** The columns in which a row has a figure, or should have one. */
function shownColumns({ columns, rows }: StudyTable): StudyTable {
  const isShown = columns.map((_, i) => rows.some(({ cells }) => cells[i].ours ?? cells[i].verdict));
  const shown = <T>(all: readonly T[]) => all.filter((_, i) => isShown[i]);
  return { columns: shown(columns), rows: rows.map((row) => ({ ...row, cells: shown(row.cells) })) };
}

/** The figures whose meaning depends on what is compared. */
const OF_REGIONS = ["VLC", "Consistency"];

/** Says which rows are not comparable in some figures; undefined if all are. */
function regionsNote(rows: readonly MeasuredRow[]): string | undefined {
  const titlesOf = (wanted: string) =>
    rows.flatMap(({ title, regions }) => regions.has(wanted) ? [title] : []);
  const [masks, boxes] = [titlesOf("masks"), titlesOf("boxes")];
  if (masks.length === 0 || boxes.length === 0) return undefined;
  return `${OF_REGIONS.join(" and ")} compare masks in ${masks.join("; ")}, and boxes in ${
    boxes.join("; ")
  }: in these figures the former are not comparable with the latter.`;
}

const SAID: Readonly<Record<Verdict, string>> = {
  "reproduced": "reproduced, within two published standard deviations",
  "differs": "differ by more",
  "not run": "not run",
  "unknown": "with a published figure that has not been transcribed",
};

function summary(cells: readonly ComparedCell[]): Html | undefined {
  const counts = Object.entries(SAID).flatMap(([verdict, said]) => {
    const count = cells.filter((cell) => cell.verdict === verdict).length;
    return count > 0 ? [`${count} ${said}`] : [];
  });
  return counts.length > 0 ? html`<p>Against the paper: ${counts.join("; ")}.</p>` : undefined;
}

function tableFigure(
  name: string,
  what: string,
  table: StudyTable,
  file: string,
  note: string | undefined,
  plain: readonly (OwnFigure | undefined)[],
): Html {
  const isCompared = table.rows.some(({ cells }) => cells.some(({ verdict }) => verdict));
  return figure(
    html`<b>${name} of the paper</b>, ${what}: the mean over the runs of each row, ± standard deviation where there are several. A row leads to the page of its runs, a figure to the values behind it.${
      isCompared &&
      " Below each figure the published one, the difference in published standard deviations, and what it says."
    }${note !== undefined && OF_REGIONS.some((column) => table.columns.includes(column)) && ` ${note}`}`,
    html`
      ${scrolledTable(
        ["model", ...table.columns.map(metricHead)],
        table.rows.map(({ name, title, cells }, row) => {
          const isRun = cells.some(({ runs }) => runs > 0);
          const folder = rowFolder(name!);
          const place = (column: string) => isRun ? `${folder}index.html#${valuesPlace(column)}` : undefined;
          return html`<tr><th scope="row">${linked(title, isRun ? `${folder}index.html` : undefined)}</th>${
            cells.map((cell, i) =>
              studyCell(
                cell,
                place(table.columns[i]),
                table.columns[i] === "Accuracy" ? plain[row] : undefined,
              )
            )
          }</tr>`;
        }),
        { style: "study" },
      )}${definitions(table.columns)}${copies(
        name,
        Object.fromEntries(
          Object.entries(studyTableFiles(file, table)).map((
            [path, text],
          ) => [FORMATS[path.split(".").at(-1)!], text]),
        ),
      )}
    `,
    [{ input: "evaluations" }],
    "table",
  );
}

const FORMATS: Readonly<Record<string, string>> = { md: "Markdown", tex: "LaTeX", csv: "CSV" };

/** A figure with the published one below it, and for accuracy the plain one. */
export function studyCell(cell: ComparedCell, href: string | undefined, plain?: OwnFigure): Html {
  const { ours, missing, published, sigmas, verdict } = cell;
  const own = ours ? linked(printed(ours), href) : html`<span title="${missing ?? ""}">–</span>`;
  return html`<td class="${(verdict ?? "").replace(" ", "-")}">${own}${
    plain && html`<small>plain ${printed(plain)}</small>`
  }${published && html`<small>${printed(published)}</small>`}${
    sigmas !== undefined && html`<small>${printedDeviation(sigmas)}</small>`
  }${verdict && html`<small class="verdict">${verdict}</small>`}</td>`;
}

function linked(text: string, href: string | undefined): Html {
  return href === undefined ? html`${text}` : html`<a href="${href}">${text}</a>`;
}
