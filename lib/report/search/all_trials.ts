/** All trials of a search as a table to read and to copy. */

import { trialRows, trialTable } from "../../tuning/trial_table.ts";
import { copies } from "../page/copies.ts";
import { figure } from "../page/figure.ts";
import { html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import type { SectionWithFiles } from "../page/section.ts";
import { csvTable } from "../tables/csv.ts";
import type { FinishedSearch } from "./finished_search.ts";

const FILE = "trials.csv";

/** The table is a file beside the page as well. */
export function allTrials({ trials, direction }: FinishedSearch): SectionWithFiles {
  const [header, ...rows] = trialRows(trials, direction);
  const csv = csvTable([header, ...rows]);
  // Names and values hold neither tabs nor line breaks, but choices may.
  const tsv = [header, ...rows].map((cells) => cells.map((cell) => cell.replaceAll(/\s/g, " ")).join("\t"));
  const content = figure(
    html`
      <b>All trials</b> in the order of the search, with the best objective so far. <a
        href="${FILE}">As a file</a>.
    `,
    html`${
      scrolledTable(
        header,
        rows.map(([trial, ...cells]) =>
          html`<tr><th scope="row">${trial}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>`
        ),
      )
    }${copies("all trials", { TSV: tsv.join("\n"), Markdown: trialTable(trials, direction), CSV: csv })}`,
    [{ input: "trials" }],
    "table",
  );
  return { content, files: { [FILE]: csv } };
}
