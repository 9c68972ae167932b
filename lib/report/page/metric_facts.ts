/** What each figure means, in a sentence, and whether higher or lower is better. */

import { type Html, html } from "./html.ts";

/** A figure's definition. */
export interface MetricFacts {
  /** The direction in which it is better; some figures describe, and have none. */
  readonly better: "higher" | "lower" | "neither";
  readonly meaning: string;
}

const higher = (meaning: string): MetricFacts => ({ better: "higher", meaning });
const lower = (meaning: string): MetricFacts => ({ better: "lower", meaning });
const neither = (meaning: string): MetricFacts => ({ better: "neither", meaning });

/** "The k top prototypes" are those that an image is most similar to. */
const METRICS: Readonly<Record<string, MetricFacts>> = {
  "Accuracy": higher(
    "Balanced accuracy: the mean over the classes of the percentage of their images that are classified correctly; plain accuracy, the percentage of all images, stands below it.",
  ),
  "top-3 Accuracy": higher(
    "The percentage of images whose class is among the three with the highest logits, each class with the same weight.",
  ),
  "Precision": higher(
    "The percentage of the images classified as a class that are of it, each class with the same weight.",
  ),
  "Recall": higher(
    "The percentage of the images of a class that are classified as it, each class with the same weight.",
  ),
  "F1 score": higher(
    "The harmonic mean of precision and recall of each class, averaged over the classes, in percent.",
  ),
  "ROC AUC": higher(
    "The probability that an image of a class gets a higher score for it than an image of another class, averaged over the classes, in percent.",
  ),
  "Global Size": lower("The number of prototypes with a weight above 0 for some class."),
  "Local Size": lower("The mean number of prototypes whose similarity to an image is near the highest one."),
  "Sparsity": higher("The percentage of the weights between prototypes and classes that are 0."),
  "NPR": lower("The number of negative weights between prototypes and classes, per positive one."),
  "VLC": higher(
    "Visual location change: how little the relevant regions of an image’s top prototypes overlap, 100 % minus intersection over union.",
  ),
  "PLC": higher(
    "Prototype location change: the distance between the most similar places of an image’s top prototypes.",
  ),
  "PALC": higher(
    "Prototype activation location change: how little the places overlap that are similar to an image’s top prototypes, in percent.",
  ),
  "Intra PD": higher("The mean cosine distance between the vectors of an image’s top prototypes."),
  "Inter PD": higher("The mean cosine distance between the top prototypes of images of different classes."),
  "entropy": higher(
    "The entropy in bits of a prototype’s similarities over the images, averaged over the prototypes: how unevenly it responds.",
  ),
  "Object Overlap": higher(
    "The percentage of the object that the relevant regions of an image’s top prototypes cover.",
  ),
  "Background Overlap": lower(
    "The percentage of the relevant regions of an image’s top prototypes that lies on the background.",
  ),
  "IOR": higher(
    "Inside-outside relevance: the mean relevance on the object minus that on the background, at most 1.",
  ),
  "OIRR": lower(
    "Outside-inside relevance ratio: the mean relevance on the background divided by that on the object, in percent.",
  ),
  "IOU": higher("The intersection of the relevant regions with the object over their union, in percent."),
  "Consistency": higher(
    "The percentage of prototypes that point at the same part in most images where they are among the top.",
  ),
};

const CHANGES: Readonly<Record<string, string>> = {
  "VLC": "the relevant regions of an image’s top prototypes move",
  "VAC": "the relevance of an image’s top prototypes changes",
  "PLC": "the most similar places of an image’s top prototypes move",
  "PALC": "the places that are similar to an image’s top prototypes change",
  "PAC": "the map of similarity to an image’s top prototypes changes",
  "PSC": "the similarity to an image’s top prototypes changes",
  "PRC": "the ranks of an image’s top prototypes change",
  "CAC": "the logits change",
  "CRC": "the rank of the predicted class changes",
};

/** The definition of a figure, by its name in an evaluation; undefined for names that no evaluation has. */
export function metricFacts(name: string): MetricFacts | undefined {
  const [prefix, change] = name.split(" ");
  if (change === "Stability" && prefix === "Continuity") {
    return higher(
      "The percentage of the parts that a prototype points at which are the same after small changes of the colours.",
    );
  }
  if (change in CHANGES && prefix === "Continuity") {
    return lower(`How much ${CHANGES[change]} after small changes of the image’s colours.`);
  }
  if (change in CHANGES && prefix === "Completeness") {
    return lower(`How much ${CHANGES[change]} when noise is added outside of the relevant region.`);
  }
  return METRICS[name];
}

/** ↑ where higher is better, ↓ where lower is. */
export function arrowOf(name: string): string {
  const { better } = metricFacts(name) ?? neither("");
  return better === "higher" ? " ↑" : better === "lower" ? " ↓" : "";
}

/** The name of a figure at the head of a column, with its direction. */
export function metricHead(name: string): Html {
  const isBalanced = name === "Accuracy";
  return html`<th scope="col" title="${metricFacts(name)?.meaning ?? ""}">${name}${arrowOf(name)}${
    isBalanced && html`<small>balanced</small>`
  }</th>`;
}

/** A list of definitions, below a table. */
export function definitions(names: readonly string[]): Html {
  return html`
    <details class="definitions">
      <summary>What the figures mean (↑ higher is better, ↓ lower is better)</summary>
      <dl>${names.map((name) => {
        const facts = metricFacts(name);
        return facts && html`
          <dt>${name}${arrowOf(name)}</dt>
          <dd>${facts.meaning}</dd>
        `;
      })}</dl>
    </details>
  `;
}
