/** Curves of loss and accuracy over the epochs of all phases, a line a run. */

import type { EpochRecord } from "../../models/training/state/epoch_record.ts";
import { readEpochs } from "../../models/training/state/state_files.ts";
import { lineChart, type Series } from "../charts/line_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import type { Labelled } from "../page/report_files.ts";
import { defineSection } from "../page/section.ts";

type Log = Labelled<readonly EpochRecord[]>;

/** What a curve shows, with an arrow to the better side. */
interface Curve {
  readonly name: string;
  readonly title: string;
  readonly yLabel: string;
  /** In percent, from 0 to 100. */
  readonly percent?: boolean;
}

const TOTAL: Curve = { name: "loss", title: "Loss, the weighted sum of its terms ↓", yLabel: "loss" };

const FIGURES: readonly Curve[] = [
  { name: "accuracy", title: "Accuracy ↑", yLabel: "accuracy (%)", percent: true },
  { name: "precision", title: "Precision ↑", yLabel: "precision (%)", percent: true },
  { name: "recall", title: "Recall ↑", yLabel: "recall (%)", percent: true },
  { name: "f1_score", title: "F1 score ↑", yLabel: "F1 score (%)", percent: true },
];

/** The terms of losses by their names in logs; others are called by their names. */
const TERMS: Readonly<Record<string, string>> = {
  classification_loss: "Classification loss: cross entropy of the classes ↓",
  cluster_cost: "Cluster cost: distance to the nearest prototype of the own class ↓",
  separation_cost: "Separation cost: distance to the nearest prototype of another class ↑",
  div_loss: "Diversity loss: likeness of the prototypes of a class ↓",
  l1: "L1: sum of the weights for other classes ↓",
  orthogonal_loss: "Orthogonality loss: likeness of the slots of a class ↓",
  align_loss: "Alignment loss: difference between two augmentations ↓",
  tanh_loss: "Tanh loss: prototypes that no image shows ↓",
  uniform_loss: "Uniformity loss: likeness of the images ↓",
};

/** The loss, its terms and the figures of every run by epoch. */
export default defineSection({
  id: "curves",
  name: "Training",
  inputs: { logs: { about: "the epochs of each run", many: true, optional: true } },
  render: (files) => curvesFigure(files.contents("logs", readEpochs)),
});

function curvesFigure(logs: readonly Log[]): Html {
  const charts = curvesOf(logs).map(({ name, title, yLabel, percent }) => {
    const series = logs.flatMap(({ label, content }, colour) =>
      linesOf(name, label, content, colour, percent === true)
    );
    const range = percent ? { yFrom: 0, yTo: 100 } : {};
    return html`<div>${lineChart({ title, xLabel: "epoch", yLabel, series, ...range })}</div>`;
  });
  return figure(
    html`<b>Curves.</b> The loss, each of its terms and the figures: means over the batches of each epoch${
      phases(logs)
    }; dashed: validation on held-out views. Pointer and arrow keys read the values.`,
    html`<div class="pair">${charts}</div>`,
    [{ input: "logs" }],
  );
}

/** The curves of which some run has values: the loss, its terms in the order of the logs, and figures. */
function curvesOf(logs: readonly Log[]): Curve[] {
  const names = new Set(
    logs.flatMap(({ content }) => content.flatMap(({ train }) => Object.keys(train))),
  );
  const known = new Set([TOTAL, ...FIGURES].map(({ name }) => name));
  const terms = [...names].filter((name) => !known.has(name)).map((name) => {
    const words = name.replaceAll("_", " ");
    return { name, title: TERMS[name] ?? words, yLabel: words };
  });
  return [TOTAL, ...terms, ...FIGURES].filter(({ name }) => names.has(name));
}

function linesOf(
  name: string,
  label: string,
  epochs: readonly EpochRecord[],
  colour: number,
  percent: boolean,
): Series[] {
  const scale = percent ? 100 : 1;
  const points = (part: "train" | "validation") =>
    epochs.flatMap((record): [number, number][] => {
      const value = record[part]?.[name];
      return value === undefined ? [] : [[record.epoch + 1, scale * value]];
    });
  const held = points("validation");
  return [
    { name: label, colour, points: points("train") },
    ...(held.length > 0 ? [{ name: `${label}, held out`, colour, dashed: true, points: held }] : []),
  ];
}

/** The epochs of each phase, by the first run. */
function phases([{ content: epochs }]: readonly Log[]): string {
  const names = [...new Set(epochs.map(({ phase }) => phase))];
  const spans = names.map((name) => {
    const own = epochs.filter(({ phase }) => phase === name).map(({ epoch }) => epoch + 1);
    return `${name.replace("_", "-")} ${own[0]}–${own[own.length - 1]}`;
  });
  return spans.length > 0 ? ` (${spans.join(", ")})` : "";
}
