/** The header of the page: the data set, the number of runs, and the main figures. */

import { readDataSetIndex } from "../data/data_set_index.ts";
import { readPrototypes } from "../models/projection/prototype_list.ts";
import { evaluatedRuns } from "./page/evaluated_runs.ts";
import { type Html, html } from "./page/html.ts";
import type { ReportOptions } from "./page/section.ts";
import type { ReportFiles } from "./page/report_files.ts";
import { plainAccuracy } from "./page/run_figures.ts";
import { comparePublished, printed } from "./published/compare_published.ts";
import { format2 } from "./tables/number_text.ts";
import { variantsOf } from "./tables/variants.ts";

/** The numbers of rows, data sets and runs of a study. */
export function studyHeader(files: ReportFiles<"data" | "evaluations">, { titles }: ReportOptions): Html {
  const rows = files.rows(titles);
  const names = new Set(files.contents("data", readDataSetIndex).map(({ content }) => content.name));
  return html`<dl class="facts">${fact("Rows", rows.length, "of the tables")}${
    fact("Data sets", names.size, [...names].join(", "))
  }${fact("Runs", files.count("evaluations"), "of all rows")}</dl>`;
}

const FIGURES = ["top-3 Accuracy", "F1 score", "Object Overlap"];

/** Main figures, their means over all runs unless there are variants. */
export function header(
  files: ReportFiles<"data" | "evaluations" | "prototypes">,
  { model, average }: ReportOptions,
): Html {
  const { name, classes, samples } = files.content("data", readDataSetIndex);
  const train = samples.filter(({ split }) => split === "train").length;
  const runs = evaluatedRuns(files);
  const isComparison = variantsOf(runs, average).variants.length > 1;
  const valuesOf = (column: string) => runs.map(({ evaluation }) => evaluation.results[column]);
  const plain = comparePublished(runs.map(({ evaluation }) => plainAccuracy(evaluation)), undefined, "").ours;
  const shown = files.has("prototypes") && files.content("prototypes", readPrototypes);
  return html`
    <p>${model}, ${name}: ${classes.length} classes, ${train} training images, ${samples.length -
      train} test images, ${runs.length} ${runs.length === 1 ? "run" : "runs"}.</p>
    <dl class="facts">${isComparison
      ? undefined
      : html`${
        meanFact("Balanced accuracy", valuesOf("Accuracy"), plain && `plain accuracy ${printed(plain)}`)
      }${FIGURES.map((column) => meanFact(column, valuesOf(column)))}`}${fact(
        "Classes",
        classes.length,
        `${samples.length} images`,
      )}${shown && fact("Prototypes", shown.length, "of one run")}</dl>
  `;
}

/** Undefined if the figure of a run is not finite. */
function meanFact(name: string, values: readonly number[], more?: string): Html | undefined {
  const { ours } = comparePublished(values, undefined, "");
  if (!ours) return undefined;
  const spread = ours.std === undefined ? [] : [`± ${format2(ours.std)}`];
  return fact(name, format2(ours.mean), [...spread, ...(more === undefined ? [] : [more])].join("; "));
}

function fact(name: string, value: string | number, more: string): Html {
  return html`
    <div>
      <dt>${name}</dt>
      <dd>${value}<small>${more}</small></dd>
    </div>
  `;
}
