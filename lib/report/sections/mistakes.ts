/** What the model gets wrong: all mistakes, which classes it confuses, and its accuracy by class. */

import type { Evaluation } from "../../evaluate/evaluation_file.ts";
import { chosenSamples, marginOf, mistakesOf } from "../page/chosen_samples.ts";
import { evaluatedRuns } from "../page/evaluated_runs.ts";
import { figure } from "../page/figure.ts";
import { className, type Html, html } from "../page/html.ts";
import { scrolledTable } from "../page/scrolled_table.ts";
import { evaluations } from "../page/inputs.ts";
import { defineSection } from "../page/section.ts";
import { classResults, type Confusion, confusionCsv, confusions } from "../tables/confusion.ts";

const FILE = "values/confusion.csv";

/** Of the first run; the confusions of all runs are in a file. */
export default defineSection({
  id: "mistakes",
  name: "Mistakes",
  inputs: { evaluations },
  render(files, { images }) {
    const runs = evaluatedRuns(files);
    const [{ label, evaluation }] = runs;
    return {
      content: html`${mistakesTable(label, evaluation, images)}${confusionTable(label, evaluation)}${
        classTable(label, evaluation)
      }`,
      files: { [FILE]: confusionCsv(runs) },
    };
  },
});

const ORIGIN = [{ input: "evaluations", at: 0 }] as const;

function mistakesTable(label: string, evaluation: Evaluation, shownImages: number): Html {
  const { classes, samples } = evaluation;
  const mistakes = mistakesOf(evaluation);
  const wrong = samples.filter(({ isCorrect }) => !isCorrect).length;
  if (wrong === 0) {
    return html`<p>All ${samples.length} images of the run ${label} are classified correctly.</p>`;
  }
  const explained = new Set(chosenSamples(evaluation, shownImages));
  return figure(
    html`<b>All ${wrong} mistakes</b> of the run ${label} in ${samples.length} images, sorted by their margin: by how much the logit of the predicted class exceeds that of the image’s own. Linked images are explained below.`,
    scrolledTable(
      ["image", "class", "predicted", "margin"],
      mistakes.map((sample) => {
        const { id, name, label, classes: [first] } = sample;
        const title = explained.has(sample) ? html`<a href="#decision-${id}">${name}</a>` : name;
        return html`
          <tr>
            <th scope="row">${title}</th>
            <td>${className(classes[label])}</td>
            <td>${className(classes[first.label])}</td>
            <td>${marginOf(sample).toFixed(2)}</td>
          </tr>
        `;
      }),
      { style: "mistakes" },
    ),
    ORIGIN,
    "table",
  );
}

/** With more classes than these, confused pairs are listed instead of a matrix. */
const MOST_COLUMNS = 25;
const LISTED = 50;

function confusionTable(label: string, evaluation: Evaluation): Html {
  const found = confusions(evaluation);
  return evaluation.classes.length <= MOST_COLUMNS
    ? confusionMatrix(label, evaluation, found)
    : confusedPairs(label, evaluation, found);
}

function confusionMatrix(label: string, { classes, samples }: Evaluation, found: readonly Confusion[]): Html {
  const most = Math.max(1, ...found.map(({ count }) => count));
  const countAt = new Map(found.map(({ label, predicted, count }) => [`${label} ${predicted}`, count]));
  const cell = (own: number, predicted: number) => {
    const count = countAt.get(`${own} ${predicted}`) ?? 0;
    const style = `--share:${Math.round(60 * count / most)}%`;
    return html`<td class="${
      count === 0 ? "zero" : own === predicted ? "hit" : "miss"
    }" style="${style}">${count}</td>`;
  };
  return figure(
    html`
      <b>Confusion matrix</b> of the run ${label}: a row for the class of the ${samples
        .length} images, a column for the predicted one. <a
        href="${FILE}">The confusions of all runs</a>.
    `,
    scrolledTable(
      ["class", ...classes.map((name) => html`<th scope="col">${className(name)}</th>`)],
      classes.map((name, own) =>
        html`<tr><th scope="row">${className(name)}</th>${
          classes.map((_, predicted) => cell(own, predicted))
        }</tr>`
      ),
      { style: "confusion" },
    ),
    ORIGIN,
    "table",
  );
}

function confusedPairs(label: string, { classes }: Evaluation, found: readonly Confusion[]): Html {
  const pairs = found.filter(({ label, predicted }) => label !== predicted);
  return figure(
    html`
      <b>Confused classes</b> of the run ${label}: the ${Math.min(LISTED, pairs.length)} of ${pairs
        .length} pairs with the most images. <a
        href="${FILE}">The confusions of all runs</a>.
    `,
    scrolledTable(
      ["class", "predicted", "images"],
      pairs.slice(0, LISTED).map(({ label, predicted, count }) =>
        html`
          <tr>
            <th scope="row">${className(classes[label])}</th>
            <td>${className(classes[predicted])}</td>
            <td>${count}</td>
          </tr>
        `
      ),
    ),
    ORIGIN,
    "table",
  );
}

function classTable(label: string, evaluation: Evaluation): Html {
  const results = classResults(evaluation).sort((a, b) => a.accuracy - b.accuracy);
  return figure(
    html`<b>Accuracy by class</b> of the run ${label}, the lowest first: the percentage of a class’s images that are classified correctly, and of the images classified as it that are of it.`,
    scrolledTable(
      ["class", "images", "correct", "accuracy ↑", "precision ↑", "most often taken for"],
      results.map(({ label, images, correct, accuracy, precision, takenFor }) =>
        html`
          <tr>
            <th scope="row">${className(evaluation.classes[label])}</th>
            <td>${images}</td>
            <td>${correct}</td>
            <td>${(100 * accuracy).toFixed(1)}</td>
            <td>${precision === undefined ? "–" : (100 * precision).toFixed(1)}</td>
            <td>${takenFor === undefined ? "–" : className(evaluation.classes[takenFor])}</td>
          </tr>
        `
      ),
    ),
    ORIGIN,
    "table",
  );
}
