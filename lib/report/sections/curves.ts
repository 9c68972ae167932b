/** Curves of loss and accuracy over the epochs of all phases, a line a run. */

import type { EpochRecord } from "../../models/training/state/epoch_record.ts";
import { readEpochs } from "../../models/training/state/state_files.ts";
import { lineChart, type Series } from "../charts/line_chart.ts";
import { figure } from "../page/figure.ts";
import { type Html, html } from "../page/html.ts";
import type { Labelled } from "../page/report_files.ts";
import { defineSection } from "../page/section.ts";

type Log = Labelled<readonly EpochRecord[]>;

const FIGURES = [
  { name: "loss", title: "Loss", percent: false },
  { name: "accuracy", title: "Accuracy", percent: true },
];

/** Loss and accuracy of every run by epoch. */
export default defineSection({
  id: "curves",
  name: "Training",
  inputs: { logs: { about: "the epochs of each run", many: true, optional: true } },
  render: (files) => curvesFigure(files.contents("logs", readEpochs)),
});

function curvesFigure(logs: readonly Log[]): Html {
  const charts = FIGURES.map(({ name, title, percent }) => {
    const series = logs.flatMap(({ label, content }, colour) =>
      linesOf(name, label, content, colour, percent)
    );
    const yLabel = percent ? `${title.toLowerCase()} (%)` : title.toLowerCase();
    const chart = lineChart({
      title,
      xLabel: "epoch",
      yLabel,
      series,
      yFrom: 0,
      ...(percent && { yTo: 100 }),
    });
    return html`<div>${chart}</div>`;
  });
  return figure(
    html`<b>Curves.</b> Means over the batches of each epoch${
      phases(logs)
    }; dashed: validation on held-out views.`,
    html`<div class="pair">${charts}</div>`,
    [{ input: "logs" }],
  );
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
