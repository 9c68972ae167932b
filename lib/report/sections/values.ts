/** The values behind the figures of the tables: of each image, and of each prototype. */

import type { EvaluatedSample, Evaluation } from "../../evaluate/evaluation_file.ts";
import { type EvaluatedRun, evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { className, type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { evaluations } from "../page/inputs.ts";
import { metricHead } from "../page/metric_facts.ts";
import { defineSection } from "../page/section.ts";
import { csvTable } from "../tables/csv.ts";

/** The values of the first run as tables, those of all runs as files. */
export default defineSection({
  id: "values",
  name: "Values",
  inputs: { evaluations },
  render(files) {
    const runs = evaluatedRuns(files);
    const figures = figuresOf(runs);
    return {
      content: html`${imagesTable(runs[0], figures)}${prototypesTable(runs[0])}`,
      files: { [IMAGES_FILE]: imagesCsv(runs, figures), [PROTOTYPES_FILE]: prototypesCsv(runs) },
    };
  },
});

const IMAGES_FILE = "values/images.csv";
const PROTOTYPES_FILE = "values/prototypes.csv";

/** The maximum number of rows of each table; the files have all. */
const LISTED = 300;

/** Figures that are made from prototypes, not from images. */
const OF_PROTOTYPES: ReadonlySet<string> = new Set(["Global Size", "Sparsity", "NPR", "Consistency"]);

/** The id of the table in which the values behind a figure are. */
export function valuesPlace(column: string): string {
  return OF_PROTOTYPES.has(column) ? "values-of-prototypes" : "values-of-images";
}

/** The figures to which images contribute, in the order in which they are met. */
function figuresOf(runs: readonly EvaluatedRun[]): string[] {
  const names = runs.flatMap(({ evaluation: { samples } }) =>
    samples.flatMap(({ values }) => Object.keys(values))
  );
  return [...new Set(names)];
}

function imagesTable({ label, evaluation }: EvaluatedRun, figures: readonly string[]): Html {
  const { samples, classes } = evaluation;
  return figure(
    html`
      <b>Values of the images</b> of the run ${label}, ${counted(samples.length)}. <a
        href="${IMAGES_FILE}">All images of all runs</a>.
    `,
    scrolledTable(
      [
        "image",
        "class",
        "predicted",
        "in top 3",
        ...figures
          .map(metricHead),
      ],
      samples.slice(0, LISTED).map((sample) =>
        html`
          <tr
            class="${sample.isCorrect ? "" : "wrong"}"><th>${sample.name}</th><td>${className(
              classes[sample.label],
            )}</td><td>${className(classes[sample.classes[0].label])}</td><td>${sample.isInTop3
              ? "yes"
              : "no"}</td>${figures.map((name) => html`<td>${valueText(sample, name)}</td>`)}</tr>
        `
      ),
      { id: "values-of-images" },
    ),
    [{ input: "evaluations", at: 0 }],
    "table",
  );
}

function valueText({ values }: EvaluatedSample, name: string): string {
  return name in values ? values[name].toFixed(2) : "–";
}

function prototypesTable({ label, evaluation }: EvaluatedRun): Html {
  const { prototypes, classes } = evaluation;
  return figure(
    html`
      <b>Values of the prototypes</b> of the run ${label}, ${counted(prototypes.length)}. <a
        href="${PROTOTYPES_FILE}">All prototypes of all runs</a>.
    `,
    scrolledTable(
      ["prototype", "class", "weight", "used by a class", "images that activate it", "Consistency ↑"],
      [...prototypes].sort((a, b) => Number(b.isActive) - Number(a.isActive)).slice(0, LISTED)
        .map(
          ({ prototype, label, weight, isActive, occurrences, consistency }) =>
            html`
              <tr>
                <th>${prototype}</th>
                <td>${label === undefined ? "–" : className(classes[label])}</td>
                <td>${weight.toFixed(2)}</td>
                <td>${isActive ? "yes" : "no"}</td>
                <td>${occurrences}</td>
                <td>${consistency === undefined ? "–" : consistency.toFixed(2)}</td>
              </tr>
            `,
        ),
      { id: "values-of-prototypes" },
    ),
    [{ input: "evaluations", at: 0 }],
    "table",
  );
}

function counted(count: number): string {
  return count > LISTED ? `${LISTED} of ${count}` : `all ${count}`;
}

function imagesCsv(runs: readonly EvaluatedRun[], figures: readonly string[]): string {
  return csvTable([
    ["run", "image", "class", "predicted", "is correct", "is in top 3", ...figures],
    ...runs.flatMap(({ label, evaluation: { samples, classes } }) =>
      samples.map(({ name, label: own, classes: [first], isCorrect, isInTop3, values }) => [
        label,
        name,
        classes[own],
        classes[first.label],
        Number(isCorrect),
        Number(isInTop3),
        ...figures.map((name) => values[name] ?? ""),
      ])
    ),
  ]);
}

function prototypesCsv(runs: readonly EvaluatedRun[]): string {
  const nameOf = (classes: Evaluation["classes"], label: number | undefined) =>
    label === undefined ? "" : classes[label];
  return csvTable([
    ["run", "prototype", "class", "weight", "is active", "images", "Consistency"],
    ...runs.flatMap(({ label, evaluation: { prototypes, classes } }) =>
      prototypes.map(({ prototype, label: own, weight, isActive, occurrences, consistency }) => [
        label,
        prototype,
        nameOf(classes, own),
        weight,
        Number(isActive),
        occurrences,
        consistency ?? "",
      ])
    ),
  ]);
}
