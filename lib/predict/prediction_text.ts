/** Predictions as lines for people and as JSON for programs. */

import type { Decision } from "../evaluate/decisions.ts";
import { className } from "../report/page/html.ts";
import { fixedText, printedDecision } from "../report/page/decision_table.ts";
import { isProjectable } from "../models/prototypes/prototype_model.ts";
import type { PredictingModel } from "./made_model.ts";
import type { PhotographPrediction } from "./predictor.ts";

/** How many classes are listed. */
const LISTED = 5;

/** The class of a prototype by its name; undefined if classes share the prototypes. */
export function ownerOf(
  { loaded: { model, description } }: PredictingModel,
  prototype: number,
): string | undefined {
  return isProjectable(model) ? description.classes[model.prototypeClasses[prototype]] : undefined;
}

/** The lines about a photograph: its classes, and what the prototypes add to the logit of the first. */
export function predictionLines(
  model: PredictingModel,
  photograph: string,
  prediction: PhotographPrediction,
): string[] {
  const { classes } = model.loaded.description;
  const { decision } = prediction;
  const ranked = prediction.classes.slice(0, LISTED).map(({ label, probability, logit }) =>
    `  ${(100 * probability).toFixed(1).padStart(5)} %  ${className(classes[label])}  (logit ${
      logit.toFixed(2)
    })`
  );
  return [photograph, ...ranked, ...decision ? decisionLines(model, prediction, decision) : []];
}

function decisionLines(
  model: PredictingModel,
  { classes: [first, second] }: PhotographPrediction,
  decision: Decision,
): string[] {
  const { lines, rest, logits } = printedDecision(decision);
  const { classes } = model.loaded.description;
  const sources = new Map(model.gallery.shown.map(({ prototype, name }) => [prototype, name]));
  const [own, other] = [first, second].map(({ label }) => className(classes[label]));
  const both = ([one, two]: typeof rest) => `${fixedText(one)} to ${own} and ${fixedText(two)} to ${other}`;
  return [
    ...lines.map(({ prototype, score, contributions }) => {
      const owner = ownerOf(model, prototype);
      const of = owner === undefined ? "" : ` of ${className(owner)}`;
      const source = sources.get(prototype);
      const like = source === undefined ? "" : `, which looks like ${source},`;
      return `    prototype ${prototype}${of}${like} has a similarity of ${fixedText(score)} and adds ${
        both(contributions)
      }`;
    }),
    `    the others add ${both(rest)}: logits ${fixedText(logits[0])} and ${fixedText(logits[1])}`,
  ];
}

/** All of a prediction but its pictures. */
export function predictionJson(model: PredictingModel, photograph: string, prediction: PhotographPrediction) {
  const { classes } = model.loaded.description;
  const { image: { width, height }, sample, decision } = prediction;
  const sources = new Map(model.gallery.shown.map(({ prototype, name }) => [prototype, name]));
  return {
    photograph,
    width,
    height,
    classes: prediction.classes.map(({ label, ...rest }) => ({ label, name: classes[label], ...rest })),
    /** The rectangle of the photograph that each view shows. */
    views: sample.views.map((row) => sample.rows[row].rectangle),
    ...(decision && {
      decision: {
        ...decision,
        prototypes: decision.prototypes.map((line) => ({
          ...line,
          class: ownerOf(model, line.prototype),
          image: sources.get(line.prototype),
        })),
      },
    }),
  };
}
