/** Curves of loss and accuracy over the epochs of all phases, a line a run. */

import type { EpochRecord } from "../../models/training/state/epoch_record.ts";
import { lineChart, type Series } from "../charts/line_chart.ts";
import { figure, section } from "./figure.ts";
import { type Html, html } from "./html.ts";

export interface LabelledLog {
  readonly label: string;
  readonly epochs: readonly EpochRecord[];
}

const FIGURES = [
  { name: "loss", title: "Loss", percent: false },
  { name: "accuracy", title: "Accuracy", percent: true },
];

export function curvesSection(logs: readonly LabelledLog[]): Html {
  const charts = FIGURES.map(({ name, title, percent }) => {
    const series = logs.flatMap(({ label, epochs }, colour) => linesOf(name, label, epochs, colour, percent));
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
  return section(
    "curves",
    "Training",
    figure(
      html`<b>Curves.</b> Means over the batches of each epoch${
        phases(logs)
      }; dashed: on held-out views, where they were looked at.`,
      html`<div class="pair">${charts}</div>`,
      [{ input: "logs" }],
    ),
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

/** Where phases begin, by the first run. */
function phases(logs: readonly LabelledLog[]): string {
  const [{ epochs } = { epochs: [] as readonly EpochRecord[] }] = logs;
  const names = [...new Set(epochs.map(({ phase }) => phase))];
  const spans = names.map((name) => {
    const own = epochs.filter(({ phase }) => phase === name).map(({ epoch }) => epoch + 1);
    return `${name.replace("_", "-")} ${own[0]}–${own[own.length - 1]}`;
  });
  return spans.length > 0 ? ` (${spans.join(", ")})` : "";
}
