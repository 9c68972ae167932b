/** The page about predictions: of each photograph its classes, and why: this looks like that. It needs nothing else. */

import { decisionTable } from "../report/page/decision_table.ts";
import { htmlDocument } from "../report/page/document.ts";
import { className, type Html, html } from "../report/page/html.ts";
import { INTERACTION } from "../report/page/interaction.ts";
import { atMost, type Frame, glowing, picture } from "../report/page/pictures.ts";
import { scrolledTable } from "../report/page/scrolled_table.ts";
import { cellFrame } from "../report/page/view_pictures.ts";
import type { Image } from "../vision/image.ts";
import { prototypeWeights } from "../models/prototypes/prototype_weights.ts";
import type { PredictingModel } from "./made_model.ts";
import { ownerOf } from "./prediction_text.ts";
import type { PhotographPrediction } from "./predictor.ts";

const IMAGE_SIDE = 224;
const VIEW_SIDE = 112;
/** How many classes are listed. */
const LISTED = 5;

/** The page of one photograph; `overview` is the page that lists all, relative to it. */
export async function photographPage(
  model: PredictingModel,
  name: string,
  prediction: PhotographPrediction,
  overview?: string,
): Promise<string> {
  const { classes } = model.loaded.description;
  const nameOf = (label: number) => className(classes[label]);
  const [first, second] = prediction.classes;
  const small = atMost(prediction.image, IMAGE_SIDE);
  const { decision } = prediction;
  return page(
    name,
    html`
      ${overview && html`<p><a href="${overview}">All photographs</a></p>`}<h1>${name}</h1>
      <p>Classified as <b>${nameOf(first.label)}</b> with a probability of ${percent(first.probability)}.</p>
    `,
    html`
      <section id="classes">
        <h2>Classes</h2>
        <figure>
          <div class="row">
            <div class="whole">${await picture(small, name)}</div>
            ${classTable(prediction, nameOf)}
          </div>
          <figcaption>${modelText(model)}</figcaption>
        </figure>
      </section>
      ${decision && html`
        <section id="decision">
          <h2>This looks like that</h2>
          <figure>
            <div class="row">${decisionTable(
              decision,
              {
                classes: [nameOf(first.label), nameOf(second.label)],
                count: prototypeWeights(model.loaded.state).shape[1],
                shown: await shownLines(model, name, prediction, small),
              },
              `Why ${name} was classified as ${nameOf(first.label)} and not as ${nameOf(second.label)}`,
            )}</div>
            <figcaption><b>The decision</b> against the runner-up. Each prototype adds its similarity to the photograph times its weight for a class to the logit of the class; those are listed that set the two logits apart most, and the rest takes up the rounding. On the left what of the photograph is most similar to the prototype, framed, and the relevant pixels; on the right a training image that shows the prototype.</figcaption>
          </figure>
        </section>
      `}
    `,
  );
}

/** A line of the overview: a photograph, or why it could not be classified. */
export type OverviewLine =
  & { readonly name: string }
  & ({ readonly prediction: PhotographPrediction; readonly href: string } | { readonly problem: string });

/** The overview's row of a photograph, made while its pixels are there. */
export async function overviewRow(model: PredictingModel, line: OverviewLine): Promise<Html> {
  if ("problem" in line) {
    return html`
      <tr class="wrong">
        <th scope="row">${line.name}</th>
        <td colspan="3">${line.problem}</td>
      </tr>
    `;
  }
  const { name, prediction, href } = line;
  const [first, second] = prediction.classes;
  const { classes } = model.loaded.description;
  return html`
    <tr>
      <th scope="row"><a href="${href}">${name}</a><div class="views">${await picture(
        atMost(prediction.image, VIEW_SIDE),
        name,
      )}</div></th>
      <td>${className(classes[first.label])}</td>
      <td>${percent(first.probability)}</td>
      <td>${second ? `${className(classes[second.label])}, ${percent(second.probability)}` : ""}</td>
    </tr>
  `;
}

/** The page that lists all photographs. */
export function overviewPage(model: PredictingModel, rows: readonly Html[]): string {
  const title = `${rows.length} photographs`;
  return page(
    title,
    html`
      <h1>${title}</h1>
      <p>${modelText(model)}</p>
    `,
    html`
      <section id="photographs">
        <h2>Photographs</h2>
        <figure>
          ${scrolledTable(["photograph", "class", "probability", "runner-up"], rows, { style: "decision" })}
        </figure>
      </section>
    `,
  );
}

function page(title: string, header: Html, main: Html): string {
  return htmlDocument({ title, header, main, script: INTERACTION }).text;
}

function modelText({ recipe, loaded: { description } }: PredictingModel): string {
  const { workflow, task, masks, views } = recipe;
  const seen = masks
    ? `sees ${views.numMasks} views through masks by ${masks.method.name}`
    : views.through === "object"
    ? "sees the object’s box"
    : "sees the whole photograph";
  return `The model ${description.model} of ${workflow}, ${task}, ${seen}.`;
}

function classTable({ classes }: PhotographPrediction, nameOf: (label: number) => string): Html {
  const rows = classes.slice(0, LISTED).map(({ label, probability, logit }) =>
    html`
      <tr>
        <th scope="row">${nameOf(label)}</th>
        <td>${percent(probability)}</td>
        <td>${logit.toFixed(2)}</td>
      </tr>
    `
  );
  return scrolledTable(["class", "probability", "logit"], rows);
}

/** The cells of the lines of a decision: where the photograph is like a prototype, and what the prototype stands for. */
async function shownLines(
  model: PredictingModel,
  name: string,
  { image, sample, views, decision, maps }: PhotographPrediction,
  small: Image,
): Promise<Html[]> {
  const order = [...new Set(sample.views)];
  const sources = new Map(model.gallery.shown.map((shown) => [shown.prototype, shown]));
  const lines: Html[] = [];
  for (const { prototype, view, cell } of decision?.prototypes ?? []) {
    const row = sample.views[view];
    const frame = cellFrame(frameOf(sample.rows[row].rectangle, image), cell);
    const map = maps.get(prototype);
    const seen = views[order.indexOf(row)];
    const source = sources.get(prototype);
    const owner = ownerOf(model, prototype);
    const there = source && await prototypePictures(model, source);
    lines.push(html`
      <td>
        <div class="views">${await picture(
          small,
          `${name}: framed is what is most similar to prototype ${prototype}`,
          frame,
        )}${await picture(
          atMost(map ? glowing(seen, map) : seen, VIEW_SIDE),
          `what the model sees there${map ? ", with the relevant pixels" : ""}`,
        )}</div>
      </td>
      <th scope="row">${there &&
        html`<div class="views">${there}</div>`}prototype ${prototype}${owner !== undefined &&
        ` of ${className(owner)}`}</th>
    `);
  }
  return lines;
}

async function prototypePictures(
  { gallery }: PredictingModel,
  { prototype, name, frame }: PredictingModel["gallery"]["shown"][number],
): Promise<Html> {
  const { image, view } = await gallery.pictures(prototype);
  return html`${await picture(image, `${name}: framed is prototype ${prototype}`, frame)}${await picture(
    view,
    `prototype ${prototype} in ${name}`,
  )}`;
}

function frameOf({ left, top, width, height }: Frame, image: Image): Frame {
  return {
    left: left / image.width,
    top: top / image.height,
    width: width / image.width,
    height: height / image.height,
  };
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}
